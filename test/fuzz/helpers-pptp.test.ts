import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  disconnectNotify,
  incomingConnected,
  incomingReply,
  incomingRequest,
  message,
  outgoingReply,
  outgoingRequest,
  PptpSession,
  startReply,
  startRequest,
} from "../unit/helpers/pptp-session.js";

const id = fc.constantFrom(0, 1, 2, 0xffff);
const messages: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.constant(startRequest()),
  fc.constantFrom(1, 2).map(startReply),
  id.map(outgoingRequest),
  fc.tuple(id, id).map(([a, b]) => outgoingReply(a, b)),
  id.map(incomingRequest),
  fc.tuple(id, id).map(([a, b]) => incomingReply(a, b)),
  id.map(incomingConnected),
  id.map(disconnectNotify),
  fc.constant(message(3, 16)),
  fc.constant(message(4, 16, [0x100])),
  fc.constant(message(12, 16)),
);
const mutated = fc
  .tuple(messages, fc.array(fc.tuple(fc.nat(219), fc.nat(255)), { maxLength: 4 }), fc.nat(220))
  .map(([bytes, changes, length]) => {
    const copy = bytes.slice(0, length);
    for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
    return copy;
  });
type Step = readonly ["client" | "server", Uint8Array] | readonly ["fromClient" | "fromServer", number];
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(
    fc.constantFrom("client" as const, "server" as const),
    fc.oneof(messages, messages, mutated, fc.uint8Array({ maxLength: 300 })),
  ),
  fc.tuple(fc.constantFrom("fromClient" as const, "fromServer" as const), id),
);

describe("pptp", () => {
  it("keeps to its flows whatever the two ends say", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const session = await PptpSession.create();
        session.start();
        for (const step of steps) {
          const result =
            typeof step[1] === "number"
              ? session[step[0] as "fromClient"](step[1])
              : session[step[0] as "client"](step[1]);
          expect(result.verdict).toBe("ACCEPT");
        }
        const { conntrack } = session;
        expect(conntrack.stats().helper_failures).toBe(0);
        expect(session.expected().length).toBeLessThanOrEqual(2);
        expect([...conntrack.flows({ protocol: "tcp" })]).toHaveLength(1);
        conntrack.flush();
        expect(session.expected()).toEqual([]);
        // Nothing is left of any call.
        session.fromClient(1);
        expect(session.greFlows()).toEqual(["srckey=0x0 dstkey=0x1"]);
      }),
      { seed: 2637, numRuns: 150 },
    );
  });
});
