import { CtState } from "../../../../assembly/shared/ct-state.js";
import { StateBit, StateRecord } from "../../../../assembly/shared/flow-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { ConntrackStateName } from "../../matches/conntrack.js";
import type { StateMatch } from "../../matches/state.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

export function encodeState(match: StateMatch, context: EncodeContext): void {
  encodeStates(context, match.states, match.invert);
}

/** Without SNAT and DNAT, of which several may apply to a packet, not being in one set is being in the other. */
export function encodeStates(
  { image }: EncodeContext,
  states: readonly (keyof typeof CtState)[],
  invert: boolean,
): void {
  const bits = stateBits(states);
  const at = matchRecord(image, MatchKind.STATE, StateRecord.SIZE);
  image.u16(at + StateRecord.STATES, invert ? ~bits : bits);
}

export function stateBits(states: readonly ConntrackStateName[]): number {
  let bits = 0;
  for (const state of states) {
    bits |= state === "SNAT" || state === "DNAT" ? StateBit[state] : 1 << CtState[state];
  }
  return bits;
}
