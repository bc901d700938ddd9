import { existsSync } from "node:fs";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

/** Where Debian puts it; any other browser of the Chromium family may be named. */
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
const haveBrowser = existsSync(chromium);
if (!haveBrowser) {
  console.warn(
    `\n*** No Chromium at ${chromium}: THE BROWSER TESTS DO NOT RUN. Install it or set CHROMIUM. ***\n`,
  );
}

const node = {
  test: {
    name: "node",
    include: ["test/**/*.test.ts"],
    exclude: ["test/browser/**", "test/package/**", "test/page/**"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
};

/** The packed package in the hands of others. */
const packaged = {
  test: {
    name: "package",
    include: ["test/package/**/*.test.ts", "examples/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
};

/** The explorer page, built, in a browser. */
const page = {
  test: {
    name: "page",
    include: ["test/page/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
};

const browser = {
  // Pages may share memory with their workers.
  server: {
    headers: {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    },
  },
  test: {
    name: "browser",
    include: ["test/browser/**/*.test.ts"],
    testTimeout: 120_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: {
          executablePath: chromium,
          args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
        },
      }),
      instances: [{ browser: "chromium" as const }],
    },
  },
};

export default defineConfig({
  test: { projects: haveBrowser ? [node, packaged, page, browser] : [node, packaged] },
});
