/** The long fuzz run: `npx tsx test/fuzz/run.ts --packets 10000000 --captures 10000 --seed 1`. */
import { parseArgs } from "node:util";
import { CaptureFuzz } from "./captures.js";
import { Flood } from "./flood.js";

const { values } = parseArgs({
  options: {
    packets: { type: "string", default: "1000000" },
    captures: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
  },
});
const packets = Number(values.packets);
const captures = Number(values.captures);
const seed = Number(values.seed);

/** Packets between two looks at the whole table. */
const ROUND = 100_000;

const TABLES = [
  { nf_conntrack_max: 262_144 },
  { nf_conntrack_max: 1000 },
  { nf_conntrack_max: 20_000, nf_conntrack_acct: 1, nf_conntrack_timestamp: 1, nf_conntrack_tcp_loose: 0 },
  { nf_conntrack_max: 65_536, nf_conntrack_checksum: 0, nf_conntrack_tcp_be_liberal: 1 },
];

let tracked = 0;
for (const [i, sysctl] of TABLES.entries()) {
  const flood = await Flood.create(seed + i, { sysctl });
  if (i % 2) flood.addHelpers();
  const share = Math.ceil(packets / TABLES.length);
  const start = performance.now();
  while (flood.packets < share) {
    flood.run(Math.min(ROUND, share - flood.packets));
    flood.check();
  }
  tracked += flood.packets;
  const seconds = (performance.now() - start) / 1000;
  const { entries, early_drop } = flood.harness.ct.stats();
  const rate = Math.round(flood.packets / seconds);
  console.log(
    `${JSON.stringify(sysctl)}: ${flood.packets} packets in ${seconds.toFixed(1)} s, ${rate} packets/s, ` +
      `${flood.reasons.size} reasons met, ${entries} flows left, ${early_drop} dropped early`,
  );
}

const fuzz = new CaptureFuzz(seed);
const start = performance.now();
let slowest = 0;
for (let n = 0; n < captures; n++) {
  const begun = performance.now();
  await fuzz.next();
  slowest = Math.max(slowest, performance.now() - begun);
}
const seconds = (performance.now() - start) / 1000;
console.log(
  `${captures} captures (${fuzz.whole} read to the end, ${fuzz.damaged} not), ${fuzz.packets} packets in ` +
    `${seconds.toFixed(1)} s, ${Math.round(fuzz.packets / seconds)} packets/s, slowest ${slowest.toFixed(0)} ms`,
);
console.log(`${tracked + fuzz.packets} packets: no crash, no hang, all tables sound`);
