/** Which match is which. */
import { Packet } from "../layout";
import { MatchKind, MatchRecord } from "../shared/match-record";
import { RuleRecord } from "../shared/rule-record";
import { matchAddrtype } from "./matches/addrtype";
import { matchAh } from "./matches/ah";
import { matchConnbytes } from "./matches/connbytes";
import { matchConnlabel } from "./matches/connlabel";
import { matchConnlimit } from "./matches/connlimit";
import { matchConnmark } from "./matches/connmark";
import { matchConntrack } from "./matches/conntrack";
import { matchEcn } from "./matches/ecn";
import { matchEsp } from "./matches/esp";
import { matchFrag } from "./matches/frag";
import { matchHashlimit } from "./matches/hashlimit";
import { matchHelper } from "./matches/helper";
import { matchHopLimit } from "./matches/hop-limit";
import { matchIcmp } from "./matches/icmp";
import { matchIprange } from "./matches/iprange";
import { matchIpv6header } from "./matches/ipv6header";
import { matchLength } from "./matches/length";
import { matchLimit } from "./matches/limit";
import { matchMac } from "./matches/mac";
import { matchMark } from "./matches/mark";
import { matchMultiport } from "./matches/multiport";
import { matchOptionHeader } from "./matches/option-header";
import { matchOwner } from "./matches/owner";
import { matchPkttype } from "./matches/pkttype";
import { matchQuota } from "./matches/quota";
import { matchRecent } from "./matches/recent";
import { matchRt } from "./matches/rt";
import { matchSctp } from "./matches/sctp";
import { matchSet } from "./matches/set";
import { matchState } from "./matches/state";
import { matchNth, matchRandom } from "./matches/statistic";
import { matchString } from "./matches/string";
import { matchTcp } from "./matches/tcp";
import { matchTcpmss } from "./matches/tcpmss";
import { matchTime } from "./matches/time";
import { matchTos } from "./matches/tos";
import { matchU32 } from "./matches/u32";
import { matchUdp } from "./matches/udp";
import { Outcome } from "./outcome";

/** Whether all matches of a rule hold, asked from left to right: the first that does not ends it. */
// @ts-ignore: decorator
@inline
export function matchesHold(rule: u32, packet: Packet): Outcome {
  const end = load<u32>(rule, RuleRecord.TARGET);
  let at = rule + load<u16>(rule, RuleRecord.MATCHES);
  let all = Outcome.HOLDS;
  while (at < end) {
    const outcome = matchHolds(at, packet);
    if (outcome != Outcome.HOLDS) {
      if (outcome != Outcome.DOOMS) return all == Outcome.DOOMS ? Outcome.DROPS : outcome;
      all = outcome;
    }
    at += load<u16>(at, MatchRecord.LENGTH);
  }
  return all;
}

/** Whether one match holds. */
// @ts-ignore: decorator
@inline
export function matchHolds(at: usize, packet: Packet): Outcome {
  return load<u8>(at, MatchRecord.KIND) == MatchKind.STATE ? matchState(at, packet) : evaluate(at, packet);
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
    case MatchKind.ESP:
      return matchEsp(at, packet);
    case MatchKind.LENGTH:
      return matchLength(at, packet);
    case MatchKind.TCPMSS:
      return matchTcpmss(at, packet);
    case MatchKind.AH:
      return matchAh(at, packet);
    case MatchKind.FRAG:
      return matchFrag(at, packet);
    case MatchKind.RT:
      return matchRt(at, packet);
    case MatchKind.OPTION_HEADER:
      return matchOptionHeader(at, packet);
    case MatchKind.IPV6HEADER:
      return matchIpv6header(at, packet);
    case MatchKind.SCTP:
      return matchSctp(at, packet);
    case MatchKind.MULTIPORT:
      return matchMultiport(at, packet);
    case MatchKind.ADDRTYPE:
      return matchAddrtype(at, packet);
    case MatchKind.IPRANGE:
      return matchIprange(at, packet);
    case MatchKind.HOP_LIMIT:
      return matchHopLimit(at, packet);
    case MatchKind.TOS:
      return matchTos(at, packet);
    case MatchKind.ECN:
      return matchEcn(at, packet);
    case MatchKind.LIMIT:
      return matchLimit(at, packet);
    case MatchKind.QUOTA:
      return matchQuota(at, packet);
    case MatchKind.STRING:
      return matchString(at, packet);
    case MatchKind.U32:
      return matchU32(at, packet);
    case MatchKind.PKTTYPE:
      return matchPkttype(at, packet);
    case MatchKind.MAC:
      return matchMac(at, packet);
    case MatchKind.TIME:
      return matchTime(at, packet);
    case MatchKind.HELPER:
      return matchHelper(at, packet);
    case MatchKind.CONNBYTES:
      return matchConnbytes(at, packet);
    case MatchKind.CONNLABEL:
      return matchConnlabel(at, packet);
    case MatchKind.RECENT:
      return matchRecent(at, packet);
    case MatchKind.HASHLIMIT:
      return matchHashlimit(at, packet);
    case MatchKind.CONNLIMIT:
      return matchConnlimit(at, packet);
    case MatchKind.SET:
      return matchSet(at, packet);
    case MatchKind.OWNER:
      return matchOwner(at, packet);
    case MatchKind.STATISTIC_NTH:
      return matchNth(at);
    case MatchKind.STATISTIC_RANDOM:
      return matchRandom(at);
    default:
      return Outcome.FAILS;
  }
}
