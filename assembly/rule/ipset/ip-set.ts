/** Sets of addresses, networks, ports and the like (ipset): their elements, by key. */
import { now } from "../../clock";
import { HZ } from "../../limits";
import { giveBackRow, takeRow } from "../../rows";
import { ElementFlag, ElementRecord, SetFlag, SetKey, SetPart, SetRecord } from "../../shared/ipset-record";
import {
  addEntry,
  clearTable,
  findEntry,
  firstFrom,
  following,
  HashTable,
  initTable,
  removeEntry,
} from "../memory/hash-table";

const KEY_WORDS: u32 = SetKey.SIZE / 8;
/** The interfaces of a network are looked at together. */
const INTERFACE_WORDS: u32 = 3 << (SetKey.SECOND / 8);
/** Networks are looked for by prefix length: so many elements have each, for two parts. */
const PREFIXES: u32 = 129;
const PREFIX_COUNTS: u32 = 2 * PREFIXES * 4;


@unmanaged
export class IpSet extends HashTable {
  part0: u8;
  part1: u8;
  part2: u8;
  partCount: u8;
  family: u8;
  flags: u8;
  unused: u16;
  maxElements: u32;
  timeout: u32;
  markMask: u32;
  rangeMin: u32;
  rangeMax: u32;
  /** Counts of prefix lengths: of the first network, then of the second. */
  prefixCounts: u32;
  mask0: u64;
  mask1: u64;
  /** Of a list: its first member. */
  firstMember: u32;
  /** Tick of the last look for elements that are over. */
  swept: u32;
}

if (offsetof<IpSet>("part0") != SetRecord.PARTS) ERROR("SetRecord");
if (offsetof<IpSet>("markMask") != SetRecord.MARK_MASK) ERROR("SetRecord");
if (offsetof<IpSet>("mask0") != SetRecord.MASK) ERROR("SetRecord");
if (offsetof<IpSet>("firstMember") != SetRecord.FIRST_MEMBER) ERROR("SetRecord");
if (offsetof<IpSet>() != SetRecord.SIZE) ERROR("SetRecord");

/** The key of the element to be looked for, added or removed: written by TypeScript, or from a packet (key.ts). */
export const elementKey: usize = memory.data(SetKey.SIZE, 16);

/** 0 when memory is out. */
export function createSet(): u32 {
  const address = takeRow(SetRecord.SIZE);
  if (!address) return 0;
  const set = changetype<IpSet>(address);
  set.prefixCounts = takeRow(PREFIX_COUNTS);
  initTable(set, KEY_WORDS, ElementRecord.SIZE);
  if (set.prefixCounts) return address;
  giveBackRow(address, SetRecord.SIZE);
  return 0;
}

export function clearSet(address: u32): void {
  const set = changetype<IpSet>(address);
  clearTable(set);
  memory.fill(set.prefixCounts, 0, PREFIX_COUNTS);
  set.firstMember = 0;
}

export function destroySet(address: u32): void {
  clearSet(address);
  giveBackRow(changetype<IpSet>(address).prefixCounts, PREFIX_COUNTS);
  giveBackRow(address, SetRecord.SIZE);
}

// @ts-ignore: decorator
@inline
export function isOver(element: u32): bool {
  return (
    (load<u8>(element, ElementRecord.FLAGS) & ElementFlag.TIMED) != 0 &&
    <i32>(load<u32>(element, ElementRecord.EXPIRES) - now()) <= 0
  );
}

/** The element with elementKey, 0 for none: those that are over are not there. */
export function findElement(set: IpSet): u32 {
  const element = findEntry(set, elementKey);
  return element && !isOver(element) ? element : 0;
}

/** How many elements have a network of this prefix length; `which`: 0 for the first network, 1 for the second. */
// @ts-ignore: decorator
@inline
export function hasPrefix(set: IpSet, which: u32, prefix: u32): bool {
  return load<u32>(set.prefixCounts + ((which * PREFIXES + prefix) << 2)) != 0;
}

function countPrefixes(set: IpSet, key: usize, change: i32): void {
  countPrefix(set, 0, load<u8>(key, SetKey.PREFIX), change);
  countPrefix(set, 1, load<u8>(key, SetKey.SECOND_PREFIX), change);
}

function countPrefix(set: IpSet, which: u32, prefix: u32, change: i32): void {
  const at = set.prefixCounts + ((which * PREFIXES + prefix) << 2);
  store<i32>(at, load<i32>(at) + change);
}

/**
 * Adds the element with elementKey, for so many seconds (0: forever). One that is there is renewed with `exist` and
 * left alone without. Returns it; 0 when it was there, or there is no room.
 */
export function addElement(set: IpSet, seconds: u32, exist: bool): u32 {
  let element = findEntry(set, elementKey);
  if (element && isOver(element)) {
    removeElement(set, element);
    element = 0;
  }
  if (element && !exist) return 0;
  if (!element) {
    if (set.count >= set.maxElements && !makeRoom(set)) return 0;
    if (set.part1 == SetPart.IFACE) set.looseWords = <u8>INTERFACE_WORDS;
    element = addEntry(set, elementKey);
    if (!element) return 0;
    countPrefixes(set, elementKey, 1);
  }
  const timed: u32 = set.flags & SetFlag.TIMEOUTS && seconds ? ElementFlag.TIMED : 0;
  const kept = (<u32>load<u8>(element, ElementRecord.FLAGS)) & ElementFlag.COMMENTED;
  store<u8>(element, <u8>(timed | kept), ElementRecord.FLAGS);
  store<u32>(element, now() + seconds * HZ, ElementRecord.EXPIRES);
  return element;
}

export function removeElement(set: IpSet, element: u32): void {
  countPrefixes(set, element + ElementRecord.KEY, -1);
  if (set.part0 == SetPart.SET) unlinkMember(set, element);
  removeEntry(set, element);
}

/** Elements that are over make room, looked for once a second; or any, where the set allows it. */
function makeRoom(set: IpSet): bool {
  if (now() - set.swept >= HZ) {
    set.swept = now();
    for (let element = firstFrom(set, 0); element;) {
      const next = following(set, element);
      if (isOver(element)) removeElement(set, element);
      element = next;
    }
  }
  if (set.count < set.maxElements) return true;
  if (!(set.flags & SetFlag.FORCEADD) || !set.count) return false;
  removeElement(set, firstFrom(set, 0));
  return true;
}

/** Appends an element, which stands for a set, to a list. */
export function linkMember(address: u32, element: u32): void {
  const set = changetype<IpSet>(address);
  let link = changetype<usize>(set) + offsetof<IpSet>("firstMember");
  while (load<u32>(link)) link = <usize>load<u32>(link) + ElementRecord.NEXT_MEMBER;
  store<u32>(link, element);
}

/** The member of a list after another, 0: the first; 0 when there is no more. */
export function nextMember(set: IpSet, member: u32): u32 {
  do {
    member = member ? load<u32>(member, ElementRecord.NEXT_MEMBER) : set.firstMember;
  } while (member && isOver(member));
  return member;
}

export function memberSet(member: u32): IpSet {
  return changetype<IpSet>(load<u32>(member + ElementRecord.KEY, SetKey.SECOND));
}

function unlinkMember(set: IpSet, element: u32): void {
  let link = changetype<usize>(set) + offsetof<IpSet>("firstMember");
  while (load<u32>(link) && load<u32>(link) != element)
    link = <usize>load<u32>(link) + ElementRecord.NEXT_MEMBER;
  if (load<u32>(link)) store<u32>(link, load<u32>(element, ElementRecord.NEXT_MEMBER));
}

/** The element after another, 0: the first; 0 when there is no more. Those that are over are left out. */
export function nextElement(address: u32, element: u32): u32 {
  const set = changetype<IpSet>(address);
  do {
    element = element ? following(set, element) : firstFrom(set, 0);
  } while (element && isOver(element));
  return element;
}
