// Several engines, in workers of their own.
import { ShardedConntrack } from "conntrack-wasm";
import { tcp } from "conntrack-wasm/packet";

async function lines() {
  const sharded = await ShardedConntrack.create({ shards: 2 });
  const batch = sharded.createBatch(1);
  batch.push(tcp({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1000, dport: 80, flags: "SYN" }), 5);
  await sharded.trackBatch(batch);
  const text = await sharded.procNetNfConntrack();
  // Without close(): idle workers keep nobody from ending.
  return text.trim();
}

lines().then(
  (text) => {
    if (globalThis.document) document.documentElement.dataset.result = text;
    else console.log(text);
  },
  (error) => {
    if (!globalThis.document) throw error;
    document.documentElement.dataset.result = `failed: ${error.code} ${error.message}`;
  },
);
