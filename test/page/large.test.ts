/** A capture of 1.29 GB and a table of 200,000 rows: nobody is kept waiting. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LARGE, roomForLargeCapture, writeLargeCapture } from "../large-capture.js";
import { haveBrowser } from "../package/browser.js";
import { type Explorer, open, startExplorer, waitForCount } from "./page.js";
import { longestTask, peakMemory } from "./responsive.js";

const possible = haveBrowser && roomForLargeCapture();
if (haveBrowser && !possible) console.warn("*** No room for 1.29 GB: THE LARGE CAPTURE IS NOT TESTED. ***");

const MOST_MS = 100;
const MIB = 1 << 20;

let explorer: Explorer;
let file: ReturnType<typeof writeLargeCapture> | undefined;
let page: Page;

beforeAll(async () => {
  if (!possible) return;
  file = writeLargeCapture();
  explorer = await startExplorer();
  page = await open(explorer, `set=nf_conntrack_max%3D${2 * LARGE.flows}`);
});

afterAll(async () => {
  await explorer?.close();
  file?.remove();
});

const inWords = (n: number) => n.toLocaleString("en");
const all = inWords(LARGE.flows);

/** Until each row in sight has its line. */
function waitForRows(): Promise<unknown> {
  return page.waitForFunction(() => {
    const rows = [...document.querySelectorAll(".body .row")];
    return rows.length > 10 && rows.every((row) => row.textContent !== "");
  });
}

async function waitForSort(column: string, ordered: (a: number, b: number) => boolean): Promise<void> {
  for (;;) {
    const cells = await page.locator(`.body .row .${column}`).allTextContents();
    const numbers = cells.map((cell) => Number(/(\d+)\s*$/.exec(cell)?.[1] ?? Number.NaN));
    if (numbers.length > 10 && numbers.every((n, i) => i === 0 || ordered(numbers[i - 1]!, n))) return;
    await page.waitForTimeout(50);
  }
}

describe.runIf(possible)("a capture of 1.29 GB", { timeout: 300_000 }, () => {
  it("is loaded while the page answers, in little memory", async () => {
    const before = await peakMemory(explorer);
    const longest = await longestTask(explorer, page, async () => {
      await page.getByLabel("Choose a file").setInputFiles(file!.path);
      await page.getByText("Tracking all packets").waitFor();
      // The page is there for its visitor all the while.
      await page.getByRole("button", { name: "Learn" }).click();
      await page.getByRole("heading", { level: 2, name: "TCP: connecting" }).waitFor();
      await page.getByRole("button", { name: "Explore" }).click();
      await page
        .locator(".table .head")
        .getByText(`${all} flows`, { exact: true })
        .waitFor({ timeout: 280_000 });
      await waitForRows();
    });
    expect(longest).toBeLessThan(MOST_MS);
    const peak = await peakMemory(explorer);
    if (before !== undefined && peak !== undefined) expect((peak - before) / MIB).toBeLessThan(400);
    await page
      .getByText(`${inWords(LARGE.packets)} packets`)
      .first()
      .waitFor();
  });

  it("has a table that is scrolled, sorted and searched at once", async () => {
    const grid = page.getByRole("grid");
    const filter = page.getByRole("searchbox", { name: "Filter" });
    const longest = await longestTask(explorer, page, async () => {
      for (const share of [0.5, 1, 0.1]) {
        await grid.evaluate((element, part) => element.scrollTo(0, element.scrollHeight * part), share);
        await waitForRows();
      }
      await grid.hover();
      for (let i = 0; i < 30; i++) await page.mouse.wheel(0, 500);
      await waitForRows();
      await grid.evaluate((element) => element.scrollTo(0, 0));
      await page.getByRole("button", { name: "timeout", exact: true }).click();
      await waitForSort("timeout", (a, b) => a <= b);
      await page.getByRole("button", { name: "timeout", exact: true }).click();
      await waitForSort("timeout", (a, b) => a >= b);
      await page.getByRole("button", { name: "dport", exact: true }).click();
      await waitForSort("original", (a, b) => a <= b);
      await filter.fill("udp");
      await page.getByText(new RegExp(`^[\\d,]+ of ${all} flows$`)).waitFor();
      await filter.fill("no such words");
      await waitForCount(page, `0 of ${all} flows`);
      await filter.fill("");
      await waitForCount(page, `${all} flows`);
    });
    expect(longest).toBeLessThan(MOST_MS);
  });

  it("has flows whose lives are found", async () => {
    const longest = await longestTask(explorer, page, async () => {
      await page.locator(".body .row").nth(5).click();
      await page.getByRole("article", { name: "Life of a flow" }).waitFor({ timeout: 280_000 });
    });
    expect(longest).toBeLessThan(MOST_MS);
  });
});
