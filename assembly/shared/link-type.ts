/** Link types by their registered LINKTYPE_ numbers (tcpdump.org/linktypes), as captures carry them. */
export enum LinkType {
  /** BSD loopback: four bytes of address family in the byte order of the capturing machine. */
  NULL = 0,
  ETHERNET = 1,
  PPP = 9,
  /** Raw IP as some systems number it inside captures. */
  RAW_BSD = 12,
  RAW_OPENBSD = 14,
  PPP_HDLC = 50,
  PPP_ETHER = 51,
  /** Raw IP; the version nibble tells IPv4 from IPv6. */
  RAW = 101,
  /** OpenBSD loopback: as NULL, always big-endian. */
  LOOP = 108,
  LINUX_SLL = 113,
  IPV4 = 228,
  IPV6 = 229,
  LINUX_SLL2 = 276,
}
