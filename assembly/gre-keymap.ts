/**
 * The ids of PPTP calls (RFC 2637): a GRE packet carries its receiver's id of the call only, so the sender's is looked
 * up here, by addresses and receiver's id, when the packet's tuple is built. A control connection enters a key for
 * each direction of its call, and they go with it. IPv4 only, as PPTP is.
 */
import { reserveBlocks } from "./arena";
import { BLOCK } from "./limits";
import { setWord, sipHashWords } from "./sip-hash";

/** Addresses and ids in network order. */
@unmanaged
export class GreKey {
  source: u32;
  destination: u32;
  sourceKey: u16;
  destinationKey: u16;
  /** In the bucket; also links free ones. */
  next: u32;
  /** Further keys of the same control connection. */
  nextOfOwner: u32;
}

const SIZE: u32 = 32;
if (offsetof<GreKey>() > SIZE) ERROR("GreKey");

const BUCKETS: u32 = 4096;
/** Two a control connection; more than that many would make buckets long. */
const MAX_KEYS: u32 = 65536;


@unmanaged
class GreKeymap {
  count: u32;
  free: u32;
}

const keymap = changetype<GreKeymap>(memory.data(offsetof<GreKeymap>(), 8));
const buckets: usize = memory.data(BUCKETS * 4, 16);

// @ts-ignore: decorator
@inline
function at(address: u32): GreKey {
  return changetype<GreKey>(address);
}

function bucketOf(source: u32, destination: u32, destinationKey: u32): usize {
  setWord(0, (<u64>source) | ((<u64>destination) << 32));
  setWord(1, (<u64>destinationKey) | ((<u64>16) << 56));
  return buckets + ((<usize>((<u32>sipHashWords(2)) & (BUCKETS - 1))) << 2);
}

/** The sender's id of the call, 0 when nobody has told. */
// @ts-ignore: decorator
@inline
export function findGreKey(source: u32, destination: u32, destinationKey: u32): u32 {
  return keymap.count ? searchKey(source, destination, destinationKey) : 0;
}

function searchKey(source: u32, destination: u32, destinationKey: u32): u32 {
  let found: u32 = 0;
  let address = load<u32>(bucketOf(source, destination, destinationKey));
  for (; address; address = at(address).next) {
    const key = at(address);
    // Newer keys stand in front: the last match is the oldest, which goes first.
    if (key.source == source && key.destination == destination && key.destinationKey == destinationKey) {
      found = key.sourceKey;
    }
  }
  return found;
}

/** Enters a key; `rest`: those that its owner has already. Returns the new one's address, 0 when there is no room. */
export function addGreKey(
  source: u32,
  destination: u32,
  sourceKey: u32,
  destinationKey: u32,
  rest: u32,
): u32 {
  if (keymap.count == MAX_KEYS || (!keymap.free && !addRows())) return 0;
  const address = keymap.free;
  const key = at(address);
  keymap.free = key.next;
  keymap.count++;
  key.source = source;
  key.destination = destination;
  key.sourceKey = <u16>sourceKey;
  key.destinationKey = <u16>destinationKey;
  key.nextOfOwner = rest;
  const bucket = bucketOf(source, destination, destinationKey);
  key.next = load<u32>(bucket);
  store<u32>(bucket, address);
  return address;
}

/** Removes an owner's keys, beginning with the one at `address`. */
export function removeGreKeys(address: u32): void {
  while (address) {
    const key = at(address);
    const rest = key.nextOfOwner;
    unlink(key, address);
    key.next = keymap.free;
    keymap.free = address;
    keymap.count--;
    address = rest;
  }
}

function unlink(key: GreKey, address: u32): void {
  const bucket = bucketOf(key.source, key.destination, key.destinationKey);
  let link = bucket;
  while (load<u32>(link) != address) link = load<u32>(link) + offsetof<GreKey>("next");
  store<u32>(link, key.next);
}

function addRows(): bool {
  const block = <u32>reserveBlocks(1);
  if (!block) return false;
  for (let address = block; address < block + BLOCK; address += SIZE) {
    at(address).next = keymap.free;
    keymap.free = address;
  }
  return true;
}
