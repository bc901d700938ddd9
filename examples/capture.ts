/** A capture in; how many packets were what, and which flows are left, out. Batched: the fast way. */
import { createReadStream } from "node:fs";
import { Conntrack, LinkType } from "conntrack-wasm";
import { readCaptureChunks } from "conntrack-wasm/pcap";

const file = process.argv[2] ?? new URL("../test/captures/lab.pcap", import.meta.url);

const conntrack = await Conntrack.create({ eventCapacity: 0 });
const batch = conntrack.createBatch(256, { link: LinkType.ETHERNET });
const totals = new Map<string, number>();

for await (const packets of readCaptureChunks(createReadStream(file))) {
  for (let next = 0; next < packets.count; ) {
    batch.clear();
    next += batch.pushAll(packets, next);
    conntrack.trackBatch(batch);
    for (let i = 0; i < batch.length; i++) {
      const what = batch.verdict(i) === "ACCEPT" ? batch.ctState(i) : batch.verdict(i);
      totals.set(what, (totals.get(what) ?? 0) + 1);
    }
  }
}

console.log("packets", Object.fromEntries(totals));
for (const { protocol, state, flows } of conntrack.countByState()) {
  console.log(`${flows} flows ${protocol} ${state ?? ""}`);
}
