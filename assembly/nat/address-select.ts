/** Which address of a range a translated flow gets. */
import { Packet } from "../layout";
import { Manip, NatFlag } from "../shared/nat";
import { Family } from "../shared/protocol";
import { hashAddress } from "./address-hash";
import { NatRange } from "./range";
import { address0, address1, reply, setAddress } from "./reply";

export function addressInRange(range: NatRange, manip: Manip): bool {
  if (!(range.flags & NatFlag.ADDRESSES)) return true;
  const word0 = bswap<u64>(address0(manip));
  const min0 = bswap<u64>(range.min0);
  const max0 = bswap<u64>(range.max0);
  if (word0 < min0 || word0 > max0) return false;
  if (reply.family != Family.IPV6) return true;
  const word1 = bswap<u64>(address1(manip));
  if (word0 == min0 && word1 < bswap<u64>(range.min1)) return false;
  return word0 != max0 || word1 <= bswap<u64>(range.max1);
}

/**
 * The range's only address, or the one that the client's address stands for: one client gets the same one again, for
 * the same destination, or with PERSISTENT for all. `zone`: the flow's, whichever of its directions it counts for.
 */
export function chooseAddress(range: NatRange, manip: Manip, zone: u32): void {
  if (!(range.flags & NatFlag.ADDRESSES)) return;
  if (range.min0 == range.max0 && range.min1 == range.max1) {
    return setAddress(manip, range.min0, range.min1);
  }
  if (reply.family == Family.IPV6) spread6(range, manip, zone);
  else spread4(range, manip, zone);
}

/** `hash` as a fraction of 2^32, of `size`. */
// @ts-ignore: decorator
@inline
function scaled(hash: u32, size: u32): u32 {
  return <u32>((<u64>hash * size) >>> 32);
}

function spread4(range: NatRange, manip: Manip, zone: u32): void {
  const source = <u32>(reply.address >>> 32);
  const persistent = (range.flags & NatFlag.PERSISTENT) != 0;
  const seed = persistent ? 0 : (<u32>reply.address) ^ zone;
  const lowest = bswap<u32>(<u32>range.min0);
  const size = bswap<u32>(<u32>range.max0) - lowest + 1;
  const chosen = lowest + scaled(hashAddress(source, 0, 0, 0, seed), size);
  setAddress(manip, bswap<u32>(chosen), 0);
}

/** Word by word: what stands behind the first word that is not the range's highest is free. */
function spread6(range: NatRange, manip: Manip, zone: u32): void {
  const source = changetype<usize>(reply) + offsetof<Packet>("dst0");
  const destination = changetype<usize>(reply) + offsetof<Packet>("src0");
  const persistent = (range.flags & NatFlag.PERSISTENT) != 0;
  const seed = persistent ? 0 : load<u32>(destination, 12) ^ zone;
  let hash = hashAddress(
    load<u32>(source),
    load<u32>(source, 4),
    load<u32>(source, 8),
    load<u32>(source, 12),
    seed,
  );
  const end = manip == Manip.SOURCE ? source : destination;
  let free = false;
  for (let word: usize = 0; word < 16; word += 4) {
    const highest = load<u32>(changetype<usize>(range) + word, offsetof<NatRange>("max0"));
    let lowest: u32 = 0;
    let size: u32 = 0xffffffff;
    if (!free) {
      lowest = bswap<u32>(load<u32>(changetype<usize>(range) + word, offsetof<NatRange>("min0")));
      size = bswap<u32>(highest) - lowest + 1;
    }
    store<u32>(end + word, bswap<u32>(lowest + scaled(hash, size)));
    if (load<u32>(end + word) != highest) free = true;
    if (!persistent) hash ^= load<u32>(destination + word);
  }
  setAddress(manip, load<u64>(end), load<u64>(end, 8));
}
