/** Totals over time, beside an engine that is asked at each of the moments. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { Conntrack } from "../../../src/index.js";
import { LinkType, readCapture } from "../../../src/pcap/index.js";
import { survey } from "../../../src/web/worker/survey.js";

it("says how many flows there were at the end of each bin, and how many packets in it", async () => {
  const lab = readFileSync(new URL("../../captures/lab.pcap", import.meta.url));
  const signal = new AbortController().signal;
  const settings = { sysctl: {}, helpers: [] };
  const { timeline, packets } = await survey(
    { name: "lab", blob: new Blob([lab]) },
    settings,
    signal,
    () => {},
  );
  const conntrack = await Conntrack.create();
  const known: number[] = [];
  let bin = 0;
  const closeUntil = (time: number) => {
    for (; bin < timeline.bins && timeline.start + (bin + 1) * timeline.width <= time; bin++) {
      conntrack.expire({ time: timeline.start + (bin + 1) * timeline.width });
      known.push(conntrack.countByState().reduce((sum, { flows }) => sum + flows, 0));
    }
  };
  for await (const { bytes, time } of readCapture(lab)) {
    closeUntil(time);
    conntrack.track(bytes, { time, link: LinkType.ETHERNET });
  }
  const shown = known.map((_, i) =>
    Object.values(timeline.flows).reduce((sum, bins) => sum + (bins[i] ?? 0), 0),
  );
  expect(shown).toEqual(known);
  expect(new Set(known).size).toBeGreaterThan(10);
  const counted = Object.values(timeline.packets).flat();
  expect(counted.reduce((sum, count) => sum + count, 0)).toBe(packets);
});
