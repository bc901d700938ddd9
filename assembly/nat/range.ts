/** What a NAT rule asks for: the addresses and ports that a packet may be given. */

/** IPv4 addresses stand in the lower half of the first word, in network order; ports in host order. */
@unmanaged
export class NatRange {
  min0: u64;
  min1: u64;
  max0: u64;
  max1: u64;
  /** NatFlag set. */
  flags: u32;
  minPort: u16;
  maxPort: u16;
  /** With OFFSET: the port of the packet that gets minPort. */
  basePort: u16;
  unused0: u16;
  unused1: u32;
}

export const NAT_RANGE_SIZE: u32 = 48;
if (offsetof<NatRange>() != NAT_RANGE_SIZE) ERROR("NatRange");
