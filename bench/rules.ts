/**
 * What rules cost: established connections through a stateful ruleset of 40 rules beside tracking alone, and packets of
 * new flows against 100 to 10,000 rules about addresses and ports, with the classifier and rule by rule.
 *
 *   npx tsx bench/rules.ts [--quick]
 */
import { Bench } from "tinybench";
import type { Batch } from "../src/batch.js";
import { internalsOf } from "../src/conntrack.js";
import { Firewall, type RulesetTexts } from "../src/firewall.js";
import { Conntrack } from "../src/index.js";
import { tcp } from "../src/packet/index.js";
import { parseRuleset } from "../src/rules/parse.js";
import { RuleProgram } from "../src/rules/program.js";
import { cpuMillis } from "./measure.js";
import { Random } from "./random.js";

const quick = process.argv.includes("--quick");
const ROUNDS = quick ? 5 : 25;
const PACKETS = quick ? 1 << 14 : 1 << 18;
const BATCH = 256;
const FLOWS = 1000;
const NETWORK = {
  interfaces: { lan: ["10.255.255.1/8"], wan: ["198.51.100.1/24"] },
  routes: [{ to: "default", dev: "wan" }],
} as const;

/** Packets of one batch after the other, and what takes them. */
interface Stream {
  readonly name: string;
  readonly run: () => void;
}

function streamOf(name: string, batch: Batch, track: () => void, packets: readonly Uint8Array[]): Stream {
  let time = 0;
  const run = () => {
    for (let i = 0; i < PACKETS; i += BATCH) {
      batch.clear();
      for (let j = 0; j < BATCH; j++) batch.push(packets[(i + j) % packets.length]!, time);
      time += 0.01;
      track();
    }
  };
  return { name, run };
}

/** Nanoseconds a packet, the runs of all streams taking turns. */
async function measure(streams: readonly Stream[]): Promise<Map<string, number>> {
  for (const { run } of streams) run();
  const bench = new Bench({
    concurrency: "bench",
    iterations: ROUNDS,
    time: 0,
    warmup: false,
    throws: true,
    now: cpuMillis,
  });
  for (const { name, run } of streams) bench.add(name, run, { async: false });
  await bench.run();
  return new Map(
    bench.tasks.map(({ name, result }) => {
      if (result.state !== "completed") throw new Error(`${name}: ${result.state}`);
      return [name, (result.latency.p50 * 1e6) / PACKETS];
    }),
  );
}

/** What a router for a small office has: established first, then services, then the rest. */
function statefulRules(): RulesetTexts {
  const services = Array.from(
    { length: 35 },
    (_, i) =>
      `-A FORWARD -i lan -o wan -p tcp -m tcp --dport ${1000 + i} -m conntrack --ctstate NEW -j ACCEPT`,
  );
  return {
    ipv4: `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -m conntrack --ctstate INVALID -j DROP
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
${services.join("\n")}
-A FORWARD -i lan -o wan -p tcp -m tcp --dport 443 -m conntrack --ctstate NEW -j ACCEPT
COMMIT
`,
  };
}

const client = (flow: number) => ({
  src: `10.0.${flow >> 8}.${flow & 255}`,
  dst: "203.0.113.10",
  sport: 30000 + (flow % 30000),
  dport: 443,
});

async function established(): Promise<void> {
  const open = (flow: number) => [
    tcp({ ...client(flow), flags: "SYN", seq: 1000 }),
    tcp({ ...reversed(client(flow)), flags: "SYN,ACK", seq: 5000, ack: 1001 }),
    tcp({ ...client(flow), flags: "ACK", seq: 1001, ack: 5001 }),
  ];
  const acks = Array.from({ length: FLOWS }, (_, flow) =>
    tcp({ ...client(flow), flags: "ACK", seq: 1001, ack: 5001 }),
  );
  const sysctl = { nf_conntrack_checksum: 0 };
  const ct = await Conntrack.create({ sysctl });
  const fw = await Firewall.fromIptablesSave(statefulRules(), { ...NETWORK, sysctl });
  for (let flow = 0; flow < FLOWS; flow++) {
    for (const [step, packet] of open(flow).entries()) {
      ct.track(packet, { time: 0 });
      fw.process(packet, { time: 0, in: step === 1 ? "wan" : "lan" });
    }
  }
  const bare = ct.createBatch(BATCH);
  const ruled = fw.createBatch(BATCH, { in: "lan" });
  const figures = await measure([
    streamOf("tracking alone", bare, () => ct.trackBatch(bare), acks),
    streamOf("with 40 rules", ruled, () => fw.processBatch(ruled), acks),
  ]);
  for (let i = 0; i < BATCH; i++) if (ruled.verdict(i) !== "ACCEPT") throw new Error("an ACK was dropped");
  const [without = 0, withRules = 0] = [...figures.values()];
  console.table({
    "established, ns a packet": {
      "tracking alone": without.toFixed(1),
      "with 40 rules, routed": withRules.toFixed(1),
      difference: (withRules - without).toFixed(1),
    },
  });
}

function reversed({ src, dst, sport, dport }: ReturnType<typeof client>) {
  return { src: dst, dst: src, sport: dport, dport: sport };
}

/** Every rule about another server's port; none accepts, so that flows do not pile up. */
function addressRules(count: number): { readonly text: string; readonly packets: readonly Uint8Array[] } {
  const random = new Random(count);
  const below = (n: number) => Math.floor(random.fraction() * n);
  const servers = Array.from({ length: count }, (_, i) => ({
    dst: `172.16.${(i >> 8) & 255}.${i & 255}`,
    dport: 1 + below(65535),
  }));
  const rules = servers.map(
    ({ dst, dport }) => `-A FORWARD -d ${dst}/32 -p tcp -m tcp --dport ${dport} -j DROP`,
  );
  const packets = Array.from({ length: 4096 }, (_, i) => {
    const { dst, dport } = servers[below(count)]!;
    // Every other packet matches no rule.
    return tcp({ ...client(i), dst, dport: i & 1 ? dport : dport ^ 1, flags: "SYN" });
  });
  const chains = [":INPUT ACCEPT [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]"];
  return { text: ["*filter", ...chains, ...rules, "COMMIT", ""].join("\n"), packets };
}

async function fresh(): Promise<void> {
  const rows: Record<string, Record<string, string>> = {};
  for (const count of [100, 1000, 10_000]) {
    const { text, packets } = addressRules(count);
    const streams: Stream[] = [];
    for (const classify of [true, false]) {
      const fw = await Firewall.fromIptablesSave({}, { ...NETWORK, sysctl: { nf_conntrack_checksum: 0 } });
      const { engine } = internalsOf(fw.conntrack);
      const program = new RuleProgram(engine, { helper: () => 0, set: () => 0, timeoutPolicy: () => 0 });
      program.load([parseRuleset(text, { family: "ipv4" })], classify);
      const batch = fw.createBatch(BATCH, { in: "lan" });
      // Rule by rule 10,000 rules take so long that fewer packets have to do.
      const part = classify ? packets : packets.slice(0, BATCH);
      streams.push(
        streamOf(classify ? "classifier" : "rule by rule", batch, () => fw.processBatch(batch), part),
      );
    }
    const figures = await measure(quick ? streams : count > 1000 ? streams.slice(0, 1) : streams);
    const slow = figures.get("rule by rule");
    rows[`${count} rules, ns a new packet`] = {
      classifier: figures.get("classifier")!.toFixed(0),
      "rule by rule": slow === undefined ? "not measured" : slow.toFixed(0),
    };
  }
  console.table(rows);
}

await established();
await fresh();
