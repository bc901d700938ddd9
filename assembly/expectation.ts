/**
 * Expectations: connections that a helper has seen announced. They are found by destination address, destination
 * port, protocol and family, newest first; the source is compared under a mask. All those of a master flow hang on
 * its extension and go with it.
 */
import { reserveBlocks } from "./arena";
import { now } from "./clock";
import { emitExpectationEvent } from "./event-ring";
import { Extension, extend } from "./flow-extension";
import { Flow, Kind, Packet } from "./layout";
import { BLOCK, HZ } from "./limits";
import { warn } from "./log-ring";
import { EventKind } from "./shared/event";
import { ExpectationFlag, ExpectOutcome } from "./shared/expectation-flag";
import { LogKind } from "./shared/log-kind";
import { Family } from "./shared/protocol";
import { Stat } from "./shared/stat";
import { Status } from "./shared/status";
import { Sysctl } from "./shared/sysctl";
import { setWord, sipHashWords } from "./sip-hash";
import { count } from "./stats";
import { sysctl } from "./sysctl";
import { flow6 } from "./tuple";

/** Addresses and ports in network order; IPv4 addresses in the first four bytes, the rest zero. */
@unmanaged
export class Expectation {
  source0: u64;
  source1: u64;
  sourceMask0: u64;
  sourceMask1: u64;
  destination0: u64;
  destination1: u64;
  sourcePort: u16;
  sourcePortMask: u16;
  destinationPort: u16;
  zone: u16;
  protocol: u8;
  family: u8;
  /** ExpectationFlag set. */
  flags: u8;
  /** Which of the helper's policies it falls under: 0 to 3. */
  policy: u8;
  /** The helper that made it, and the one that the expected flow gets; 0 = none. */
  helper: u16;
  childHelper: u16;
  deadline: u32;
  /** The flow that announced it, and the generation of its slot. */
  master: u32;
  masterGeneration: u32;
  /** Neighbours in the bucket; `nextInBucket` also links free ones. */
  nextInBucket: u32;
  previousInBucket: u32;
  /** Neighbours among the master's, newest first. */
  nextOfMaster: u32;
  previousOfMaster: u32;
  /** Counts up: identity beyond the slot. */
  id: u32;
  /** 1: the expectation of the inverse tuple goes when a flow meets this one. */
  eitherEnd: u8;
  /** Follow set: how the expected flow is translated, 0 when its announcer is not. */
  follow: u8;
  /** What the flow's destination port, or source port with PORT_OF_SOURCE, becomes. */
  followPort: u16;
  /** What its destination becomes; unspecified: the announcer's own address. */
  followAddress0: u64;
  followAddress1: u64;
}

const SIZE: u32 = 128;
if (offsetof<Expectation>() > SIZE) ERROR("Expectation");

const BUCKETS: u32 = 1024;
const POLICIES: u32 = 4;


@unmanaged
class Expectations {
  count: u32;
  free: u32;
  lastId: u32;
  /** No expectation ends before this tick; meaningful while count > 0. */
  nextDeadline: u32;
}

const all = changetype<Expectations>(memory.data(offsetof<Expectations>(), 8));
const buckets: usize = memory.data(BUCKETS * 4, 16);

/** What is to be added: filled in by the caller of addExpectation(). */
export const wanted = changetype<Expectation>(memory.data(SIZE, 16));

/** `max` of the policy that the wanted expectation falls under, and its timeout in seconds. */
@unmanaged
export class Policy {
  max: u32;
  timeout: u32;
  /** Not 0: the same of another flow will do. */
  shared: u32;
}

export const wantedPolicy = changetype<Policy>(memory.data(offsetof<Policy>(), 8));

// @ts-ignore: decorator
@inline
export function expectationCount(): u32 {
  return all.count;
}

function bucketOf(destination0: u64, destination1: u64, port: u32, protocol: u32, family: u32): usize {
  setWord(0, destination0);
  setWord(1, destination1);
  setWord(2, (<u64>port) | ((<u64>protocol) << 16) | ((<u64>family) << 24) | ((<u64>24) << 56));
  return buckets + ((<usize>((<u32>sipHashWords(3)) & (BUCKETS - 1))) << 2);
}

function bucketOfWanted(e: Expectation): usize {
  return bucketOf(e.destination0, e.destination1, e.destinationPort, e.protocol, e.family);
}

// @ts-ignore: decorator
@inline
function at(address: u32): Expectation {
  return changetype<Expectation>(address);
}

/** The expectation that admits the packet's tuple, or null. */
export function findExpectation(packet: Packet): Expectation | null {
  const e = matchExpectation(packet);
  // The first that fits decides: an announcement of a flow that is not in the table yet admits nothing.
  return e && changetype<Flow>(e.master).status & Status.CONFIRMED ? e : null;
}

/** The newest active expectation that the packet's tuple fits, or null. */
export function matchExpectation(packet: Packet): Expectation | null {
  const six = packet.family == Family.IPV6;
  const source0 = six ? packet.src0 : packet.address & 0xffffffff;
  const source1 = six ? packet.src1 : 0;
  const destination0 = six ? packet.dst0 : packet.address >>> 32;
  const destination1 = six ? packet.dst1 : 0;
  const sourcePort = packet.ports & 0xffff;
  const destinationPort = packet.ports >>> 16;
  expireExpectations();
  const bucket = bucketOf(destination0, destination1, destinationPort, packet.protocol, packet.family);
  for (let address = load<u32>(bucket); address; address = at(address).nextInBucket) {
    const e = at(address);
    const matches =
      !(e.flags & ExpectationFlag.INACTIVE) &&
      e.destination0 == destination0 &&
      e.destination1 == destination1 &&
      e.destinationPort == destinationPort &&
      e.protocol == packet.protocol &&
      e.family == packet.family &&
      e.zone == packet.zone &&
      ((e.source0 ^ source0) & e.sourceMask0) == 0 &&
      ((e.source1 ^ source1) & e.sourceMask1) == 0 &&
      (((<u32>e.sourcePort) ^ sourcePort) & e.sourcePortMask) == 0;
    if (matches) return e;
  }
  return null;
}

/** Adds `wanted` under `wantedPolicy`. */
export function addExpectation(): ExpectOutcome {
  expireExpectations();
  const master = changetype<Flow>(wanted.master);
  if (master.generation != wanted.masterGeneration) return ExpectOutcome.NO_MASTER;
  const bucket = bucketOfWanted(wanted);
  let address = load<u32>(bucket);
  while (address) {
    const e = at(address);
    address = e.nextInBucket;
    if (!sameDestination(e, wanted)) continue;
    if ((e.master == wanted.master || wantedPolicy.shared) && sameSource(e, wanted)) {
      if (e.policy != wanted.policy || e.master != wanted.master) return ExpectOutcome.ALREADY;
      removeExpectation(e);
    } else if (overlapping(e, wanted)) {
      return ExpectOutcome.BUSY;
    }
  }
  const extension = extend(master);
  if (!extension) return ExpectOutcome.FULL;
  if (countOfPolicy(extension, wanted.policy) >= wantedPolicy.max) {
    const oldest = oldestOfPolicy(extension, wanted.policy);
    if (oldest) removeExpectation(oldest);
  }
  if (all.count >= sysctl(Sysctl.EXPECT_MAX)) {
    warn(LogKind.EXPECT_TABLE_FULL);
    return ExpectOutcome.FULL;
  }
  return insert(bucket, extension) ? ExpectOutcome.ADDED : ExpectOutcome.FULL;
}

/** What would admit `wanted` now, if it is of the same policy and helper, but of another flow; else 0. */
export function announcedElsewhere(): u32 {
  expireExpectations();
  for (let address = load<u32>(bucketOfWanted(wanted)); address; address = at(address).nextInBucket) {
    const e = at(address);
    if (e.flags & ExpectationFlag.INACTIVE || !sameDestination(e, wanted)) continue;
    if (!overlapping(e, wanted)) continue;
    const elsewhere = e.master != wanted.master && e.helper == wanted.helper && e.policy == wanted.policy;
    return elsewhere ? <u32>changetype<usize>(e) : 0;
  }
  return 0;
}

/** The announcement of a stream from the flow's source: one of the same announcer's that is led there. */
export function announcementOfSource(flow: Flow, announced: Expectation): Expectation | null {
  const six = (flow.kind & Kind.IPV6) != 0;
  const source0 = six ? flow6(flow).originalSrc0 : flow.originalAddress & 0xffffffff;
  const source1 = six ? flow6(flow).originalSrc1 : 0;
  const port = <u16>flow.originalPorts;
  const family: u32 = six ? Family.IPV6 : Family.IPV4;
  const extension = changetype<Extension>(changetype<Flow>(announced.master).extension);
  for (let address = extension.expectations; address; address = at(address).nextOfMaster) {
    const e = at(address);
    if (
      e.follow != 0 &&
      e.family == family &&
      e.protocol == flow.protocol &&
      e.followAddress0 == source0 &&
      e.followAddress1 == source1 &&
      e.followPort == port &&
      (e != announced || e.flags & ExpectationFlag.PERMANENT)
    ) {
      return e;
    }
  }
  return null;
}

function sameDestination(a: Expectation, b: Expectation): bool {
  return (
    a.destination0 == b.destination0 &&
    a.destination1 == b.destination1 &&
    a.destinationPort == b.destinationPort &&
    a.protocol == b.protocol &&
    a.family == b.family &&
    a.zone == b.zone
  );
}

function sameSource(a: Expectation, b: Expectation): bool {
  return (
    a.source0 == b.source0 &&
    a.source1 == b.source1 &&
    a.sourceMask0 == b.sourceMask0 &&
    a.sourceMask1 == b.sourceMask1 &&
    a.sourcePort == b.sourcePort &&
    a.sourcePortMask == b.sourcePortMask
  );
}

/** Some packet could match both. */
function overlapping(a: Expectation, b: Expectation): bool {
  return (
    ((a.source0 ^ b.source0) & a.sourceMask0 & b.sourceMask0) == 0 &&
    ((a.source1 ^ b.source1) & a.sourceMask1 & b.sourceMask1) == 0 &&
    ((a.sourcePort ^ b.sourcePort) & a.sourcePortMask & b.sourcePortMask) == 0
  );
}

function countOfPolicy(extension: Extension, policy: u32): u32 {
  let found: u32 = 0;
  for (let address = extension.expectations; address; address = at(address).nextOfMaster) {
    if (at(address).policy == policy) found++;
  }
  return found;
}

function oldestOfPolicy(extension: Extension, policy: u32): Expectation | null {
  let oldest: Expectation | null = null;
  for (let address = extension.expectations; address; address = at(address).nextOfMaster) {
    if (at(address).policy == policy) oldest = at(address);
  }
  return oldest;
}

function insert(bucket: usize, extension: Extension): bool {
  if (!all.free && !addRows()) return false;
  const address = all.free;
  const e = at(address);
  all.free = e.nextInBucket;
  memory.copy(address, changetype<usize>(wanted), SIZE);
  e.policy = <u8>min<u32>(wanted.policy, POLICIES - 1);
  e.deadline = now() + wantedPolicy.timeout * HZ;
  e.id = ++all.lastId;
  e.previousInBucket = 0;
  e.nextInBucket = load<u32>(bucket);
  if (e.nextInBucket) at(e.nextInBucket).previousInBucket = address;
  store<u32>(bucket, address);
  e.previousOfMaster = 0;
  e.nextOfMaster = extension.expectations;
  if (e.nextOfMaster) at(e.nextOfMaster).previousOfMaster = address;
  extension.expectations = address;
  noteDeadline(e.deadline);
  all.count++;
  count(Stat.EXPECT_CREATE);
  emitExpectationEvent(address, SIZE, EventKind.EXP_NEW, changetype<Flow>(e.master));
  return true;
}

function noteDeadline(deadline: u32): void {
  if (all.count == 0 || <i32>(deadline - all.nextDeadline) < 0) all.nextDeadline = deadline;
}

export function removeExpectation(e: Expectation): void {
  emitExpectationEvent(<u32>changetype<usize>(e), SIZE, EventKind.EXP_DESTROY, changetype<Flow>(e.master));
  count(Stat.EXPECT_DELETE);
  const next = e.nextInBucket;
  if (next) at(next).previousInBucket = e.previousInBucket;
  if (e.previousInBucket) at(e.previousInBucket).nextInBucket = next;
  else store<u32>(bucketOfWanted(e), next);
  const sibling = e.nextOfMaster;
  if (sibling) at(sibling).previousOfMaster = e.previousOfMaster;
  if (e.previousOfMaster) at(e.previousOfMaster).nextOfMaster = sibling;
  else changetype<Extension>(changetype<Flow>(e.master).extension).expectations = sibling;
  e.master = 0;
  e.nextInBucket = all.free;
  all.free = <u32>changetype<usize>(e);
  all.count--;
}

/** All that a flow has announced. */
export function removeExpectationsOf(extension: Extension): void {
  while (extension.expectations) removeExpectation(at(extension.expectations));
}

/** A new end for an expectation, and its flags. */
export function changeExpectation(address: u32, flags: u32, seconds: u32): void {
  const e = at(address);
  e.flags = <u8>flags;
  e.deadline = now() + seconds * HZ;
  noteDeadline(e.deadline);
}

/** Removes what is over; a look at one number while nothing is. */
export function expireExpectations(): void {
  if (!all.count || <i32>(all.nextDeadline - now()) > 0) return;
  let next: u32 = now() + (1 << 30);
  for (let i: usize = 0; i < BUCKETS; i++) {
    let address = load<u32>(buckets + (i << 2));
    while (address) {
      const e = at(address);
      address = e.nextInBucket;
      if (<i32>(e.deadline - now()) <= 0) removeExpectation(e);
      else if (<i32>(e.deadline - next) < 0) next = e.deadline;
    }
  }
  all.nextDeadline = next;
}

function addRows(): bool {
  const block = <u32>reserveBlocks(1);
  if (!block) return false;
  for (let address = block; address < block + BLOCK; address += SIZE) {
    at(address).nextInBucket = all.free;
    all.free = address;
  }
  return true;
}

/** Walks all expectations: the one after `address` (0 to begin), 0 at the end. */
export function nextExpectation(address: u32): u32 {
  expireExpectations();
  if (address && at(address).nextInBucket) return at(address).nextInBucket;
  let i: usize = address ? ((bucketOfWanted(at(address)) - buckets) >>> 2) + 1 : 0;
  for (; i < BUCKETS; i++) {
    const first = load<u32>(buckets + (i << 2));
    if (first) return first;
  }
  return 0;
}
