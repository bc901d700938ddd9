/** Which match is which. */
import { Packet } from "../layout";
import { MatchKind, MatchRecord } from "../shared/match-record";
import { RuleRecord } from "../shared/rule-record";
import { matchConnmark } from "./matches/connmark";
import { matchConntrack } from "./matches/conntrack";
import { matchIcmp } from "./matches/icmp";
import { matchMark } from "./matches/mark";
import { matchState } from "./matches/state";
import { matchTcp } from "./matches/tcp";
import { matchUdp } from "./matches/udp";
import { Outcome } from "./outcome";

/** Whether all matches of a rule hold, asked from left to right: the first that does not ends it. */
// @ts-ignore: decorator
@inline
export function matchesHold(rule: u32, packet: Packet): Outcome {
  const end = load<u32>(rule, RuleRecord.TARGET);
  let at = rule + load<u16>(rule, RuleRecord.MATCHES);
  while (at < end) {
    const outcome =
      load<u8>(at, MatchRecord.KIND) == MatchKind.STATE ? matchState(at, packet) : evaluate(at, packet);
    if (outcome != Outcome.HOLDS) return outcome;
    at += load<u16>(at, MatchRecord.LENGTH);
  }
  return Outcome.HOLDS;
}

function evaluate(at: usize, packet: Packet): Outcome {
  switch (<u32>load<u8>(at, MatchRecord.KIND)) {
    case MatchKind.CONNTRACK:
      return matchConntrack(at, packet);
    case MatchKind.MARK:
      return matchMark(at, packet);
    case MatchKind.CONNMARK:
      return matchConnmark(at, packet);
    case MatchKind.TCP:
      return matchTcp(at, packet);
    case MatchKind.UDP:
      return matchUdp(at, packet);
    case MatchKind.ICMP:
      return matchIcmp(at, packet);
    default:
      return Outcome.FAILS;
  }
}
