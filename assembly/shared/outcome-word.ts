/**
 * What became of a packet as one word, from the lowest bit up: CtState, Direction, Verdict, PAUSED, Reason, and how many
 * flows had its flow's place before (Flow.generation).
 */
export enum OutcomeShift {
  CT_STATE = 0,
  DIRECTION = 3,
  VERDICT = 4,
  REASON = 8,
  GENERATION = 16,
}

/** What is left of the word behind the shift. */
export enum OutcomeMask {
  CT_STATE = 7,
  DIRECTION = 1,
  VERDICT = 3,
  REASON = 0xff,
  GENERATION = 0xffff,
}

/** JavaScript has to do something for the packet before it is over. */
export const PAUSED = 1 << 6;
