import { Conntrack } from "../src/index.js";
import { tcp } from "../src/packet/index.js";
import { createContestant, openFlows } from "./field.js";
import type { Options } from "./options.js";
import { Ring } from "./ring.js";
import { type Row, round } from "./rows.js";

const FLOWS = [65_536, 1_000_000, 10_000_000];
const QUICK_FLOWS = [65_536];

/** What a flow takes in memory, all tables counted. */
export async function* mem(options: Options): AsyncGenerator<Row> {
  const ring = new Ring();
  for (const flows of options.flows ?? (options.quick ? QUICK_FLOWS : FLOWS)) {
    const row: Row = {
      workload: "mem",
      flows,
      value: null,
      unit: "bytes/flow",
      floor: null,
      jsMap: null,
      spread: {},
    };
    // One at a time, so that the heap holds nothing of another.
    for (const name of options.contestants) {
      const contestant = await createContestant(name, flows);
      if (contestant === undefined) continue;
      openFlows([contestant], ring, flows, 1000);
      row[name === "ours" ? "value" : name] = round(contestant.tableBytes() / flows);
    }
    yield row;
    if (!options.contestants.includes("ours")) continue;
    for (const family of ["ipv4", "ipv6"] as const) {
      const value = round(await bytesWithCounters(family, flows));
      yield { ...row, family, counters: true, value, floor: null, jsMap: null };
    }
  }
}

const BATCH = 256;

/** Bytes of a flow of ours that counts its packets: so many flows, each of one SYN. */
async function bytesWithCounters(family: "ipv4" | "ipv6", flows: number): Promise<number> {
  const sysctl = { nf_conntrack_acct: 1, nf_conntrack_max: 0, nf_conntrack_checksum: 0 };
  const conntrack = await Conntrack.create({ sysctl });
  const batch = conntrack.createBatch(BATCH);
  const [src, dst] = family === "ipv4" ? ["10.0.0.0", "192.168.0.1"] : ["2001:db8::", "2001:db8:1::1"];
  const syn = tcp({ src, dst, sport: 32768, dport: 443, flags: "SYN" });
  // The last four bytes of the source number the flow.
  const source = new DataView(syn.buffer, syn.byteOffset + (family === "ipv4" ? 12 : 20), 4);
  const first = source.getUint32(0);
  const before = conntrack.memory().bytes;
  for (let flow = 0; flow < flows; ) {
    batch.clear();
    for (; flow < flows && batch.length < BATCH; flow++) {
      source.setUint32(0, first + flow);
      batch.push(syn, 1000);
    }
    conntrack.trackBatch(batch);
  }
  const memory = conntrack.memory();
  if (memory.flows !== flows) throw new Error(`${memory.flows} flows open, not ${flows}`);
  return (memory.bytes - before) / flows;
}
