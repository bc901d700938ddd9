/** TFTP (RFC 1350): the server answers a request from another port. */
import type { Helper } from "./helper.js";
import { NO_EXPECTATION } from "./refusal.js";

const READ_REQUEST = 1;
const WRITE_REQUEST = 2;

export const tftp: Helper<never> = {
  name: "tftp",
  protocol: "udp",
  port: 69,
  classes: [{ max: 1, timeout: 300 }],
  packet({ payload, original, reply, expect, nat }) {
    if (payload.length < 2) return;
    const opcode = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
    if (opcode !== READ_REQUEST && opcode !== WRITE_REQUEST) return;
    const result = expect({
      protocol: "udp",
      source: { address: reply.src },
      destination: { address: reply.dst, port: reply.dport },
      ...(nat && { follow: { port: original.sport } }),
    });
    if (result !== "ADDED") return NO_EXPECTATION;
  },
};
