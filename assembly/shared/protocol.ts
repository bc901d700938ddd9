/** IP protocol numbers (IANA) that tracking treats by name. */
export enum Protocol {
  ICMP = 1,
  TCP = 6,
  UDP = 17,
  IPV6_IN_IP = 41,
  DCCP = 33,
  GRE = 47,
  ESP = 50,
  AH = 51,
  ICMPV6 = 58,
  SCTP = 132,
  UDPLITE = 136,
}

/** Headers between that of IPv6 and the transport's (RFC 8200 section 4), beside Protocol.AH; NO_NEXT: nothing follows. */
export enum ExtensionHeader {
  HOP_BY_HOP = 0,
  ROUTING = 43,
  FRAGMENT = 44,
  NO_NEXT = 59,
  DESTINATION = 60,
}

/** Address families as ctnetlink and /proc number them (AF_INET, AF_INET6). */
export enum Family {
  IPV4 = 2,
  IPV6 = 10,
}
