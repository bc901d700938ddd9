/** Where the router runs: here, or in a page that has its packets over WebSockets. */
import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { chromium } from "playwright-core";
import { createServer } from "vite";
import { WebSocketServer } from "ws";
import type { Host } from "./host.js";
import { DEVICES, startMachine } from "./machine.js";
import { pairOf } from "./socket-streams.js";

export interface Router {
  /** As /proc/net/nf_conntrack has it. */
  table(): Promise<string>;
  close(): Promise<void>;
}

export type Hosts = Readonly<Record<keyof typeof DEVICES, Host>>;
const NAMES = Object.keys(DEVICES) as (keyof typeof DEVICES)[];

export async function routerHere(hosts: Hosts): Promise<Router> {
  const { firewall, stream } = await startMachine();
  for (const name of NAMES) hosts[name].plug(stream.port(name, DEVICES[name]));
  return {
    table: async () => firewall.conntrack.procNetNfConntrack(),
    close: async () => stream.close(),
  };
}

const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const haveBrowser = existsSync(BROWSER);

export async function routerInPage(hosts: Hosts): Promise<Router> {
  const root = new URL("../../..", import.meta.url).pathname;
  const vite = await createServer({
    root,
    configFile: false,
    logLevel: "error",
    cacheDir: `${root}/node_modules/.vite-router`,
    server: { host: "127.0.0.1", port: 0, ws: false, watch: null },
  });
  await vite.listen();
  const sockets = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  const browser = await chromium.launch({
    executablePath: BROWSER,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
  });
  const close = async () => {
    await browser.close();
    sockets.close();
    await vite.close();
  };
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    const plugged = new Promise<void>((resolve) => {
      let count = 0;
      sockets.on("connection", (socket, { url }) => {
        hosts[url?.slice(1) as keyof Hosts].plug(pairOf(socket));
        if (++count === NAMES.length) resolve();
      });
    });
    const [site] = vite.resolvedUrls?.local ?? [];
    await page.goto(`${site}test/e2e/router/page/?${(sockets.address() as AddressInfo).port}`);
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`the page did not start: ${errors.join("\n")}`)), 30_000).unref();
    });
    await Promise.race([plugged, late]);
    return { table: () => page.evaluate("window.table()") as Promise<string>, close };
  } catch (error) {
    await close();
    throw error;
  }
}
