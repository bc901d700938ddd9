/** The table's order and filter, beside what plain JavaScript makes of the same flows. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { Conntrack } from "../../../src/index.js";
import { LinkType, readCapture } from "../../../src/pcap/index.js";
import { SORT_KEYS, type SortKey } from "../../../src/web/model.js";
import { Table } from "../../../src/web/worker/table.js";

const { signal } = new AbortController();
let conntrack: Conntrack;

beforeAll(async () => {
  conntrack = await Conntrack.create();
  const lab = readFileSync(new URL("../../captures/lab.pcap", import.meta.url));
  for await (const { bytes, time } of readCapture(lab))
    conntrack.track(bytes, { time, link: LinkType.ETHERNET });
});

const of = (filter: string, sort: SortKey = "none", descending = false, before?: Table) =>
  Table.of(conntrack, { filter, sort, descending }, signal, before);
const linesOf = (table: Table) => table.rows(0, table.length).map(({ line }) => line);

/** Addresses as text that sorts by value, IPv4 first. */
function sortable(address: string): string {
  if (!address.includes(":")) return address.replace(/\d+/g, (byte) => byte.padStart(3, "0"));
  const [head = "", tail] = address.split("::");
  const groups = (part = "") => (part === "" ? [] : part.split(":"));
  const zeros = Array<string>(8 - groups(head).length - groups(tail).length).fill("0");
  return `v${[...groups(head), ...zeros, ...groups(tail)].map((group) => group.padStart(4, "0")).join("")}`;
}

const TEXTS: Readonly<Record<SortKey, (line: string) => string>> = {
  none: () => "",
  protocol: (line) => /^\S+ +\d+ \S+ +(\d+)/.exec(line)![1]!.padStart(3, "0"),
  timeout: (line) => /^\S+ +\d+ \S+ +\d+ (\d+)/.exec(line)![1]!.padStart(10, "0"),
  state: (line) => /^\S+ +\d+ (?:tcp|sctp) +\d+ \d+ (\w+)/.exec(line)?.[1] ?? "",
  src: (line) => sortable(/src=(\S+)/.exec(line)![1]!),
  dst: (line) => sortable(/dst=(\S+)/.exec(line)![1]!),
  sport: (line) => (/ (?:sport|id)=(\d+)/.exec(line)?.[1] ?? "").padStart(6, " "),
  dport: (line) => (/ dport=(\d+)/.exec(line)?.[1] ?? "").padStart(6, " "),
};

describe.each(SORT_KEYS)("sorted by %s", (sort) => {
  it("has all flows in order, equal ones as they were, and backwards", async () => {
    const plain = linesOf(await of(""));
    expect(new Set(plain.map(TEXTS[sort])).size).toBeGreaterThan(sort === "none" ? 0 : 2);
    const text = TEXTS[sort];
    const wanted = plain.toSorted((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
    const table = await of("", sort);
    expect(linesOf(table)).toEqual(wanted);
    expect([...table].map((flow) => flow.line())).toEqual(wanted);
    expect(linesOf(await of("", sort, true, table))).toEqual(wanted.toReversed());
    expect(linesOf(await of("", "none", false, table))).toEqual(plain);
  });
});

describe("what is typed", () => {
  it("finds the same, letter by letter or at once", async () => {
    let table = await of("");
    const whole = "tcp sport=4 192.0.2.8";
    for (let length = 1; length <= whole.length; length++) {
      const typed = whole.slice(0, length);
      // A number is missing as yet.
      if (typed.endsWith("sport=")) continue;
      table = await of(typed, "dport", false, table);
      expect(linesOf(table), typed).toEqual(linesOf(await of(typed, "dport")));
    }
    const back = await of("192.0.2.8", "none", false, table);
    expect(linesOf(back)).toEqual(linesOf(await of("")).filter((line) => line.includes("192.0.2.8")));
    expect(back.length).toBeGreaterThan(3);
  });

  it("rows beyond the end are none", async () => {
    const table = await of("udp");
    expect(table.rows(table.length, 10)).toEqual([]);
    expect(table.rows(table.length - 1, 10)).toHaveLength(1);
  });
});
