/**
 * Translated flows by the end point that opened them, so that one socket of a client looks like one socket outside,
 * whatever it talks to (endpoint-independent mapping, RFC 4787 section 4.1). Flows of one source are a list, newest
 * first, and the newest of each source stands in a bucket.
 *
 * Nearly all flows keep their port and get the only address that there is: what another flow of theirs got is what they
 * would get anyway. Such flows are not noted, unless their source is here already.
 *
 * Buckets grow by linear hashing: each source too many splits one bucket, so no packet waits for a rebuild.
 */
import { reserveBlocks } from "./arena";
import { natLinksOf } from "./flow-slab";
import { Flow, Flow6, FLOW4_SIZE, Kind, NatLinks } from "./layout";
import { BLOCK } from "./limits";
import { Direction } from "./shared/ct-state";
import { Family } from "./shared/protocol";
import { setWord, sipHashWords } from "./sip-hash";
import { zoneOf } from "./tuple";

/** Segment 0 has so many buckets, one block; each further one as many as all before it. */
const FIRST_BUCKETS: u32 = BLOCK / 4;
const FIRST_BITS: u32 = 14;
const SEGMENTS: u32 = 14;


@unmanaged
class SourceIndex {
  /** Sources with flows. */
  sources: u32;
  buckets: u32;
  /** Bit n: flows of family n may be translated, because there is a nat table. */
  families: u32;
  /** Bit n: of family n all translated sources are noted, because rules choose among addresses. */
  choosing: u32;
}

const index = changetype<SourceIndex>(memory.data(offsetof<SourceIndex>(), 16));
const segments: usize = memory.data(SEGMENTS * 4, 16);

/**
 * Whether there is a nat table for the family, and one with rules that choose among several addresses for a source.
 * Flows that begin before there is a table are never translated.
 */
export function setNat(family: u32, on: bool, choosing: bool): void {
  const bit: u32 = 1 << family;
  index.families = on ? index.families | bit : index.families & ~bit;
  index.choosing = on && choosing ? index.choosing | bit : index.choosing & ~bit;
}

// @ts-ignore: decorator
@inline
export function hasNat(family: u32): bool {
  return ((index.families >>> family) & 1) != 0;
}

/** The device that a masqueraded flow leaves by, 0 for other flows. Small numbers lie in the record itself. */
// @ts-ignore: decorator
@inline
export function masqueradeDevice(flow: Flow): u32 {
  const device = <u32>flow.kind / Kind.MASQUERADE;
  return device < BIG_DEVICE ? device : <u32>natLinksOf(flow).masqueradeDevice;
}

const BIG_DEVICE: u32 = 255 / Kind.MASQUERADE;

export function setMasqueradeDevice(flow: Flow, device: u32): void {
  if (!(flow.kind & Kind.NAT)) return;
  flow.kind |= <u8>(min(device, BIG_DEVICE) * Kind.MASQUERADE);
  natLinksOf(flow).masqueradeDevice = <u16>device;
}

/**
 * Notes a new flow whose source has been translated; `keyChanged`: to another port or id. Without memory for buckets it
 * is not found, no more.
 */
export function noteSource(flow: Flow, keyChanged: bool): void {
  if (!(flow.kind & Kind.NAT)) return;
  const family: u32 = flow.kind & Kind.IPV6 ? Family.IPV6 : Family.IPV4;
  if (keyChanged || ((index.choosing >>> family) & 1) != 0 || firstOfSource(flow)) addSource(flow);
}

/** Enters a flow of a NAT kind as the newest of its source. */
export function addSource(flow: Flow): void {
  if (!index.buckets && !addSegment(0)) return;
  const links = natLinksOf(flow);
  links.indexed = 1;
  let link = bucketAt(bucketOf(hashSource(flow)));
  const first = link;
  for (let head = load<u32>(link); head; head = load<u32>(link)) {
    const older = natLinksOf(changetype<Flow>(head));
    if (sameSource(changetype<Flow>(head), flow)) {
      links.nextOfSource = head;
      links.nextSource = older.nextSource;
      older.previousOfSource = <u32>changetype<usize>(flow);
      older.nextSource = 0;
      store<u32>(link, <u32>changetype<usize>(flow));
      return;
    }
    link = changetype<usize>(older) + offsetof<NatLinks>("nextSource");
  }
  links.nextSource = load<u32>(first);
  store<u32>(first, <u32>changetype<usize>(flow));
  index.sources++;
  if (index.sources > index.buckets) splitBucket();
}

/** To be called before a flow of a NAT kind is freed. */
export function removeSource(flow: Flow): void {
  const links = natLinksOf(flow);
  if (!links.indexed) return;
  links.indexed = 0;
  const next = links.nextOfSource;
  if (next) natLinksOf(changetype<Flow>(next)).previousOfSource = links.previousOfSource;
  if (links.previousOfSource) {
    natLinksOf(changetype<Flow>(links.previousOfSource)).nextOfSource = next;
    return;
  }
  let link = bucketAt(bucketOf(hashSource(flow)));
  while (load<u32>(link) != <u32>changetype<usize>(flow)) {
    const other = natLinksOf(changetype<Flow>(load<u32>(link)));
    link = changetype<usize>(other) + offsetof<NatLinks>("nextSource");
  }
  if (next) {
    natLinksOf(changetype<Flow>(next)).nextSource = links.nextSource;
    store<u32>(link, next);
  } else {
    store<u32>(link, links.nextSource);
    index.sources--;
  }
}

/** The newest translated flow from the same source as a new one's, null for none. */
export function firstOfSource(flow: Flow): Flow | null {
  if (!index.sources) return null;
  let head = load<u32>(bucketAt(bucketOf(hashSource(flow))));
  while (head) {
    if (sameSource(changetype<Flow>(head), flow)) return changetype<Flow>(head);
    head = natLinksOf(changetype<Flow>(head)).nextSource;
  }
  return null;
}

/** The next older one. */
export function nextOfSource(flow: Flow): Flow | null {
  const next = natLinksOf(flow).nextOfSource;
  return next ? changetype<Flow>(next) : null;
}

/** Address, port or id, protocol and zone of the original source. */
function hashSource(flow: Flow): u64 {
  const rest =
    (<u64>(flow.originalPorts & 0xffff)) |
    ((<u64>flow.protocol) << 16) |
    ((<u64>zoneOf(flow, Direction.ORIGINAL)) << 24);
  if (!(flow.kind & Kind.IPV6)) {
    setWord(0, flow.originalAddress & 0xffffffff);
    setWord(1, rest | ((<u64>12) << 56));
    return sipHashWords(2);
  }
  const six = original6(flow);
  setWord(0, six.originalSrc0);
  setWord(1, six.originalSrc1);
  setWord(2, rest | ((<u64>24) << 56));
  return sipHashWords(3);
}

// @ts-ignore: decorator
@inline
function original6(flow: Flow): Flow6 {
  return changetype<Flow6>(changetype<usize>(flow) + FLOW4_SIZE);
}

function sameSource(a: Flow, b: Flow): bool {
  if (
    a.protocol != b.protocol ||
    ((a.originalPorts ^ b.originalPorts) & 0xffff) != 0 ||
    ((a.kind ^ b.kind) & Kind.IPV6) != 0 ||
    zoneOf(a, Direction.ORIGINAL) != zoneOf(b, Direction.ORIGINAL)
  ) {
    return false;
  }
  if (!(a.kind & Kind.IPV6)) return <u32>a.originalAddress == <u32>b.originalAddress;
  const six = original6(a);
  const other = original6(b);
  return six.originalSrc0 == other.originalSrc0 && six.originalSrc1 == other.originalSrc1;
}

/** The buckets that have been split already in this round are those below the lower mask's complement. */
function bucketOf(hash: u64): u32 {
  const mask = roundMask();
  const bucket = (<u32>hash) & ((mask << 1) | 1);
  return bucket < index.buckets ? bucket : bucket & mask;
}

/** As many buckets as there were when this round of splits began, less one. */
function roundMask(): u32 {
  return ((<u32>0x80000000) >>> clz(index.buckets)) - 1;
}

function bucketAt(bucket: u32): usize {
  const segment = 32 - clz(bucket >>> FIRST_BITS);
  const start = segment ? FIRST_BUCKETS << (segment - 1) : 0;
  return load<u32>(segments + ((<usize>segment) << 2)) + ((bucket - start) << 2);
}

function addSegment(segment: u32): bool {
  if (segment == SEGMENTS) return false;
  const blocks = <u32>reserveBlocks(segment ? 1 << (segment - 1) : 1);
  if (!blocks) return false;
  store<u32>(segments + ((<usize>segment) << 2), blocks);
  if (!segment) index.buckets = FIRST_BUCKETS;
  return true;
}

/** Makes one more bucket, out of the next one of this round. Without memory chains just get longer. */
function splitBucket(): void {
  const added = index.buckets;
  const segment = 32 - clz(added >>> FIRST_BITS);
  if (segment == SEGMENTS) return;
  if (!load<u32>(segments + ((<usize>segment) << 2)) && !addSegment(segment)) return;
  const mask = roundMask();
  const from = bucketAt(added & mask);
  const to = bucketAt(added);
  index.buckets++;
  let link = from;
  for (let head = load<u32>(link); head; head = load<u32>(link)) {
    const links = natLinksOf(changetype<Flow>(head));
    if (((<u32>hashSource(changetype<Flow>(head))) & ((mask << 1) | 1)) == added) {
      store<u32>(link, links.nextSource);
      links.nextSource = load<u32>(to);
      store<u32>(to, head);
    } else {
      link = changetype<usize>(links) + offsetof<NatLinks>("nextSource");
    }
  }
}
