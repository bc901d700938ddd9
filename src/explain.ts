/** Reasons in words. The numbers are those that assembly/shared/reason.ts lists for each. */
import { FragmentFate } from "../assembly/shared/fragment-fate.js";
import { Reason } from "../assembly/shared/reason.js";
import { TcpClass, TcpState } from "../assembly/shared/tcp-state.js";

export type ReasonNumbers = readonly [a: number, b: number, c: number, d: number];

const segmentName = (tcpClass: number) => TcpClass[tcpClass] ?? "segment";
const stateName = (state: number) => TcpState[state] ?? "unknown state";
const tag = (n: number) => `0x${n.toString(16).padStart(8, "0")}`;
const hex = (n: number) => `0x${n.toString(16).padStart(4, "0")}`;

const TEXTS: { readonly [reason in Reason]: (...numbers: ReasonNumbers) => string } = {
  [Reason.NONE]: () => "",
  [Reason.NOT_IP]: (a) => `not an IP packet (type ${hex(a)}): connection tracking never sees it`,
  [Reason.LINK_TYPE]: (a) => `link type ${a} is not known`,
  [Reason.IP_HEADER]: () =>
    "IP header cut off, of a wrong version, or longer than the packet: dropped by the IP layer",
  [Reason.IP_CHECKSUM]: (a, b) =>
    `IP header checksum is ${hex(a)}, should be ${hex(b)}: dropped by the IP layer`,
  [Reason.IP_ADDRESS]: () =>
    "a source or destination address that never crosses a link: dropped by the IP layer",
  [Reason.IP_OPTIONS]: () => "hop-by-hop options that no router passes on: dropped by the IP layer",
  [Reason.FRAGMENT]: (a) => FRAGMENT_TEXTS[a as FragmentFate] ?? "a fragment",
  [Reason.IPV6_HEADERS]: (a) =>
    `the IPv6 extension headers end at next header ${a} without a transport header`,
  [Reason.L4_SHORT]: (a, b) => `${a} bytes of transport header, ports or ids need ${b}`,
  [Reason.TABLE_FULL]: (a, b) =>
    `table full, dropping packet: ${a} entries of nf_conntrack_max ${b}, none could be evicted`,
  [Reason.OUT_OF_MEMORY]: () => "no memory for another flow, dropping packet",
  [Reason.TCP_SHORT]: (a) => `${a} bytes of TCP header, 20 are needed`,
  [Reason.TCP_TRUNCATED]: (a, b) => `truncated packet: TCP header of ${a} bytes in a segment of ${b}`,
  [Reason.TCP_CHECKSUM]: () => "bad checksum (nf_conntrack_checksum=0 would not look)",
  [Reason.TCP_FLAGS]: (a) => `invalid tcp flag combination: ${flagNames(a)}`,
  [Reason.TCP_INVALID_NEW]: (a) => `invalid new: ${segmentName(a)} cannot open a connection`,
  [Reason.TCP_NOT_LOOSE]: () =>
    "ACK of a connection that is not tracked (nf_conntrack_tcp_loose=1 would pick it up)",
  [Reason.TCP_INVALID_TRANSITION]: (a, b, c) =>
    `packet (index ${a}) in dir ${b} invalid, state ${stateName(c)}: ${segmentName(a)} does not belong there`,
  [Reason.TCP_IGNORED]: (a, b, c) =>
    `packet (index ${a}) in dir ${b} ignored, state ${stateName(c)}: passed, the flow is left alone`,
  [Reason.TCP_INVALID_RST]: (a, b) =>
    `invalid rst: SEQ ${a} is under ${b}, which the peer has acknowledged (nf_conntrack_tcp_ignore_invalid_rst=1 would believe it)`,
  [Reason.TCP_CHALLENGE_ACK]: () =>
    "challenge-ack ignored: it answers a SYN that was let through in LAST_ACK",
  [Reason.TCP_OVERSHOT]: (a, b) =>
    `${a} bytes more than expected: upper bound ${b}; passed, timer not refreshed`,
  [Reason.TCP_SEQ_OVER]: (a, b) =>
    `SEQ ${a} is over upper bound ${b} (over the window of the receiver; nf_conntrack_tcp_be_liberal=1 would accept it)`,
  [Reason.TCP_ACK_OVER]: (a, b) =>
    `ACK ${a} is over upper bound ${b} (ACKed data not seen yet; nf_conntrack_tcp_be_liberal=1 would accept it)`,
  [Reason.TCP_SEQ_UNDER]: (a, b) =>
    `SEQ is under lower bound ${b} (end ${a}, already ACKed data retransmitted); passed, timer not refreshed`,
  [Reason.TCP_ACK_UNDER]: (a, b) =>
    `ignored ACK ${a} under lower bound ${b} (possible overly delayed); passed, timer not refreshed`,
  [Reason.UDP_SHORT]: () => "short packet: no complete UDP header",
  [Reason.UDP_LENGTH]: (a, b) => `truncated/malformed packet: UDP length ${a}, ${b} bytes there`,
  [Reason.UDP_CHECKSUM]: () => "bad checksum (nf_conntrack_checksum=0 would not look)",
  [Reason.UDPLITE_SHORT]: () => "short packet: no complete UDP-Lite header",
  [Reason.UDPLITE_COVERAGE]: (a, b) => `invalid checksum coverage ${a}, ${b} bytes there`,
  [Reason.UDPLITE_NO_CHECKSUM]: () => "checksum missing: UDP-Lite requires one",
  [Reason.UDPLITE_CHECKSUM]: () =>
    "bad checksum: Linux expects UDP's protocol number in the pseudo-header (nf_conntrack_checksum=0 would not look)",
  [Reason.ICMP_SHORT]: () => "short packet: no complete ICMP header",
  [Reason.ICMP_CHECKSUM]: () => "bad hw icmp checksum (nf_conntrack_checksum=0 would not look)",
  [Reason.ICMP_TYPE]: (a) => `invalid icmp type ${a}`,
  [Reason.ICMP_NO_PAIR]: (a, b) =>
    `ICMP type ${a} code ${b} neither opens a flow nor answers a tracked request`,
  [Reason.ICMP_ERROR_INNER]: (a, b) =>
    `ICMP error type ${a} code ${b} quotes no packet that could have a flow`,
  [Reason.ICMP_ERROR_NO_FLOW]: (a, b) => `ICMP error type ${a} code ${b} quotes a packet of no tracked flow`,
  [Reason.ICMP_ERROR_ADDRESS]: (a, b) =>
    `ICMP error type ${a} code ${b} is not addressed to the sender of the packet it quotes (outer daddr != inner)`,
  [Reason.ICMPV6_SHORT]: () => "short packet: no complete ICMPv6 header",
  [Reason.ICMPV6_CHECKSUM]: () => "ICMPv6 checksum failed (nf_conntrack_checksum=0 would not look)",
  [Reason.ICMPV6_REDIRECT_SHORT]: () => "short redirect",
  [Reason.ICMPV6_REDIRECT_SOURCE]: () => "invalid saddr or hoplimit for redirect",
  [Reason.ICMPV6_REDIRECT_OPTIONS]: () => "redirect without options",
  [Reason.SCTP_SHORT]: (a) => `short packet: ${a} bytes of SCTP header, 12 are needed`,
  [Reason.SCTP_CHECKSUM]: () => "bad CRC (nf_conntrack_checksum=0 would not look)",
  [Reason.SCTP_CHUNKS]: (a, b) => `chunk ${a} of type ${b} is empty, or not where such a chunk must be`,
  [Reason.SCTP_NO_CHUNK]: () => "no chunk",
  [Reason.SCTP_INVALID_NEW]: (a) => `a packet with a chunk of type ${a} cannot open an association`,
  [Reason.SCTP_VTAG]: (a, b, c) => `verification tag check failed: ${tag(a)} in dir ${c}, expected ${tag(b)}`,
  [Reason.SCTP_CHUNK_VTAG]: (a, b, c) =>
    `verification tag ${tag(a)} in dir ${c} is not what this chunk requires (expected there: ${tag(b)})`,
  [Reason.SCTP_INITIATE_TAG]: () => "INIT or INIT ACK is cut off or contradicts a known verification tag",
  [Reason.SCTP_INVALID_TRANSITION]: (a, b, c) => `Invalid, old_state ${a}, dir ${b}, type ${c}`,
  [Reason.HELPER_DROP]: () => "dropped by the helper of its flow",
  [Reason.RULE]: () => "dropped by a rule or by a chain's policy",
  [Reason.NO_ROUTE]: () => "no route to its destination",
  [Reason.TTL_EXCEEDED]: (a) => `TTL or hop limit ${a}: may not be forwarded once more`,
  [Reason.NOT_FORWARDED]: () => "no router forwards a packet with such addresses or IPv4 options",
  [Reason.TOO_LONG]: (a, b) => `${a} bytes, more than the MTU of ${b}, and not to be fragmented`,
  [Reason.GRE_PROTOCOL]: (a) => `enhanced GRE that carries ${hex(a)} and not PPP`,
  [Reason.NAT_CLASH]: () => "no free tuple: the flow's ports or ids are all in use, dropping packet",
  [Reason.NAT_NO_ADDRESS]: (a) => `device ${a} has no address to translate to, dropping packet`,
  [Reason.NAT_DEVICE]: (a, b) =>
    `the flow is masqueraded as device ${a}'s, but leaves by device ${b}: dropped, and the flow is over`,
  [Reason.NAT_ICMP_ERROR]: (a, b) =>
    `ICMP error type ${a} code ${b} cannot be translated: a redirect, or a wrong checksum`,
  [Reason.NAT_OPTIONS]: () =>
    "malformed TCP options in a flow whose sequence numbers are shifted, dropping packet",
  [Reason.NAT_GRE]: (a, b) => `GRE version ${a} of ${b} bytes cannot be translated, dropping packet`,
};

const FRAGMENT_TEXTS: { readonly [fate in FragmentFate]: string } = {
  [FragmentFate.HELD]: "a fragment, held until its datagram is complete",
  [FragmentFate.COPY]: "a fragment that has come already: dropped",
  [FragmentFate.OVERLAP]: "a fragment that overlaps others: dropped with the whole datagram",
  [FragmentFate.END]: "a fragment that contradicts where its datagram ends: dropped",
  [FragmentFate.EMPTY]: "a fragment without payload: dropped",
  [FragmentFate.TOO_LONG]: "a fragment of a datagram longer than 65535 bytes: dropped",
  [FragmentFate.ECN]: "fragments with and without ECN make no datagram: dropped",
  [FragmentFate.NO_ROOM]:
    "a fragment too many: dropped (ipfrag_high_thresh, for IPv6 nf_conntrack_frag6_high_thresh, is reached)",
  [FragmentFate.UNALIGNED]: "a fragment, not the last, whose length is no multiple of 8: not reassembled",
  [FragmentFate.NO_TRANSPORT]: "a first fragment without a whole transport header: not reassembled",
};

const FLAG_NAMES = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];

function flagNames(flags: number): string {
  return FLAG_NAMES.filter((_, bit) => flags & (1 << bit)).join("+") || "none";
}

export function explain(reason: Reason, numbers: ReasonNumbers): string {
  return TEXTS[reason](...numbers);
}
