/** What a route leads to, in the kernel's numbering (RTN_), which `addrtype` tests. */
export enum RouteType {
  UNSPEC = 0,
  UNICAST = 1,
  /** An address of this machine. */
  LOCAL = 2,
  BROADCAST = 3,
  ANYCAST = 4,
  MULTICAST = 5,
  BLACKHOLE = 6,
  UNREACHABLE = 7,
  PROHIBIT = 8,
}
