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
const TC: u8 = TW | (<u8>CLOSER);

const STATES: u32 = 10;
const CLASSES: u32 = 6;

// prettier-ignore
const table = memory.data<u8>([
  // original direction
  /* SYN    */ SS, SS, IG, IG, IG, IG, IG, SO, SO, S2,
  /* SYNACK */ IV, IV, SR, IV, IV, IV, IV, IV, IV, SR,
  /* FIN    */ IV, IV, FW, FW, LA, LA, LA, TW, CL, IV,
  /* ACK    */ ES, IV, ES, ES, CW, CW, TC, TW, CL, IV,
  /* RST    */ IV, CL, CL, CL, CL, CL, CL, CL, CL, CL,
  /* NONE   */ IV, IV, IV, IV, IV, IV, IV, IV, IV, IV,
  // reply direction
  /* SYN    */ IV, S2, IV, IV, IV, IV, IV, SO, IV, S2,
  /* SYNACK */ IV, SR, IG, IG, IG, IG, IG, IG, IG, SR,
  /* FIN    */ IV, IV, FW, FW, LA, LA, LA, TW, CL, IV,
  /* ACK    */ IV, IG, SE, ES, CW, CW, TC, TW, CL, IG,
  /* RST    */ IV, CL, CL, CL, CL, CL, CL, CL, CL, CL,
  /* NONE   */ IV, IV, IV, IV, IV, IV, IV, IV, IV, IV,
]);

// @ts-ignore: decorator
@inline
export function transition(direction: u32, segmentClass: u32, state: u32): u32 {
  return load<u8>(table + (direction * CLASSES + segmentClass) * STATES + state);
}
