/**
 * The TCP state machine as a table: direction x class of segment x state. Rows are classes in the order of
 * TcpClass, columns states in the order of TcpState:
 *   NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE SYN_SENT2
 */

/** The segment does not fit the state: INVALID. */
export const INVALID: u32 = 14;
/** The segment passes and leaves the flow alone. */
export const IGNORED: u32 = 15;
/** With it, the table alone is not the answer: tcp.ts looks closer. One test spares the common case seven. */
export const CLOSER: u32 = 16;
/** What the table says where the last ACK ends a connection, unless it is a challenge. */
export const LAST_ACK_OR_CHALLENGE: u32 = 7 | CLOSER;
/** What is left without CLOSER. */
export const STATE: u32 = 15;

const SS: u8 = 1;
const SR: u8 = 2;
const ES: u8 = 3;
const FW: u8 = 4;
const CW: u8 = 5;
const LA: u8 = 6;
const TW: u8 = 7;
const CL: u8 = 8;
const S2: u8 = 9 | (<u8>CLOSER);
const IV: u8 = <u8>(INVALID | CLOSER);
const IG: u8 = <u8>(IGNORED | CLOSER);
/** A SYN to a closed connection may open it anew. */
const SO: u8 = SS | (<u8>CLOSER);
/** The end of a simultaneous open. */
const SE: u8 = SR | (<u8>CLOSER);
/** The last ACK, or a challenge. */
const TC: u8 = <u8>LAST_ACK_OR_CHALLENGE;

// Rows of sixteen, eight of them a direction: their places need no multiplication.
const ROW_BITS: u32 = 4;
const DIRECTION_BITS: u32 = 7;

// prettier-ignore
const table = memory.data<u8>([
  // original direction
  /* SYN    */ SS, SS, IG, IG, IG, IG, IG, SO, SO, S2, 0, 0, 0, 0, 0, 0,
  /* SYNACK */ IV, IV, SR, IV, IV, IV, IV, IV, IV, SR, 0, 0, 0, 0, 0, 0,
  /* FIN    */ IV, IV, FW, FW, LA, LA, LA, TW, CL, IV, 0, 0, 0, 0, 0, 0,
  /* ACK    */ ES, IV, ES, ES, CW, CW, TC, TW, CL, IV, 0, 0, 0, 0, 0, 0,
  /* RST    */ IV, CL, CL, CL, CL, CL, CL, CL, CL, CL, 0, 0, 0, 0, 0, 0,
  /* NONE   */ IV, IV, IV, IV, IV, IV, IV, IV, IV, IV, 0, 0, 0, 0, 0, 0,
  /*        */ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  /*        */ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  // reply direction
  /* SYN    */ IV, S2, IV, IV, IV, IV, IV, SO, IV, S2, 0, 0, 0, 0, 0, 0,
  /* SYNACK */ IV, SR, IG, IG, IG, IG, IG, IG, IG, SR, 0, 0, 0, 0, 0, 0,
  /* FIN    */ IV, IV, FW, FW, LA, LA, LA, TW, CL, IV, 0, 0, 0, 0, 0, 0,
  /* ACK    */ IV, IG, SE, ES, CW, CW, TC, TW, CL, IG, 0, 0, 0, 0, 0, 0,
  /* RST    */ IV, CL, CL, CL, CL, CL, CL, CL, CL, CL, 0, 0, 0, 0, 0, 0,
  /* NONE   */ IV, IV, IV, IV, IV, IV, IV, IV, IV, IV, 0, 0, 0, 0, 0, 0,
]);

// @ts-ignore: decorator
@inline
export function transition(direction: u32, segmentClass: u32, state: u32): u32 {
  return load<u8>(table + ((direction << DIRECTION_BITS) | (segmentClass << ROW_BITS) | state));
}
