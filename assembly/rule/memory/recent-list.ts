/** The lists of `-m recent`: addresses and when packets came from them. Rules share them by name. */
import { giveBackRow, takeRow } from "../../rows";
import { addEntry, clearTable, HashTable, initTable, KEY, removeEntry } from "./hash-table";

/** Addresses in a list; the one not seen for the longest time makes room for another. */
const MAX_ADDRESSES: u32 = 100;
/** Key: the address and its family. */
const KEY_WORDS: u32 = 3;


@unmanaged
export class RecentList extends HashTable {
  /** Entries by when they were last seen, oldest first. */
  oldest: u32;
  newest: u32;
  /** Stamps that an entry keeps, less one: a power of two less one. */
  stampMask: u32;
  unused: u32;
  /** What of an address counts. */
  mask0: u64;
  mask1: u64;
}


@unmanaged
export class Seen {
  next: u32;
  hash: u32;
  address0: u64;
  address1: u64;
  family: u64;
  older: u32;
  newer: u32;
  /** Stamps there are, and where the next one goes. */
  stamps: u16;
  index: u16;
  ttl: u8;
  unused0: u8;
  unused1: u16;
}

if (offsetof<Seen>("older") != KEY + KEY_WORDS * 8) ERROR("Seen");
const STAMPS: u32 = offsetof<Seen>();

/** A list; 0 when there is no memory. `mask`: of addresses, in two halves as they lie in memory. */
export function createRecentList(stampMask: u32, mask0: u64, mask1: u64): u32 {
  const address = takeRow(offsetof<RecentList>());
  if (!address) return 0;
  const list = changetype<RecentList>(address);
  list.mask0 = mask0;
  list.mask1 = mask1;
  setStamps(list, stampMask);
  return address;
}

function setStamps(list: RecentList, stampMask: u32): void {
  list.stampMask = stampMask;
  initTable(list, KEY_WORDS, STAMPS + 4 * (stampMask + 1));
}

/** A rule asks for more stamps than the list keeps: it begins anew, as in Linux. */
export function widenRecentList(address: u32, stampMask: u32): void {
  const list = changetype<RecentList>(address);
  if (stampMask <= list.stampMask) return;
  forgetAll(list);
  setStamps(list, stampMask);
}

export function destroyRecentList(address: u32): void {
  forgetAll(changetype<RecentList>(address));
  giveBackRow(address, offsetof<RecentList>());
}

function forgetAll(list: RecentList): void {
  clearTable(list);
  list.oldest = 0;
  list.newest = 0;
}

// @ts-ignore: decorator
@inline
function stampAt(seen: Seen, i: u32): usize {
  return changetype<usize>(seen) + STAMPS + (i << 2);
}

/** A new entry for the key, seen now. Null when memory is out. */
export function firstSeen(list: RecentList, key: usize, now: u32, ttl: u32): Seen | null {
  if (list.count >= MAX_ADDRESSES) forget(list, changetype<Seen>(list.oldest));
  const address = addEntry(list, key);
  if (!address) return null;
  const seen = changetype<Seen>(address);
  seen.ttl = <u8>ttl;
  seen.stamps = 1;
  seen.index = 1;
  store<u32>(stampAt(seen, 0), now);
  putNewest(list, seen);
  return seen;
}

export function seenAgain(list: RecentList, seen: Seen, now: u32, ttl: u32): void {
  const index = seen.index & (<u16>list.stampMask);
  store<u32>(stampAt(seen, index), now);
  seen.index = index + 1;
  if (seen.index > seen.stamps) seen.stamps = seen.index;
  seen.ttl = <u8>ttl;
  takeOut(list, seen);
  putNewest(list, seen);
}

/** Stamps not before `since`; all when `ever`. Stops counting at `enough`. */
export function countStamps(seen: Seen, since: u32, ever: bool, enough: u32): u32 {
  let hits: u32 = 0;
  for (let i: u32 = 0; i < seen.stamps && hits < enough; i++) {
    if (ever || <i32>(load<u32>(stampAt(seen, i)) - since) >= 0) hits++;
  }
  return hits;
}

/** Forgets the address that was not seen for the longest time, if that was before `since`. */
export function reapOldest(list: RecentList, since: u32, kept: Seen | null): void {
  const seen = changetype<Seen>(list.oldest);
  if (!list.oldest || seen === kept) return;
  if (<i32>(load<u32>(stampAt(seen, seen.index - 1)) - since) < 0) forget(list, seen);
}

export function forget(list: RecentList, seen: Seen): void {
  takeOut(list, seen);
  removeEntry(list, <u32>changetype<usize>(seen));
}

function takeOut(list: RecentList, seen: Seen): void {
  if (seen.older) changetype<Seen>(seen.older).newer = seen.newer;
  else list.oldest = seen.newer;
  if (seen.newer) changetype<Seen>(seen.newer).older = seen.older;
  else list.newest = seen.older;
}

function putNewest(list: RecentList, seen: Seen): void {
  const address = <u32>changetype<usize>(seen);
  seen.older = list.newest;
  seen.newer = 0;
  if (list.newest) changetype<Seen>(list.newest).newer = address;
  else list.oldest = address;
  list.newest = address;
}
