import type { Contestant } from "./contestant.js";
import { expectEstablished, openFlows, trackPool, warmUp } from "./field.js";
import { alternate } from "./measure.js";
import type { Options } from "./options.js";
import { Ours } from "./ours.js";
import { MS_PER_PACKET, Ring } from "./ring.js";
import { Router } from "./router.js";
import { type Row, rowOf } from "./rows.js";
import { CONNECTION_STEPS, FramePool } from "./workload.js";

/** More would not all go to one server, whose clients NETMAP gives one address each. */
const MOST_FLOWS = 1 << 20;
const FLOWS = [1_000_000];
const QUICK_FLOWS = [65_536];
const BATCH = 256;
const INTERLEAVED = 32;
const WARM_UP_CALLS = 40;
const WARM_UP_CONNECTIONS = 512;
/** More than the timeout of TIME_WAIT. */
const ROUND_MS = 125_000;

/** No address has ports for a million flows to one server, so only the short connections are masqueraded. */
const RULES = [
  "-A POSTROUTING -d 192.168.0.0/32 -j NETMAP --to 100.64.0.0/12",
  "-A POSTROUTING -j MASQUERADE",
];
const FIRST_SERVER = 0xc0a80000;
const MAPPED = 0x64400000;
const OWN = 0xc6336401;
const outside = (client: number, server: number) =>
  server === FIRST_SERVER ? MAPPED | (client & 0xfffff) : OWN;

/** HIT and LIFE of translated flows, beside the same flows as they are. */
export async function* nat(options: Options): AsyncGenerator<Row> {
  for (const flows of options.flows ?? (options.quick ? QUICK_FLOWS : FLOWS)) {
    if (flows > MOST_FLOWS) throw new Error(`nat: at most ${MOST_FLOWS} flows`);
    yield* measure(flows, options);
  }
}

async function* measure(flows: number, options: Options): AsyncGenerator<Row> {
  const rounds = options.quick ? 3 : 7;
  const connections = options.quick ? 2048 : 16_384;
  const packets = options.quick ? 1 << 16 : 1 << 20;
  const most = 2 * (flows + connections);
  const plain = [await Ours.create(most, { name: "conntrack" }), await Router.create("router", most)];
  const translating = await Router.create("ours", most, RULES);
  const field: readonly Contestant[] = [...plain, translating];
  for (const contestant of field) contestant.verifyChecksums(false);
  const ring = new Ring();
  openFlows(plain, ring, flows, 1000);
  let time = openFlows([translating], ring, flows, 1000, outside);

  const size = Math.max(packets, connections * CONNECTION_STEPS);
  const pools = new Map(
    field.map((one) => [one, new FramePool(size, one === translating ? outside : undefined)]),
  );
  const poolOf = (contestant: Contestant) => pools.get(contestant) as FramePool;
  const fill = (write: (pool: FramePool) => void) => {
    for (const pool of pools.values()) write(pool);
  };
  const track = (contestant: Contestant, count: number) =>
    trackPool(contestant, ring, poolOf(contestant), 0, count, BATCH, time);

  fill((pool) => pool.fillWithHits(flows, 1));
  await warmUp(WARM_UP_CALLS, () => {
    for (const contestant of field) track(contestant, 4096);
    time += 4096 * MS_PER_PACKET;
  });
  let filled = -1;
  const hits = field.map((contestant) => ({
    name: contestant.name,
    prepare: (round: number) => {
      if (filled === round) return;
      filled = round;
      fill((pool) => pool.fillWithHits(flows, 2 + round));
      time += packets * MS_PER_PACKET;
    },
    run: () => {
      expectEstablished(contestant, track(contestant, packets), packets);
      return undefined;
    },
  }));
  const setting = { flows, batch: BATCH, checksum: false } as const;
  yield rowOf(
    { workload: "nat-hit", ...setting, unit: "ns/packet" },
    await alternate(hits, rounds),
    1_000_000 / packets,
  );

  // From here on to other servers.
  let next = MOST_FLOWS;
  const renew = (count: number) => {
    time += ROUND_MS;
    const first = next;
    fill((pool) => pool.fillWithConnections(first, count, CONNECTION_STEPS, INTERLEAVED));
    next += count;
  };
  await warmUp(WARM_UP_CALLS, () => {
    renew(WARM_UP_CONNECTIONS);
    for (const contestant of field) {
      contestant.expire(time);
      track(contestant, WARM_UP_CONNECTIONS * CONNECTION_STEPS);
    }
  });
  filled = -1;
  const lives = field.map((contestant) => ({
    name: contestant.name,
    prepare: (round: number) => {
      if (filled !== round) renew(connections);
      filled = round;
      contestant.expire(time);
    },
    run: () => {
      const count = connections * CONNECTION_STEPS;
      expectEstablished(contestant, track(contestant, count), count - connections);
      return undefined;
    },
  }));
  yield rowOf(
    { workload: "nat-life", ...setting, unit: "ns/connection" },
    await alternate(lives, rounds),
    1_000_000 / connections,
  );
}
