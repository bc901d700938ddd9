/** The explorer, panel by panel, beside the library itself. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Conntrack, type ConntrackOptions, Firewall } from "../../src/index.js";
import { dissect } from "../../src/packet/index.js";
import { type CapturedPacket, LinkType, readCapture } from "../../src/pcap/index.js";
import { haveBrowser } from "../package/browser.js";
import { type Explorer, open, openBundled, shownLines, startExplorer, waitForCount } from "./page.js";

const lab = readFileSync(new URL("../captures/lab.pcap", import.meta.url));
const link = LinkType.ETHERNET;
let packets: CapturedPacket[];
let explorer: Explorer;

beforeAll(async () => {
  packets = [];
  for await (const packet of readCapture(lab)) packets.push(packet);
  if (haveBrowser) explorer = await startExplorer();
});

afterAll(() => explorer?.close());

/** What the library makes of the capture up to a moment, in milliseconds behind its first packet. */
async function libraryAt(offset: number, options: ConntrackOptions = {}): Promise<Conntrack> {
  const conntrack = await Conntrack.create({ ...options, hashSeed: new Uint8Array(16) });
  const end = packets[0]!.time + offset;
  for (const { bytes, time } of packets) if (time <= end) conntrack.track(bytes, { time, link });
  conntrack.expire({ time: end });
  return conntrack;
}

const linesOf = (conntrack: Conntrack) =>
  conntrack
    .procNetNfConntrack()
    .split("\n")
    .filter((line) => line !== "");
const span = () => packets.at(-1)!.time - packets[0]!.time;

async function moveTo(page: Page, offset: number): Promise<void> {
  await page.getByRole("slider", { name: "Moment" }).evaluate((slider, value) => {
    (slider as HTMLInputElement).value = `${value}`;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }, offset);
}

async function download(page: Page, choice: string): Promise<Buffer> {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByLabel("Save").selectOption({ label: choice }),
  ]);
  return readFile(await file.path());
}

describe.runIf(haveBrowser)("the table", () => {
  it("is the library's, line for line, at the end and wherever the slider goes", async () => {
    const page = await open(explorer);
    await page.getByRole("button", { name: "Start with the bundled capture" }).click();
    const end = linesOf(await libraryAt(span()));
    await waitForCount(page, `${end.length} flows`);
    const shown = await shownLines(page);
    expect(shown.length).toBeGreaterThan(10);
    expect(shown).toEqual(end.slice(0, shown.length));
    for (const offset of [4500, 1200, 5000, 6000]) {
      await moveTo(page, offset);
      const lines = linesOf(await libraryAt(offset));
      await waitForCount(page, `${lines.length} flows`);
      if (lines.length === 0) continue;
      await page.waitForFunction(
        (line) => document.querySelector(".body .row")?.textContent === line,
        lines[0],
      );
      const now = await shownLines(page);
      expect(now).toEqual(lines.slice(0, now.length));
    }
    expect((await download(page, "Table as text")).toString().trim().split("\n")).toEqual(
      linesOf(await libraryAt(6000)),
    );
  });

  it("is filtered, sorted and searched", async () => {
    const page = await openBundled(explorer);
    const library = await libraryAt(span());
    const all = linesOf(library).length;
    const filter = page.getByRole("searchbox", { name: "Filter" });
    await filter.fill("tcp dport=80 src=10.1.0.0/24");
    const wanted = [...library.flows({ protocol: "tcp", dport: 80, src: "10.1.0.0/24" })];
    await waitForCount(page, `${wanted.length} of ${all} flows`);
    await filter.fill("dport=33434 unreplied");
    const probes = [...library.flows({ dport: 33434, seenReply: false })];
    expect(probes.length).toBeGreaterThan(0);
    await waitForCount(page, `${probes.length} of ${all} flows`);
    await filter.fill("src=10.1.0.0/99");
    await page.getByText(/neither an IP address nor a range/).waitFor();
    await filter.fill("");
    await waitForCount(page, `${all} flows`);
    await page.getByRole("button", { name: "timeout" }).click();
    await page.getByRole("button", { name: "timeout" }).click();
    await page.locator('[role="columnheader"][aria-sort="descending"]').waitFor();
    await page.waitForFunction(() => {
      const timeouts = [...document.querySelectorAll(".body .timeout")].map((cell) =>
        Number(cell.textContent),
      );
      return timeouts.length > 10 && timeouts.every((value, i) => i === 0 || value <= timeouts[i - 1]!);
    });
  });

  it("obeys the keyboard", async () => {
    const page = await openBundled(explorer);
    await page.getByRole("grid").focus();
    for (const key of ["ArrowDown", "ArrowDown", "End", "Home", "ArrowDown", "Enter"])
      await page.keyboard.press(key);
    await page.locator('.row[aria-selected="true"][aria-rowindex="3"]').waitFor();
    await page.getByRole("article", { name: "Life of a flow" }).waitFor();
    await page.getByRole("tab", { name: "Flow" }).focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("tab", { name: "Packets" }).getAttribute("aria-selected")).toBe("true");
    const slider = page.getByRole("slider", { name: "Moment" });
    await slider.focus();
    await page.keyboard.press("Home");
    await waitForCount(page, `${linesOf(await libraryAt(0)).length} flows`);
  });
});

describe.runIf(haveBrowser)("a flow", () => {
  it("shows its states, its packets and what each was to tracking", async () => {
    const page = await openBundled(explorer);
    await page.getByRole("searchbox", { name: "Filter" }).fill("dport=21 sport=48332");
    await page.getByText("sport=48332").first().click();
    const life = page.getByRole("article", { name: "Life of a flow" });
    const path = /NONE → SYN_SENT → SYN_RECV → ESTABLISHED → .* → TIME_WAIT/;
    await life.getByRole("img", { name: path }).waitFor();
    const rows = life.locator("tbody tr");
    const own = packets.filter(({ bytes }) => {
      const ports = [dissect(bytes, link)?.sport, dissect(bytes, link)?.dport];
      return ports.includes(48332) && ports.includes(21);
    });
    expect(await rows.count()).toBe(own.length);
    expect(await rows.first().textContent()).toMatch(/original.*SYN.*NEW.*SYN_SENT.*120 s/);
    await life.getByText("Time left: 117 s").waitFor();
    await rows.nth(2).getByRole("button").click();
    await life.getByRole("img", { name: /NONE → SYN_SENT → SYN_RECV → ESTABLISHED$/ }).waitFor();
    await life.getByRole("button", { name: "Sequence diagram" }).click();
    await life.getByRole("img", { name: "Sequence diagram: 10.1.0.10:48332, 192.0.2.80:21" }).waitFor();
    expect(await life.locator(".sequence .arrow").count()).toBe(own.length);
  });

  it("and the list of all packets follows the slider", async () => {
    const page = await openBundled(explorer, "panel=packets&at=4249");
    const first = page.locator("#details tbody tr").first();
    await first.waitFor();
    const number = packets.findIndex(({ time }) => time >= packets[0]!.time + 4249) + 1;
    expect(await first.locator("td").first().textContent()).toBe(`${number}`);
  });
});

describe.runIf(haveBrowser)("settings", () => {
  it("replay the capture at once", async () => {
    const page = await openBundled(explorer, "panel=settings");
    const before = linesOf(await libraryAt(span())).length;
    await waitForCount(page, `${before} flows`);
    await page.getByLabel("nf_conntrack_udp_timeout", { exact: true }).fill("1");
    const library = await libraryAt(span(), { sysctl: { nf_conntrack_udp_timeout: 1 } });
    await waitForCount(page, `${linesOf(library).length} flows`);
    expect(page.url()).toContain("set=nf_conntrack_udp_timeout%3D1");
    await page.getByLabel("nf_conntrack_max", { exact: true }).fill("99999999999");
    await page
      .getByRole("alert")
      .getByText(/nf_conntrack_max: expected a whole number/)
      .waitFor();
    await page.getByRole("button", { name: "Reset all" }).click();
    await waitForCount(page, `${before} flows`);
    await page.getByRole("checkbox", { name: "ftp", exact: true }).check();
    await page.getByRole("tab", { name: "Totals" }).click();
    await page.getByText("expect_new").waitFor();
  });

  it("totals are those of the library", async () => {
    const page = await openBundled(explorer, "panel=totals");
    const conntrack = await Conntrack.create();
    const results = packets.map(({ bytes, time }) => conntrack.track(bytes, { time, link }));
    for (const state of ["NEW", "ESTABLISHED", "RELATED"]) {
      const count = results.filter(
        ({ ctState, verdict }) => ctState === state && verdict === "ACCEPT",
      ).length;
      expect(await page.getByRole("row", { name: state }).locator("td").first().textContent()).toBe(
        `${count}`,
      );
    }
    await page.getByText("a fragment, held until its datagram is complete").waitFor();
  });
});

describe.runIf(haveBrowser)("rules", () => {
  const devices = "lan 10.1.0.254/24 2001:db8:1::fe/64\nwan 192.0.2.254/24 2001:db8:3::fe/64 default\n";
  const ipv4 = `*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i lan -p tcp -m tcp --dport 80 -j ACCEPT
-A FORWARD -i lan -p udp -m udp --dport 53 -j ACCEPT
COMMIT
`;

  it("decide, count, and are named for each packet", async () => {
    const firewall = await Firewall.fromIptablesSave(
      { ipv4 },
      {
        interfaces: {
          lan: ["10.1.0.254/24", "2001:db8:1::fe/64"],
          wan: ["192.0.2.254/24", "2001:db8:3::fe/64"],
        },
        routes: [{ to: "default", dev: "wan" }],
      },
    );
    for (const { bytes, time } of packets) {
      const inside = /^(10\.1\.0\.|2001:db8:1::)/.test(dissect(bytes, link)?.src ?? "10.1.0.1");
      firewall.process(bytes, { time, link, in: inside ? "lan" : "wan" });
    }
    const counted = firewall
      .save({ counters: true })
      .ipv4!.split("\n")
      .filter((line) => /^[[:]/.test(line));

    const page = await openBundled(explorer, "panel=rules");
    await page.getByLabel("iptables-save", { exact: true }).fill(ipv4);
    await page.getByLabel("Devices").fill(devices);
    await page.getByRole("button", { name: "Apply rules" }).click();
    const shown = page
      .getByRole("region", { name: "What the rules counted" })
      .locator("ol")
      .first()
      .locator("li");
    await shown.first().waitFor();
    expect((await shown.allTextContents()).filter((line) => /^[[:]/.test(line))).toEqual(counted);
    expect(counted.some((line) => /^\[[1-9]\d*:\d+\] -A FORWARD -i lan -p tcp/.test(line))).toBe(true);
    await waitForCount(page, `${linesOf(firewall.conntrack).length} flows`);
    await page.getByText("dport=80 ").first().click();
    await page
      .getByText("filter FORWARD 2: -A FORWARD -i lan -p tcp -m tcp --dport 80 -j ACCEPT")
      .first()
      .waitFor();
  });

  it("meet packets where one says that they enter, and know sets", async () => {
    const ruleset = `*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A FORWARD -i wan -j ACCEPT
-A OUTPUT -m set --match-set servers dst -j ACCEPT
COMMIT
`;
    const ipset = "create servers hash:ip family inet\nadd servers 192.0.2.80\n";
    const firewall = await Firewall.fromIptablesSave(
      { ipv4: ruleset },
      {
        ipset,
        interfaces: {
          lan: ["10.1.0.254/24", "2001:db8:1::fe/64"],
          wan: ["192.0.2.254/24", "2001:db8:3::fe/64"],
        },
        routes: [{ to: "default", dev: "wan" }],
      },
    );
    for (const { bytes, time } of packets) {
      const own = (dissect(bytes, link)?.src ?? "").startsWith("10.1.0.");
      firewall.process(bytes, { time, link, ...(own ? { local: true } : { in: "lan" }) });
    }
    const rules = firewall.save({ counters: true }).ipv4!.split("\n");
    const met = rules.filter((line) => /^\[[1-9]\d*:\d+\] -A OUTPUT/.test(line));
    expect(met).toHaveLength(1);

    const page = await openBundled(explorer, "panel=rules");
    await page.getByLabel("iptables-save", { exact: true }).fill(ruleset);
    await page.getByText("Sets", { exact: true }).click();
    await page.getByLabel("ipset save").fill(ipset);
    await page.getByLabel("Devices").fill(devices);
    for (const [i, from, by] of [
      [0, "10.1.0.0/24", "sent by this machine"],
      [1, "", "lan"],
    ] as const) {
      await page.getByRole("button", { name: "Say where packets enter" }).click();
      await page.getByLabel("Packets from").nth(i).fill(from);
      await page.getByLabel("enter by").nth(i).selectOption({ label: by });
    }
    await page.getByRole("button", { name: "Apply rules" }).click();
    const counted = page.getByRole("region", { name: "What the rules counted" });
    await counted.getByText(met[0]!, { exact: true }).waitFor();
    expect(new URL(page.url()).hash).toContain("arrivals=10.1.0.0%2F24+local%2F");
  });

  it("that are wrong are told with their line", async () => {
    const page = await openBundled(explorer, "panel=rules");
    await page.getByLabel("iptables-save", { exact: true }).fill("*filter\n-A FORWARD -j NOWHERE\nCOMMIT\n");
    await page.getByRole("button", { name: "Apply rules" }).click();
    await page
      .getByRole("alert")
      .getByText(/line 2/)
      .waitFor();
  });
});

describe.runIf(haveBrowser)("a link", () => {
  it("reproduces the view", async () => {
    const page = await openBundled(explorer, "set=nf_conntrack_udp_timeout%3D20");
    await moveTo(page, 5000);
    await page.getByRole("searchbox", { name: "Filter" }).fill("tcp dport=80");
    await page.getByText(/^\d+ of \d+ flows$/).waitFor();
    await page.locator(".body .row").first().click();
    await page.getByRole("article", { name: "Life of a flow" }).waitFor();
    const title = await page.getByRole("article").getByRole("heading", { level: 3 }).textContent();
    const lines = await shownLines(page);
    const again = await open(explorer, new URL(page.url()).hash.slice(1));
    await again.getByRole("article", { name: "Life of a flow" }).waitFor();
    expect(await again.getByRole("article").getByRole("heading", { level: 3 }).textContent()).toBe(title);
    expect(await again.getByRole("searchbox", { name: "Filter" }).inputValue()).toBe("tcp dport=80");
    expect(await again.locator("output b").textContent()).toBe("+5.000 s");
    expect(await shownLines(again)).toEqual(lines);
  });

  it("to another capture asks for it", async () => {
    const page = await open(explorer, "capture=mine.pcap&filter=tcp");
    await page.getByText("This link shows mine.pcap. Choose that file to see it.").waitFor();
    await page.getByLabel("Choose a file").setInputFiles({ name: "mine.pcap", mimeType: "", buffer: lab });
    await page.locator(".body .row").first().waitFor();
    expect(await page.getByRole("searchbox", { name: "Filter" }).inputValue()).toBe("tcp");
  });
});

describe.runIf(haveBrowser)("files", () => {
  it("of the shown flows' packets are captures", async () => {
    const page = await openBundled(explorer);
    await page.getByRole("searchbox", { name: "Filter" }).fill("udp dport=53");
    await page.getByText(/^\d+ of \d+ flows$/).waitFor();
    const saved: CapturedPacket[] = [];
    for await (const packet of readCapture(await download(page, "These flows' packets as pcap")))
      saved.push(packet);
    const own = packets.filter(({ bytes }) => {
      const packet = dissect(bytes, link);
      return packet?.protocol === 17 && (packet.sport === 53 || packet.dport === 53);
    });
    expect(saved.map(({ bytes }) => bytes)).toEqual(own.map(({ bytes }) => bytes));
  });

  it("that are damaged are shown as far as they can be read", async () => {
    const page = await open(explorer);
    const cut = lab.subarray(0, 60_000);
    await page.getByLabel("Choose a file").setInputFiles({ name: "cut.pcap", mimeType: "", buffer: cut });
    await page.getByText("The capture cannot be read further").waitFor();
    await page.locator(".body .row").first().waitFor();
  });

  it("that are no captures are refused in words", async () => {
    const page = await open(explorer);
    const buffer = Buffer.from("this is no capture at all, but it is long enough to look like something");
    await page.getByLabel("Choose a file").setInputFiles({ name: "notes.txt", mimeType: "", buffer });
    await page
      .getByRole("alert")
      .getByText(/not a capture|no capture/i)
      .waitFor();
    await page.getByRole("button", { name: "Start with the bundled capture" }).click();
    await page.locator(".body .row").first().waitFor();
  });
});
