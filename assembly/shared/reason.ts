/**
 * Why a packet is INVALID, was ignored by its tracker, or was dropped. The names are the stable codes of the
 * public API. `a b c d` are the numbers a packet carries along with the reason.
 */
export enum Reason {
  NONE = 0,

  // wire: before any lookup
  /** The frame carries no IPv4 or IPv6. a = EtherType or address family. */
  NOT_IP,
  /** The engine does not know this link type. a = link type. */
  LINK_TYPE,
  /** IP header cut off, wrong version or impossible length: the IP layer drops it before netfilter. */
  IP_HEADER,
  /** Wrong IPv4 header checksum: dropped before netfilter. a = found, b = right one. */
  IP_CHECKSUM,
  /** A source or destination no interface accepts (IPv6 multicast source, loopback from outside ...). */
  IP_ADDRESS,
  /** Hop-by-hop options that no router passes on: dropped before netfilter. */
  IP_OPTIONS,
  /** A fragment, which tracking never sees but as part of its datagram. a = FragmentFate. */
  FRAGMENT,
  /** The extension headers end in nothing trackable (next header 59, cut off). a = last next-header value. */
  IPV6_HEADERS,
  /** Too few bytes for ports or ids. a = bytes there, b = bytes needed. */
  L4_SHORT,

  // table
  /** Table full and nothing evictable. a = entries, b = nf_conntrack_max. */
  TABLE_FULL,
  /** Memory for another flow cannot be had. */
  OUT_OF_MEMORY,

  // tcp
  /** Fewer than 20 bytes of header. a = bytes. */
  TCP_SHORT,
  /** Data offset below 5 words or past the end. a = data offset in bytes, b = bytes there. */
  TCP_TRUNCATED,
  /** a = found, b = right one. */
  TCP_CHECKSUM,
  /** A flag combination no stack sends. a = flag byte. */
  TCP_FLAGS,
  /** Cannot open a flow. a = class. */
  TCP_INVALID_NEW,
  /** An ACK of a connection older than tracking, with tcp_loose off. */
  TCP_NOT_LOOSE,
  /** The transition table refuses it. a = class, b = direction, c = state. */
  TCP_INVALID_TRANSITION,
  /** Passed without touching the flow (SYN on a live flow ...). a = class, b = direction, c = state. */
  TCP_IGNORED,
  /** RST below what the peer acknowledged. a = seq, b = the peer's highest ack. */
  TCP_INVALID_RST,
  /** Challenge ACK for an ignored SYN; passed. */
  TCP_CHALLENGE_ACK,
  /** More data than the window had room for, tolerated. a = bytes too many, b = packet end, c = upper bound. */
  TCP_OVERSHOT,
  /** a = seq, b = upper bound. */
  TCP_SEQ_OVER,
  /** a = ack, b = upper bound. */
  TCP_ACK_OVER,
  /** Old data again; passed, not refreshed. a = packet end, b = lower bound. */
  TCP_SEQ_UNDER,
  /** Old acknowledgement; passed, not refreshed. a = ack, b = lower bound. */
  TCP_ACK_UNDER,

  // udp, udplite
  UDP_SHORT,
  /** a = UDP length field, b = bytes there. */
  UDP_LENGTH,
  UDP_CHECKSUM,
  UDPLITE_SHORT,
  /** a = coverage field, b = bytes there. */
  UDPLITE_COVERAGE,
  UDPLITE_NO_CHECKSUM,
  UDPLITE_CHECKSUM,

  // icmp, icmpv6
  ICMP_SHORT,
  ICMP_CHECKSUM,
  /** a = type. */
  ICMP_TYPE,
  /** Neither a request nor the answer to a tracked one. a = type, b = code. */
  ICMP_NO_PAIR,
  /** The quoted packet is cut off, a fragment, or of a kind that has no flow. a = type, b = code. */
  ICMP_ERROR_INNER,
  /** The quoted packet belongs to no tracked flow. a = type, b = code. */
  ICMP_ERROR_NO_FLOW,
  /** The error is not addressed to the sender of the quoted packet. a = type, b = code, c = where the quoted one lies. */
  ICMP_ERROR_ADDRESS,
  ICMPV6_SHORT,
  ICMPV6_CHECKSUM,
  /** Redirect cut off. */
  ICMPV6_REDIRECT_SHORT,
  /** Redirect not from a link-local address with hop limit 255. */
  ICMPV6_REDIRECT_SOURCE,
  /** Redirect without options. */
  ICMPV6_REDIRECT_OPTIONS,

  // sctp
  /** a = bytes. */
  SCTP_SHORT,
  SCTP_CHECKSUM,
  /**
   * A chunk that must be first or alone and is not, or of no length. a = its position, b = its type, c = its length as
   * it lies in memory, d = 1 if one that must be alone has been seen.
   */
  SCTP_CHUNKS,
  SCTP_NO_CHUNK,
  /** The packet cannot open an association. a = chunk type. */
  SCTP_INVALID_NEW,
  /** a = verification tag, b = the one expected, c = direction. */
  SCTP_VTAG,
  /** The tag breaks the rule that a chunk of the packet has for it. Numbers as SCTP_VTAG. */
  SCTP_CHUNK_VTAG,
  /** INIT or INIT ACK cut off, or an INIT ACK whose initiate tag contradicts a known one. Numbers as SCTP_VTAG. */
  SCTP_INITIATE_TAG,
  /** The transition table refuses it. a = state, b = direction, c = chunk type. */
  SCTP_INVALID_TRANSITION,

  // helpers
  /** The flow's helper refused the packet: dropped. */
  HELPER_DROP,

  // gre
  /** Enhanced GRE (version 1) that carries something other than PPP. */
  GRE_PROTOCOL,

  // with rules
  /** A rule or a policy: dropped. */
  RULE,
  /** There is no way to its destination: dropped. */
  NO_ROUTE,
  /** It may not be forwarded once more: dropped. a = TTL or hop limit. */
  TTL_EXCEEDED,
  /** An address that no router forwards from or to (martian): dropped. */
  NOT_FORWARDED,
  /** Longer than the device takes that it would leave by, and not to be fragmented: dropped. a = bytes, b = MTU. */
  TOO_LONG,

  // nat: dropped
  /** The flow could get no tuple that no other flow has: every port of its range is in use. */
  NAT_CLASH,
  /** A device that MASQUERADE or REDIRECT takes its address from has none. a = number of the device. */
  NAT_NO_ADDRESS,
  /** The flow was masqueraded as another device's. a = that device, b = the one that the packet leaves by. */
  NAT_DEVICE,
  /** An ICMP error with a wrong checksum, or a redirect about a translated flow. a = type, b = code. */
  NAT_ICMP_ERROR,
  /** TCP options that make no sense, in a flow whose sequence numbers are shifted: dropped. */
  NAT_OPTIONS,
  /** GRE that is too short to be translated, or of a version that nobody knows. a = version, b = bytes. */
  NAT_GRE,
}
