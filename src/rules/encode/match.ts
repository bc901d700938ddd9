/** Which match is encoded how. */
import type { Match } from "../matches/index.js";
import { badRule, type EncodeContext } from "./context.js";
import { encodeAddrtype } from "./matches/addrtype.js";
import { encodeAh } from "./matches/ah.js";
import { encodeConnbytes } from "./matches/connbytes.js";
import { encodeConnlabel } from "./matches/connlabel.js";
import { encodeConnlimit } from "./matches/connlimit.js";
import { encodeConntrack } from "./matches/conntrack.js";
import { encodeEcn } from "./matches/ecn.js";
import { encodeFrag } from "./matches/frag.js";
import { encodeHashlimit } from "./matches/hashlimit.js";
import { encodeHelper } from "./matches/helper.js";
import { encodeHopLimit } from "./matches/hop-limit.js";
import { encodeIcmp } from "./matches/icmp.js";
import { encodeIprange } from "./matches/iprange.js";
import { encodeIpv6header } from "./matches/ipv6header.js";
import { encodeLimit } from "./matches/limit.js";
import { encodeMac } from "./matches/mac.js";
import { encodeConnmark, encodeMark } from "./matches/mark.js";
import { encodeMultiport } from "./matches/multiport.js";
import { encodeOptionHeader } from "./matches/option-header.js";
import { encodeOwner } from "./matches/owner.js";
import { encodePkttype } from "./matches/pkttype.js";
import { encodeQuota } from "./matches/quota.js";
import { encodeEsp, encodeLength, encodeTcpmss } from "./matches/range.js";
import { encodeRecent } from "./matches/recent.js";
import { encodeRt } from "./matches/rt.js";
import { encodeSctp } from "./matches/sctp.js";
import { encodeSet } from "./matches/set.js";
import { encodeState } from "./matches/state.js";
import { encodeStatistic } from "./matches/statistic.js";
import { encodeString } from "./matches/string.js";
import { encodeTcp } from "./matches/tcp.js";
import { encodeTime } from "./matches/time.js";
import { encodeDscp, encodeTos } from "./matches/tos.js";
import { encodeU32 } from "./matches/u32.js";
import { encodeUdp } from "./matches/udp.js";

type Encoder<N> = (match: Extract<Match, { readonly name: N }>, context: EncodeContext) => void;

const ENCODERS: { readonly [N in Match["name"]]?: Encoder<N> } = {
  addrtype: encodeAddrtype,
  ah: encodeAh,
  connbytes: encodeConnbytes,
  connlabel: encodeConnlabel,
  connlimit: encodeConnlimit,
  connmark: encodeConnmark,
  conntrack: encodeConntrack,
  dscp: encodeDscp,
  dst: encodeOptionHeader,
  ecn: encodeEcn,
  esp: encodeEsp,
  frag: encodeFrag,
  hashlimit: encodeHashlimit,
  hbh: encodeOptionHeader,
  helper: encodeHelper,
  hl: encodeHopLimit,
  icmp: encodeIcmp,
  icmp6: encodeIcmp,
  iprange: encodeIprange,
  ipv6header: encodeIpv6header,
  length: encodeLength,
  limit: encodeLimit,
  mac: encodeMac,
  mark: encodeMark,
  multiport: encodeMultiport,
  owner: encodeOwner,
  pkttype: encodePkttype,
  quota: encodeQuota,
  recent: encodeRecent,
  rt: encodeRt,
  sctp: encodeSctp,
  set: encodeSet,
  state: encodeState,
  statistic: encodeStatistic,
  string: encodeString,
  tcp: encodeTcp,
  tcpmss: encodeTcpmss,
  time: encodeTime,
  tos: encodeTos,
  ttl: encodeHopLimit,
  u32: encodeU32,
  udp: encodeUdp,
};

/** Whether the engine is asked: a comment says nothing about packets. */
export function isAsked(match: Match): boolean {
  return match.name !== "comment";
}

export function encodeMatch(match: Match, context: EncodeContext): void {
  if (!isAsked(match)) return;
  const encode = ENCODERS[match.name] as Encoder<Match["name"]> | undefined;
  if (!encode) throw badRule(context.rule, `match "${match.name}" is not supported`);
  encode(match, context);
}
