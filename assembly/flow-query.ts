/** Walking and filtering flows from outside the packet path: listing, delete, flush. */
import { beginBulkRemoval, destroyInBulk, finishBulkRemoval, isBulk } from "./bulk-removal";
import { now } from "./clock";
import { isExpired } from "./flow";
import { Extent, firstExtent, flowAt, flowsInUse } from "./flow-slab";
import { Extension } from "./flow-extension";
import { Flow, FLOW4_SIZE, Kind } from "./layout";
import { destroyFlow } from "./lifecycle";
import { Family, Protocol } from "./shared/protocol";
import { Status } from "./shared/status";

/** What to look for. A field counts when its bit is set in `fields`. */
@unmanaged
export class Filter {
  fields: u32;
  family: u8;
  protocol: u8;
  state: u8;
  unused: u8;
  zone: u16;
  statusMask: u16;
  status: u16;
  originalSport: u16;
  originalDport: u16;
  replySport: u16;
  replyDport: u16;
  unused2: u16;
  mark: u32;
  markMask: u32;
  unused3: u32;
  /** Labels that a flow must have. */
  labels0: u64;
  labels1: u64;
  /** Addresses and masks in network order; IPv4 in the first four bytes. */
  address: u64;
}

/** Bits of Filter.fields. */
export enum Field {
  FAMILY = 1,
  PROTOCOL = 2,
  STATE = 4,
  ZONE = 8,
  STATUS = 16,
  MARK = 32,
  ORIGINAL_SPORT = 64,
  ORIGINAL_DPORT = 128,
  REPLY_SPORT = 256,
  REPLY_DPORT = 512,
  ORIGINAL_SRC = 1024,
  ORIGINAL_DST = 2048,
  REPLY_SRC = 4096,
  REPLY_DST = 8192,
  LABELS = 16384,
}

/** Each of the four addresses: 16 bytes of address, 16 of mask. */
const ADDRESSES: usize = offsetof<Filter>("address");
export const FILTER_SIZE: u32 = <u32>ADDRESSES + 4 * 32;
export const filter = changetype<Filter>(memory.data(192, 16));
if (ADDRESSES + 4 * 32 > 192) ERROR("Filter");

function stateOf(flow: Flow): u32 {
  // Every tracker with states keeps them in the low four bits of its first byte.
  return load<u8>(changetype<usize>(flow), offsetof<Flow>()) & 15;
}

/** Address `which` of a flow: 0 original source, 1 original destination, 2 reply source, 3 reply destination. */
function addressOf(flow: Flow, which: u32): usize {
  const at = changetype<usize>(flow);
  if (flow.kind & Kind.IPV6) return at + FLOW4_SIZE + which * 16;
  return which < 2
    ? at + offsetof<Flow>("originalAddress") + which * 4
    : at + offsetof<Flow>("replyAddress") + (which - 2) * 4;
}

function addressMatches(flow: Flow, which: u32): bool {
  const wanted = changetype<usize>(filter) + ADDRESSES + which * 32;
  const have = addressOf(flow, which);
  if (!(flow.kind & Kind.IPV6)) return ((load<u32>(have) ^ load<u32>(wanted)) & load<u32>(wanted, 16)) == 0;
  const low = (load<u64>(have) ^ load<u64>(wanted)) & load<u64>(wanted, 16);
  const high = (load<u64>(have, 8) ^ load<u64>(wanted, 8)) & load<u64>(wanted, 24);
  return (low | high) == 0;
}

function labelsMatch(flow: Flow): bool {
  if (!flow.extension) return false;
  const extension = changetype<Extension>(flow.extension);
  return !((filter.labels0 & ~extension.labels0) | (filter.labels1 & ~extension.labels1));
}

function matches(flow: Flow): bool {
  const fields = filter.fields;
  if (!fields) return true;
  const family: u32 = flow.kind & Kind.IPV6 ? Family.IPV6 : Family.IPV4;
  if (fields & Field.FAMILY && family != filter.family) return false;
  if (fields & Field.PROTOCOL && flow.protocol != filter.protocol) return false;
  if (fields & Field.STATE && stateOf(flow) != filter.state) return false;
  if (fields & Field.ZONE && flow.zone != filter.zone) return false;
  if (fields & Field.STATUS && (flow.status & filter.statusMask) != filter.status) return false;
  if (fields & Field.MARK && (flow.mark & filter.markMask) != filter.mark) return false;
  if (fields & Field.LABELS && !labelsMatch(flow)) return false;
  if (fields & Field.ORIGINAL_SPORT && <u16>flow.originalPorts != filter.originalSport) return false;
  if (fields & Field.ORIGINAL_DPORT && <u16>(flow.originalPorts >>> 16) != filter.originalDport) return false;
  if (fields & Field.REPLY_SPORT && <u16>flow.replyPorts != filter.replySport) return false;
  if (fields & Field.REPLY_DPORT && <u16>(flow.replyPorts >>> 16) != filter.replyDport) return false;
  for (let which: u32 = 0; which < 4; which++) {
    if (fields & (Field.ORIGINAL_SRC << which) && !addressMatches(flow, which)) return false;
  }
  return true;
}

/** Position of a walk: extent, and slot within it. */
@unmanaged
class Walk {
  extent: u32;
  slot: u32;
  done: u32;
}

const walk = changetype<Walk>(memory.data(offsetof<Walk>(), 8));

export function startWalk(extent: u32, slot: u32): void {
  walk.extent = extent;
  walk.slot = slot;
  walk.done = 0;
}

export function walkExtent(): u32 {
  return walk.extent;
}

export function walkSlot(): u32 {
  return walk.slot;
}

/** The next flow that is alive and matches the filter, 0 at the end. */
export function nextFlow(): u32 {
  if (walk.done) return 0;
  let address = <usize>walk.extent;
  if (!address) address = firstExtent();
  const tick = now();
  let slot = walk.slot;
  while (address) {
    const extent = changetype<Extent>(address);
    while (slot < extent.slots) {
      const flow = flowAt(extent, slot);
      slot++;
      if (!(flow.status & Status.CONFIRMED) || isExpired(flow, tick) || !matches(flow)) continue;
      walk.extent = <u32>address;
      walk.slot = slot;
      return <u32>changetype<usize>(flow);
    }
    slot = 0;
    address = extent.next;
  }
  walk.done = 1;
  return 0;
}

/** States are numbered from 0 to 15, protocols from 0 to 255. */
const CENSUS_WORDS: usize = 256 * 16;
const census = memory.data(16384, 4);
if (CENSUS_WORDS * 4 != 16384) ERROR("census");

/** Counts the live flows that match: word `protocol * 16 + state` of what the address leads to. */
export function countByState(): usize {
  memory.fill(census, 0, CENSUS_WORDS * 4);
  startWalk(0, 0);
  for (let at = nextFlow(); at; at = nextFlow()) {
    const flow = changetype<Flow>(at);
    const protocol: u32 = flow.protocol;
    const hasStates = protocol == Protocol.TCP || protocol == Protocol.SCTP;
    const word = census + ((protocol << 4) + (hasStates ? stateOf(flow) : 0)) * 4;
    store<u32>(word, load<u32>(word) + 1);
  }
  return census;
}

/** Destroys all flows that match. Returns how many. */
export function deleteFlows(): u32 {
  let deleted: u32 = 0;
  startWalk(0, 0);
  for (let flow = nextFlow(); flow; flow = nextFlow()) {
    destroyFlow(changetype<Flow>(flow));
    deleted++;
  }
  return deleted;
}

/** Destroys all flows, those too that are over and have not been swept yet. */
export function flushFlows(): u32 {
  const before = flowsInUse();
  const inBulk = isBulk(before) && beginBulkRemoval();
  for (let address = firstExtent(); address; address = changetype<Extent>(address).next) {
    const extent = changetype<Extent>(address);
    for (let slot: u32 = 0; slot < extent.slots; slot++) {
      const flow = flowAt(extent, slot);
      if (!(flow.status & Status.CONFIRMED)) continue;
      if (inBulk) destroyInBulk(flow);
      else destroyFlow(flow);
    }
  }
  if (inBulk) finishBulkRemoval();
  return before - flowsInUse();
}
