/**
 * Packets of connections that have seen replies are tracked in a way of their own, unless there is something special about
 * the flow. A timestamp is: so an engine that notes them goes the general way, and both must agree about everything.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { Conntrack } from "../../src/index.js";
import { tcp } from "../../src/packet/index.js";

const CLIENT = { src: "10.0.0.1", dst: "192.0.2.1", sport: 40000, dport: 443 };
const CLIENT6 = { ...CLIENT, src: "2001:db8::1", dst: "2001:db8::2" };

const step = fc.record({
  reply: fc.boolean(),
  /** How often the segment is sent. */
  copies: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 5 })),
  /** How far the segment begins from where its side has got to. */
  skip: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    fc.integer({ min: -3000, max: 3000 }),
    fc.integer({ min: -80000, max: 80000 }),
    fc.integer(),
  ),
  payload: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 1400 })),
  /** How far its acknowledgement is from all that the other side has sent. */
  lag: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    fc.integer({ min: -70000, max: 2000 }),
    fc.integer(),
  ),
  window: fc.oneof(fc.constant(65535), fc.constant(0), fc.integer({ min: 0, max: 65535 })),
  flags: fc.oneof(
    { weight: 8, arbitrary: fc.constant("ACK") },
    fc.constantFrom("PSH,ACK", "ACK,URG", "FIN,ACK", "RST,ACK", "SYN", "ACK,ECE"),
  ),
  options: fc.constantFrom({}, { timestamps: [1, 2] as const }, { sack: [[100, 200]] as const }),
  spoilt: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
  /** Milliseconds since the one before. */
  wait: fc.oneof(
    { weight: 8, arbitrary: fc.constant(0) },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 6000 }) },
    fc.integer({ min: 6000, max: 400_000 }),
  ),
});

async function engine(timestamps: 0 | 1, sysctl: Readonly<Record<string, number>>): Promise<Conntrack> {
  return Conntrack.create({
    sysctl: { ...sysctl, nf_conntrack_timestamp: timestamps, nf_conntrack_acct: 1 },
  });
}

/** Some so short that a flow's end may come nearer with a segment. */
const timeouts = fc.record({
  nf_conntrack_tcp_timeout_established: fc.constantFrom(432_000, 200, 20),
  nf_conntrack_tcp_timeout_max_retrans: fc.constantFrom(300, 299, 5),
  nf_conntrack_tcp_timeout_unacknowledged: fc.constantFrom(300, 310, 7),
});

it("agrees with the general way", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.integer({ min: 0, max: 14 }),
      fc.boolean(),
      timeouts,
      fc.array(step, { minLength: 4, maxLength: 50 }),
      async (six, scale, sack, sysctl, steps) => {
        const forth = six ? CLIENT6 : CLIENT;
        const back = { src: forth.dst, dst: forth.src, sport: forth.dport, dport: forth.sport };
        const next: [number, number] = [1001, 5001];
        const options = { windowScale: scale, sackPermitted: sack };
        const packets = [
          tcp({ ...forth, flags: "SYN", seq: 1000, options }),
          tcp({ ...back, flags: "SYN,ACK", seq: 5000, ack: 1001, options }),
          tcp({ ...forth, flags: "ACK", seq: 1001, ack: 5001 }),
        ].map((packet) => ({ packet, wait: 0 }));
        for (const { wait, reply, copies, skip, payload, lag, window, flags, options, spoilt } of steps) {
          const [own, other] = reply ? ([1, 0] as const) : ([0, 1] as const);
          const seq = (next[own] + skip) >>> 0;
          if (skip === 0) next[own] = (seq + payload) >>> 0;
          const packet = tcp({
            ...(reply ? back : forth),
            flags,
            seq,
            ack: (next[other] + lag) >>> 0,
            window,
            options,
            payload: new Uint8Array(payload),
          });
          if (spoilt) packet[packet.length - 1] = (packet[packet.length - 1] as number) ^ 1;
          for (let copy = 0; copy < copies; copy++) packets.push({ packet, wait });
        }
        const seen = await Promise.all(
          ([0, 1] as const).map(async (timestamps) => {
            const conntrack = await engine(timestamps, sysctl);
            let time = 1000;
            const results = packets.map(({ packet, wait }) => {
              time += wait;
              const result = conntrack.track(packet, { time });
              return [result.ctState, result.direction, result.explain(), result.flow?.timeout];
            });
            const flows = [...conntrack.flows()].map(
              ({ state, status, tcp: details, counters, timeout }) => ({
                state,
                status,
                details,
                counters,
                timeout,
              }),
            );
            const events = conntrack.drainEvents().map(({ kind, changes }) => ({ kind, changes }));
            // The sweep finds what is over, at once.
            const longest = Math.max(0, ...flows.map(({ timeout }) => timeout));
            conntrack.expire({ time: time + (longest + 1) * 1000 });
            return { results, flows, events, left: conntrack.memory().flows };
          }),
        );
        expect(seen[0]?.left).toBe(0);
        expect(seen[0]).toEqual(seen[1]);
      },
    ),
    { numRuns: 100 },
  );
});
