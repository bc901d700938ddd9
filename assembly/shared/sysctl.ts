/**
 * The engine's tunables: indices into its sysctl words. Each is the Linux sysctl of the same name under
 * net.netfilter (nf_conntrack_ in lower case); times are whole seconds.
 */
export enum Sysctl {
  MAX = 0,
  CHECKSUM,
  ACCT,
  EVENTS,
  TIMESTAMP,
  LOG_INVALID,
  GENERIC_TIMEOUT,
  UDP_TIMEOUT,
  UDP_TIMEOUT_STREAM,
  ICMP_TIMEOUT,
  ICMPV6_TIMEOUT,
  GRE_TIMEOUT,
  GRE_TIMEOUT_STREAM,
  TCP_LOOSE,
  TCP_BE_LIBERAL,
  TCP_IGNORE_INVALID_RST,
  TCP_MAX_RETRANS,
  /** Base of the TCP timeouts: TCP_TIMEOUT + TcpState. There is no timeout for NONE. */
  TCP_TIMEOUT,
  TCP_TIMEOUT_SYN_SENT,
  TCP_TIMEOUT_SYN_RECV,
  TCP_TIMEOUT_ESTABLISHED,
  TCP_TIMEOUT_FIN_WAIT,
  TCP_TIMEOUT_CLOSE_WAIT,
  TCP_TIMEOUT_LAST_ACK,
  TCP_TIMEOUT_TIME_WAIT,
  TCP_TIMEOUT_CLOSE,
  /** Linux has this timeout and no sysctl for it. */
  TCP_TIMEOUT_SYN_SENT2,
  TCP_TIMEOUT_MAX_RETRANS,
  TCP_TIMEOUT_UNACKNOWLEDGED,
  COUNT,
}
