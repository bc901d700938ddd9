/**
 * Helpers for questions that a machine broadcasts: every host of the network may answer. They act on what this
 * machine itself sends to the broadcast address of one of its interfaces, and on nothing else. Whether a packet is
 * such a one, `Conntrack` cannot tell, because it knows of no interfaces: there they attach and announce nothing.
 */
import type { Helper } from "./helper.js";

/** `timeout`: how long answers are waited for, in seconds. */
export function broadcastHelper(name: string, port: number, timeout: number): Helper<never> {
  return {
    name,
    protocol: "udp",
    port,
    families: ["ipv4"],
    classes: [{ max: 1, timeout }],
    packet({ direction, reply, broadcastMask, expect, refresh }) {
      if (broadcastMask === undefined || direction !== "original") return;
      expect({
        protocol: "udp",
        // Answers come from the conventional port, whichever the question went to.
        source: { address: reply.src, mask: broadcastMask, port },
        destination: { address: reply.dst, port: reply.dport },
        permanent: true,
      });
      refresh(timeout);
    },
  };
}
