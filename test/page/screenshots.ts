/** `npm run screenshots`: the pictures of the README, taken of the built page. */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { open, startExplorer } from "./page.js";

const explorer = await startExplorer();

async function take(
  name: string,
  link: string,
  colorScheme: "light" | "dark",
  prepare: (page: Page) => Promise<void>,
) {
  const page = await open(explorer, link, { colorScheme, viewport: { width: 1360, height: 860 } });
  await prepare(page);
  // Fonts and the chart come last.
  await page.waitForTimeout(500);
  await page.screenshot({ path: fileURLToPath(new URL(`../../docs/images/${name}.png`, import.meta.url)) });
  console.log(`docs/images/${name}.png`);
}

await take("explorer", "capture=lab.pcap", "light", async (page) => {
  await page.getByText("sport=48332").first().click();
  await page.locator(".packets td").first().waitFor();
});

await take("rules", "capture=lab.pcap&panel=rules", "dark", async (page) => {
  await page.getByRole("button", { name: "Example" }).click();
  await page.getByRole("button", { name: "Apply rules" }).click();
  await page.locator(".counted").first().waitFor();
  await page.locator("#details").evaluate((panel) => panel.scrollTo(0, 0));
});

await take("learn", "mode=learn&lesson=ftp-active", "light", async (page) => {
  for (let step = 0; step < 7; step++) await page.getByRole("button", { name: "Next step" }).click();
  await page.getByText("The expectation is used up").waitFor();
});

await explorer.close();
