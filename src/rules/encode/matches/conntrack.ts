import type { CtState } from "../../../../assembly/shared/ct-state.js";
import { ConntrackCheck, ConntrackRecord } from "../../../../assembly/shared/flow-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import { Status } from "../../../../assembly/shared/status.js";
import { applyMask } from "../../../text/ip-address.js";
import type { ConntrackMatch } from "../../matches/conntrack.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";
import { encodeStates, stateBits } from "./state.js";

export function encodeConntrack(match: ConntrackMatch, context: EncodeContext): void {
  const { states } = match;
  if (states && Object.keys(match).length === 2 && isPlain(states.any)) {
    encodeStates(context, states.any, states.invert);
    return;
  }
  const { image } = context;
  const at = matchRecord(image, MatchKind.CONNTRACK, ConntrackRecord.SIZE);
  let checks = 0;
  let inverted = 0;
  const check = (condition: { readonly invert: boolean } | undefined, bit: number) => {
    if (!condition) return false;
    checks |= bit;
    if (condition.invert) inverted |= bit;
    return true;
  };
  if (check(states, ConntrackCheck.STATE)) image.u16(at + ConntrackRecord.STATES, stateBits(states!.any));
  if (check(match.protocol, ConntrackCheck.PROTOCOL)) {
    image.u8(at + ConntrackRecord.PROTOCOL, match.protocol!.number);
  }
  if (check(match.status, ConntrackCheck.STATUS)) {
    image.u16(
      at + ConntrackRecord.STATUS,
      match.status!.any.reduce((bits, name) => bits | Status[name], 0),
    );
  }
  if (check(match.expire, ConntrackCheck.EXPIRE)) {
    image.u32(at + ConntrackRecord.EXPIRE_MIN, match.expire!.min);
    image.u32(at + ConntrackRecord.EXPIRE_MAX, match.expire!.max);
  }
  if (match.direction) checks |= ConntrackCheck[match.direction];
  const addresses = [
    match.originalSource,
    match.originalDestination,
    match.replySource,
    match.replyDestination,
  ];
  addresses.forEach((network, end) => {
    if (!network || !check(network, ConntrackCheck.ADDRESS << end)) return;
    image.bytes(at + ConntrackRecord.ADDRESSES + 32 * end, applyMask(network.address, network.mask));
    image.bytes(at + ConntrackRecord.ADDRESSES + 32 * end + 16, network.mask);
  });
  const ports = [
    match.originalSourcePort,
    match.originalDestinationPort,
    match.replySourcePort,
    match.replyDestinationPort,
  ];
  ports.forEach((range, end) => {
    if (!range || !check(range, ConntrackCheck.PORT << end)) return;
    image.u16(at + ConntrackRecord.PORTS + 4 * end, range.min);
    image.u16(at + ConntrackRecord.PORTS + 4 * end + 2, range.max);
  });
  image.u32(at + ConntrackRecord.CHECKS, checks);
  image.u32(at + ConntrackRecord.INVERTED, inverted);
}

type PlainStates = readonly (keyof typeof CtState)[];

function isPlain(states: readonly string[]): states is PlainStates {
  return !states.includes("SNAT") && !states.includes("DNAT");
}
