import type { MatchExtension } from "../extension.js";
import { type AddrtypeMatch, addrtype } from "./addrtype.js";
import { type AhMatch, ah, ah6 } from "./ah.js";
import { type CommentMatch, comment } from "./comment.js";
import { type ConnbytesMatch, connbytes } from "./connbytes.js";
import { type ConnlabelMatch, connlabel } from "./connlabel.js";
import { type ConnlimitMatch, connlimit } from "./connlimit.js";
import { type ConnmarkMatch, connmark } from "./connmark.js";
import { type ConntrackMatch, conntrack } from "./conntrack.js";
import { type DscpMatch, dscp } from "./dscp.js";
import { type EcnMatch, ecn } from "./ecn.js";
import { type EspMatch, esp } from "./esp.js";
import { type FragMatch, frag } from "./frag.js";
import { type HashlimitMatch, hashlimit } from "./hashlimit.js";
import { type HelperMatch, helper } from "./helper.js";
import { type HopLimitMatch, hl, ttl } from "./hop-limit.js";
import { type IcmpMatch, icmp, icmp6 } from "./icmp.js";
import { type IprangeMatch, iprange } from "./iprange.js";
import { type Ipv6headerMatch, ipv6header } from "./ipv6header.js";
import { type LengthMatch, length } from "./length.js";
import { type LimitMatch, limit } from "./limit.js";
import { type MacMatch, mac } from "./mac.js";
import { type MarkMatch, mark } from "./mark.js";
import { type MultiportMatch, multiport } from "./multiport.js";
import { dst, hbh, type OptionHeaderMatch } from "./option-header.js";
import { type OwnerMatch, owner } from "./owner.js";
import { type PkttypeMatch, pkttype } from "./pkttype.js";
import { type QuotaMatch, quota } from "./quota.js";
import { type RecentMatch, recent } from "./recent.js";
import { type RtMatch, rt } from "./rt.js";
import { type SctpMatch, sctp } from "./sctp.js";
import { type SetMatch, set } from "./set.js";
import { type StateMatch, state } from "./state.js";
import { type StatisticMatch, statistic } from "./statistic.js";
import { type StringMatch, string } from "./string.js";
import { type TcpMatch, tcp } from "./tcp.js";
import { type TcpmssMatch, tcpmss } from "./tcpmss.js";
import { type TimeMatch, time } from "./time.js";
import { type TosMatch, tos } from "./tos.js";
import { type U32Match, u32 } from "./u32.js";
import { type UdpMatch, udp } from "./udp.js";

/** `name` says which. */
export type Match =
  | AddrtypeMatch
  | AhMatch
  | CommentMatch
  | ConnbytesMatch
  | ConnlabelMatch
  | ConnlimitMatch
  | ConnmarkMatch
  | ConntrackMatch
  | DscpMatch
  | EcnMatch
  | EspMatch
  | FragMatch
  | HashlimitMatch
  | HelperMatch
  | HopLimitMatch
  | IcmpMatch
  | IprangeMatch
  | Ipv6headerMatch
  | LengthMatch
  | LimitMatch
  | MacMatch
  | MarkMatch
  | MultiportMatch
  | OptionHeaderMatch
  | OwnerMatch
  | PkttypeMatch
  | QuotaMatch
  | RecentMatch
  | RtMatch
  | SctpMatch
  | SetMatch
  | StateMatch
  | StatisticMatch
  | StringMatch
  | TcpMatch
  | TcpmssMatch
  | TimeMatch
  | TosMatch
  | U32Match
  | UdpMatch;

export const MATCHES: readonly MatchExtension<Match>[] = [
  addrtype,
  ah,
  ah6,
  comment,
  connbytes,
  connlabel,
  connlimit,
  connmark,
  conntrack,
  dscp,
  dst,
  ecn,
  esp,
  frag,
  hashlimit,
  hbh,
  helper,
  hl,
  icmp,
  icmp6,
  iprange,
  ipv6header,
  length,
  limit,
  mac,
  mark,
  multiport,
  owner,
  pkttype,
  quota,
  recent,
  rt,
  sctp,
  set,
  state,
  statistic,
  string,
  tcp,
  tcpmss,
  time,
  tos,
  ttl,
  u32,
  udp,
];
