/** The constants of the TCP tracker: plain numbers, which the compiler folds into the code. */

export const STATE_NONE = 0;
export const SYN_SENT = 1;
export const SYN_RECV = 2;
export const ESTABLISHED = 3;
export const FIN_WAIT = 4;
export const CLOSE_WAIT = 5;
export const LAST_ACK = 6;
export const TIME_WAIT = 7;
export const CLOSE = 8;
export const SYN_SENT2 = 9;
export const IGNORE = 10;
export const INVALID = 11;

export const CLASS_SYN = 0;
export const CLASS_SYNACK = 1;
export const CLASS_FIN = 2;
export const CLASS_ACK = 3;
export const CLASS_RST = 4;
export const CLASS_NONE = 5;

/** Flags of a peer. */
export const WINDOW_SCALE = 0x01;
export const SACK_PERM = 0x02;
export const CLOSE_INIT = 0x04;
export const BE_LIBERAL = 0x08;
export const DATA_UNACKNOWLEDGED = 0x10;
export const MAXACK_SET = 0x20;
export const EXP_CHALLENGE_ACK = 0x40;
export const SIMULTANEOUS_OPEN = 0x80;

const IG = IGNORE;
const IV = INVALID;
const SS = SYN_SENT;
const SR = SYN_RECV;
const ES = ESTABLISHED;
const FW = FIN_WAIT;
const CW = CLOSE_WAIT;
const LA = LAST_ACK;
const TW = TIME_WAIT;
const CL = CLOSE;
const S2 = SYN_SENT2;

/** Next state, by direction, class and state. */
// biome-ignore format: a row a class, a column a state
const TRANSITIONS = Uint8Array.of(
  // original
  SS, SS, IG, IG, IG, IG, IG, SS, SS, S2,
  IV, IV, SR, IV, IV, IV, IV, IV, IV, SR,
  IV, IV, FW, FW, LA, LA, LA, TW, CL, IV,
  ES, IV, ES, ES, CW, CW, TW, TW, CL, IV,
  IV, CL, CL, CL, CL, CL, CL, CL, CL, CL,
  IV, IV, IV, IV, IV, IV, IV, IV, IV, IV,
  // reply
  IV, S2, IV, IV, IV, IV, IV, SS, IV, S2,
  IV, SR, IG, IG, IG, IG, IG, IG, IG, SR,
  IV, IV, FW, FW, LA, LA, LA, TW, CL, IV,
  IV, IG, SR, ES, CW, CW, TW, TW, CL, IG,
  IV, CL, CL, CL, CL, CL, CL, CL, CL, CL,
  IV, IV, IV, IV, IV, IV, IV, IV, IV, IV,
);

export function nextState(direction: number, segmentClass: number, state: number): number {
  return TRANSITIONS[direction * 60 + segmentClass * 10 + state]!;
}

/** Timeouts in milliseconds, by state. */
export const TIMEOUT = Int32Array.of(
  0,
  120_000,
  60_000,
  432_000_000,
  120_000,
  60_000,
  30_000,
  120_000,
  10_000,
  120_000,
);
export const TIMEOUT_MAX_RETRANS = 300_000;
export const TIMEOUT_UNACKNOWLEDGED = 300_000;
export const MAX_RETRANS = 3;

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;

const BAD_FLAGS = 0xff;

/** Class of a segment by its low six flag bits, or 0xff where the combination is not valid. */
const CLASS_OF_FLAGS = new Uint8Array(64).fill(BAD_FLAGS);
for (const [flags, segmentClass] of [
  [SYN, CLASS_SYN],
  [SYN | URG, CLASS_SYN],
  [SYN | ACK, CLASS_SYNACK],
  [RST, CLASS_RST],
  [RST | ACK, CLASS_RST],
  [FIN | ACK, CLASS_FIN],
  [FIN | ACK | URG, CLASS_FIN],
  [ACK, CLASS_ACK],
  [ACK | URG, CLASS_ACK],
] as const) {
  CLASS_OF_FLAGS[flags] = segmentClass;
  CLASS_OF_FLAGS[flags | PSH] = segmentClass;
}

/** Class of a segment, or -1 when its flags do not go together. */
export function classOf(flags: number): number {
  const found = CLASS_OF_FLAGS[flags & 0x3f]!;
  return found === BAD_FLAGS ? -1 : found;
}
