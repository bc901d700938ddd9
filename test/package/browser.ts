/** Pages in a real browser, served under a strict Content-Security-Policy. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { type Browser, chromium } from "playwright-core";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const haveBrowser = existsSync(executablePath);

export const STRICT =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'";

export const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
};

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
}

export interface Site {
  readonly url: string;
  close(): void;
}

/** `isolated`: pages may share memory with their workers. */
export async function serve(folder: string, policy = STRICT, isolated = false): Promise<Site> {
  const server: Server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://host").pathname);
    try {
      const body = await readFile(join(folder, path.endsWith("/") ? `${path}index.html` : path));
      response.setHeader(
        "Content-Type",
        TYPES[extname(path)] ?? (path.endsWith("/") ? "text/html" : "application/octet-stream"),
      );
      response.setHeader("Content-Security-Policy", policy);
      if (isolated) for (const [name, value] of Object.entries(ISOLATED)) response.setHeader(name, value);
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** What the page has to say, in the attribute data-result of its root. */
export async function resultOf(browser: Browser, url: string): Promise<string> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  try {
    await page.goto(url);
    await page.waitForFunction(() => document.documentElement.dataset.result, undefined, { timeout: 30_000 });
    return (await page.evaluate(() => document.documentElement.dataset.result)) ?? "";
  } catch (error) {
    throw new Error(`${url}: ${complaints.join("; ")}`, { cause: error });
  } finally {
    await page.close();
  }
}
