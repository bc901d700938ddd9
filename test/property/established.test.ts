/**
 * Packets of established connections are tracked in a way of their own, but only while all timeouts of ESTABLISHED are
 * long. So an engine with a short one goes the general way, and both must agree about everything but that timeout.
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
});

const LONG = 300;
const SHORT = 299;

async function engine(retransmitting: number): Promise<Conntrack> {
  return Conntrack.create({
    sysctl: {
      nf_conntrack_tcp_timeout_max_retrans: retransmitting,
      nf_conntrack_tcp_timeout_unacknowledged: 310,
      nf_conntrack_acct: 1,
    },
  });
}

it("agrees with the general way", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.integer({ min: 0, max: 14 }),
      fc.boolean(),
      fc.array(step, { minLength: 4, maxLength: 50 }),
      async (six, scale, sack, steps) => {
        const forth = six ? CLIENT6 : CLIENT;
        const back = { src: forth.dst, dst: forth.src, sport: forth.dport, dport: forth.sport };
        const next: [number, number] = [1001, 5001];
        const options = { windowScale: scale, sackPermitted: sack };
        const packets = [
          tcp({ ...forth, flags: "SYN", seq: 1000, options }),
          tcp({ ...back, flags: "SYN,ACK", seq: 5000, ack: 1001, options }),
          tcp({ ...forth, flags: "ACK", seq: 1001, ack: 5001 }),
        ];
        for (const { reply, copies, skip, payload, lag, window, flags, options, spoilt } of steps) {
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
          for (let copy = 0; copy < copies; copy++) packets.push(packet);
        }
        const seen = await Promise.all(
          [LONG, SHORT].map(async (retransmitting) => {
            const conntrack = await engine(retransmitting);
            const results = packets.map((packet) => {
              const result = conntrack.track(packet, { time: 1000 });
              const timeout = result.flow?.timeout;
              return [
                result.ctState,
                result.direction,
                result.explain(),
                timeout === retransmitting ? "retransmitting" : timeout,
              ];
            });
            const flows = [...conntrack.flows()].map(({ state, status, tcp: details, counters }) => ({
              state,
              status,
              details,
              counters,
            }));
            return { results, flows };
          }),
        );
        expect(seen[0]).toEqual(seen[1]);
      },
    ),
    { numRuns: 60 },
  );
});
