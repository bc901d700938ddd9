/**
 * Amanda (backups; its UDP protocol is described in the sources of Amanda only). A reply of the client that is backed
 * up, which is the server of this flow, contains a line such as `CONNECT DATA 50001 MESG 50002 INDEX 50003`: TCP
 * ports to which the backup server will connect.
 */
import type { Expect, Helper } from "./helper.js";
import { NO_EXPECTATION } from "./refusal.js";
import { ascii, indexOf, NEWLINE, readDecimal } from "./text.js";

const CONNECT = ascii("CONNECT ");
const STREAMS = [ascii("DATA "), ascii("MESG "), ascii("INDEX "), ascii("STATE ")];
/** Further digits are not read. */
const PORT_DIGITS = 5;
/** Replies may take long: the flow waits for them, in seconds. */
const PATIENCE = 300;

export const amanda: Helper<never> = {
  name: "amanda",
  protocol: "udp",
  port: 10080,
  classes: [{ max: 4, timeout: 180 }],
  packet({ payload, direction, original, expect, refresh, nat }) {
    if (direction !== "reply") return;
    refresh(PATIENCE);
    const connect = indexOf(payload, CONNECT, 0, payload.length);
    if (connect < 0) return;
    const start = connect + CONNECT.length;
    const end = payload.indexOf(NEWLINE, start);
    if (end < 0) return;
    let refused = false;
    for (const stream of STREAMS) {
      const found = indexOf(payload, stream, start, end);
      if (found < 0) continue;
      const digits = found + stream.length;
      const { value, next } = readDecimal(payload, digits, Math.min(digits + PORT_DIGITS, end));
      const port = value & 0xffff;
      if (port === 0) break;
      const connection: Expect = {
        protocol: "tcp",
        source: { address: original.src },
        destination: { address: original.dst, port },
      };
      const outside = nat ? nat.expect(connection) : expect(connection) === "ADDED" ? port : undefined;
      if (outside === undefined) refused = true;
      else nat?.replace(digits, next - digits, ascii(`${outside}`));
    }
    return refused ? NO_EXPECTATION : undefined;
  },
};
