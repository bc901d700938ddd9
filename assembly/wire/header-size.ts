/** Bytes of headers, without options. */
export const ETHERNET_HEADER: u32 = 14;
export const IPV4_HEADER: u32 = 20;
export const IPV6_HEADER: u32 = 40;
export const FRAGMENT_HEADER: u32 = 8;
export const TCP_HEADER: u32 = 20;
export const UDP_HEADER: u32 = 8;
export const SCTP_HEADER: u32 = 12;
export const ICMP_HEADER: u32 = 8;
