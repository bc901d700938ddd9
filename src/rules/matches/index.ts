import type { AddrtypeMatch } from "./addrtype.js";
import type { AhMatch } from "./ah.js";
import type { CommentMatch } from "./comment.js";
import type { ConnbytesMatch } from "./connbytes.js";
import type { ConnlabelMatch } from "./connlabel.js";
import type { ConnlimitMatch } from "./connlimit.js";
import type { ConnmarkMatch } from "./connmark.js";
import type { ConntrackMatch } from "./conntrack.js";
import type { DscpMatch } from "./dscp.js";
import type { EcnMatch } from "./ecn.js";
import type { EspMatch } from "./esp.js";
import type { FragMatch } from "./frag.js";
import type { HashlimitMatch } from "./hashlimit.js";
import type { HelperMatch } from "./helper.js";
import type { HopLimitMatch } from "./hop-limit.js";
import type { IcmpMatch } from "./icmp.js";
import type { IprangeMatch } from "./iprange.js";
import type { Ipv6headerMatch } from "./ipv6header.js";
import type { LengthMatch } from "./length.js";
import type { LimitMatch } from "./limit.js";
import type { MacMatch } from "./mac.js";
import type { MarkMatch } from "./mark.js";
import type { MultiportMatch } from "./multiport.js";
import type { OptionHeaderMatch } from "./option-header.js";
import type { OwnerMatch } from "./owner.js";
import type { PkttypeMatch } from "./pkttype.js";
import type { QuotaMatch } from "./quota.js";
import type { RecentMatch } from "./recent.js";
import type { RtMatch } from "./rt.js";
import type { SctpMatch } from "./sctp.js";
import type { SetMatch } from "./set.js";
import type { StateMatch } from "./state.js";
import type { StatisticMatch } from "./statistic.js";
import type { StringMatch } from "./string.js";
import type { TcpMatch } from "./tcp.js";
import type { TcpmssMatch } from "./tcpmss.js";
import type { TimeMatch } from "./time.js";
import type { TosMatch } from "./tos.js";
import type { U32Match } from "./u32.js";
import type { UdpMatch } from "./udp.js";

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
