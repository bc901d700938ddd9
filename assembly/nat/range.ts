/** What a NAT rule asks for: the addresses and ports that a packet may be given. */

import { NatRecord, TargetRecord } from "../shared/target-record";

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
if (NAT_RANGE_SIZE + TargetRecord.SIZE != NatRecord.SIZE) ERROR("NatRecord");
if (offsetof<NatRange>("max0") + TargetRecord.SIZE != NatRecord.MAX_ADDRESS) ERROR("NatRecord");
if (offsetof<NatRange>("flags") + TargetRecord.SIZE != NatRecord.FLAGS) ERROR("NatRecord");
if (offsetof<NatRange>("minPort") + TargetRecord.SIZE != NatRecord.MIN_PORT) ERROR("NatRecord");
if (offsetof<NatRange>("basePort") + TargetRecord.SIZE != NatRecord.BASE_PORT) ERROR("NatRecord");
