/** Learn mode, and what holds for the whole page: no barriers, any size. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LESSONS } from "../../src/web/learn/lessons/index.js";
import { haveBrowser } from "../package/browser.js";
import { type Explorer, open, openBundled, startExplorer } from "./page.js";

let explorer: Explorer;

beforeAll(async () => {
  if (haveBrowser) explorer = await startExplorer();
});

afterAll(() => explorer?.close());

describe.runIf(haveBrowser)("learn mode", () => {
  it("plays a lesson to its end and back, in both languages", async () => {
    const page = await open(explorer, "mode=learn&lesson=tcp-close");
    const lesson = LESSONS.find(({ id }) => id === "tcp-close")!;
    const steps = lesson.steps();
    for (const [i, { words }] of steps.entries()) {
      await page.getByText(words.en, { exact: true }).waitFor();
      if (i < steps.length - 1) await page.getByRole("button", { name: "Next step" }).click();
    }
    await page.getByText("The table is empty.").waitFor();
    await page.getByRole("img", { name: /TIME_WAIT → gone$/ }).waitFor();
    await page.getByRole("button", { name: "中文" }).click();
    await page.getByText(steps.at(-1)!.words.zh, { exact: true }).waitFor();
    await page.getByRole("button", { name: "上一步" }).click();
    await page.getByText(/TIME_WAIT src=/).waitFor();
  });

  it("has every lesson in its list, and links lead to each", async () => {
    const page = await open(explorer, "mode=learn");
    for (const { title, id } of LESSONS) {
      await page.getByRole("button", { name: title.en, exact: true }).click();
      await page.getByRole("heading", { level: 2, name: title.en }).waitFor();
      expect(page.url()).toContain(`lesson=${id}`);
    }
  });

  it("shows a packet's way through the tables, and which rules it met", async () => {
    const page = await open(explorer, "mode=learn&lesson=way-forwarded");
    const stations = page
      .getByRole("list", { name: "The packet's way through the firewall" })
      .getByRole("listitem");
    await stations.getByText("nat POSTROUTING").waitFor();
    expect((await stations.allTextContents()).slice(0, 4)).toEqual([
      "raw PREROUTING",
      "connection tracking",
      "mangle PREROUTING",
      "nat PREROUTING",
    ]);
    await page.getByRole("button", { name: "Next step" }).click();
    await page.getByText("SYN ACK").first().waitFor();
    await stations.getByText("nat POSTROUTING").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "The raw table: NOTRACK" }).click();
    await page.getByText(/^\[1:\d+\] -A PREROUTING .* -j CT --notrack$/).waitFor();
    await page.getByRole("status").getByText("UNTRACKED").waitFor();
    await page.getByText("The table is empty.").waitFor();
  });

  it("sends what is built by hand from either side", async () => {
    const page = await open(explorer, "mode=learn&lesson=bench");
    const send = (name: string) => page.getByRole("button", { name, exact: true }).click();
    for (const name of ["SYN", "SYN ACK", "ACK", "FTP USER", "FTP PORT"]) await send(name);
    await page.getByText(/proto=6 src=203\.0\.113\.10 dst=10\.1\.0\.2 sport=0 dport=7777 ftp/).waitFor();
    await send("ICMP error");
    await page.getByRole("status").getByText("RELATED").waitFor();
    await page.getByLabel("Protocol").selectOption("TCP");
    await page.getByLabel("Client's port").fill("50000");
    await page.getByLabel("SYN", { exact: true }).check();
    await page.getByLabel("FIN", { exact: true }).check();
    await send("Send");
    await page.getByRole("status").getByText("INVALID", { exact: true }).waitFor();
    await page.getByLabel("Server's port").fill("70000");
    await send("Send");
    await page
      .getByRole("alert")
      .getByText(/from 0 to 65535, got 70000/)
      .waitFor();
    await page.getByRole("button", { name: "600 s" }).click();
    await page.getByText("Clock: 600 s").waitFor();
  });
});

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function violations(page: Page): Promise<string[]> {
  // Colours on their way from one state to another are none that a reader gets to see.
  await page.addStyleTag({ content: "* { transition: none !important }" });
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import("axe-core") };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
  });
}

async function expectNone(page: Page): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await violations(page), colorScheme).toEqual([]);
  }
}

const VIEWS: ReadonlyArray<readonly [name: string, link: string, ready: string]> = [
  ["the start", "", ".start"],
  ["totals", "capture=lab.pcap&panel=totals", ".totals"],
  ["settings", "capture=lab.pcap&panel=settings&set=nf_conntrack_max%3D100", ".sysctls li"],
  ["packets", "capture=lab.pcap&panel=packets&at=4200", ".stream td"],
  ["a lesson", "mode=learn&lesson=ftp-active", ".lab"],
  ["rules and a way", "mode=learn&lesson=notrack", ".way li"],
  ["packets by hand", "mode=learn&lesson=bench", ".bench"],
];

describe.runIf(haveBrowser)("the page has no barriers (axe)", () => {
  it.each(VIEWS)("%s", async (_, link, ready) => {
    const page = await open(explorer, link);
    await page.locator(ready).first().waitFor();
    await expectNone(page);
  });

  it("a flow, and rules", async () => {
    const page = await openBundled(explorer);
    await page.locator(".body .row").nth(3).click();
    await page.locator(".packets td").first().waitFor();
    await expectNone(page);
    await page.getByRole("button", { name: "Sequence diagram" }).click();
    await expectNone(page);
    await page.getByRole("tab", { name: "Rules" }).click();
    await page.getByRole("button", { name: "Example" }).click();
    await page.getByRole("button", { name: "Apply rules" }).click();
    await page.locator(".counted").first().waitFor();
    await expectNone(page);
  });
});

describe.runIf(haveBrowser)("on a phone", () => {
  it.each(["capture=lab.pcap&panel=totals", "mode=learn&lesson=tcp-open", "mode=learn&lesson=bench"])(
    "nothing sticks out: %s",
    async (link) => {
      const page = await open(explorer, link, { viewport: { width: 360, height: 740 } });
      await page.locator(".totals, .lab").first().waitFor();
      const [width, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      expect(width).toBeLessThanOrEqual(room!);
    },
  );
});
