/** The built page in a real browser. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import * as vite from "vite";
import { launch, type Site, serve } from "../package/browser.js";

/** What the page's own policy allows besides is forbidden by the server's: styles alone are set from scripts. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' blob: data:; worker-src 'self' blob:";

export interface Explorer {
  readonly browser: Browser;
  readonly url: string;
  close(): Promise<void>;
}

export async function startExplorer(): Promise<Explorer> {
  const folder = await mkdtemp(join(tmpdir(), "conntrack-page-"));
  const configFile = fileURLToPath(new URL("../../src/web/vite.config.ts", import.meta.url));
  await vite.build({ configFile, logLevel: "error", build: { outDir: folder } });
  const site: Site = await serve(folder, POLICY);
  const browser = await launch();
  return {
    browser,
    url: site.url,
    async close() {
      await browser.close();
      site.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A fresh page; what goes wrong in it is an error of the test. */
export async function open({ browser, url }: Explorer, link = "", options = {}): Promise<Page> {
  const context = await browser.newContext({
    locale: "en-GB",
    viewport: { width: 1400, height: 1000 },
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (error) => {
    throw error;
  });
  await page.goto(`${url}#${link}`);
  return page;
}

/** The bundled capture, shown. */
export async function openBundled(explorer: Explorer, link = "", options = {}): Promise<Page> {
  const page = await open(explorer, `capture=lab.pcap${link && `&${link}`}`, options);
  await page.getByRole("grid").getByRole("row").nth(1).waitFor();
  return page;
}

/** Lines of the table that are in sight, in their order. */
export async function shownLines(page: Page): Promise<string[]> {
  const rows = await page.getByRole("grid").locator(".body .row").allTextContents();
  return rows.filter((row) => row !== "");
}

/** "68 flows" or "8 of 68 flows", once it is that. */
export async function waitForCount(page: Page, words: string): Promise<void> {
  await page.locator(".table .head").getByText(words, { exact: true }).waitFor();
}
