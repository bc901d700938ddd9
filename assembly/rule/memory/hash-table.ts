/**
 * Tables of what rules remember of addresses: entries by a key of whole words, hashed with the engine's key, because
 * whoever sends packets chooses them. Entries of one bucket stand in the order in which they came.
 */
import { releaseBlocks, reserveBlocks } from "../../arena";
import { BLOCK } from "../../limits";
import { giveBackRow, takeRow } from "../../rows";
import { setWord, sipHashWords } from "../../sip-hash";


@unmanaged
export class HashTable {
  buckets: u32;
  /** Number of buckets less one. */
  mask: u32;
  count: u32;
  /** Bytes of an entry. */
  entryBytes: u16;
  /** 8-byte words of its key. */
  keyWords: u8;
  /** Bit n: word n of keys is compared but not hashed, so that entries that differ only there are found together. */
  looseWords: u8;
}

/** What entries begin with; the key follows. */
@unmanaged
export class Entry {
  next: u32;
  hash: u32;
}

export const KEY: u32 = offsetof<Entry>();
const BUCKETS_A_BLOCK: u32 = BLOCK / 4;
/** Entries a bucket before there are twice as many. */
const LOAD: u32 = 2;

/** The first block of buckets is there from the first entry on. */
export function initTable(table: HashTable, keyWords: u32, entryBytes: u32): void {
  table.keyWords = <u8>keyWords;
  table.entryBytes = <u16>entryBytes;
}

function hashOf(table: HashTable, key: usize): u32 {
  const words = <usize>table.keyWords;
  const loose = <u32>table.looseWords;
  for (let i: usize = 0; i < words; i++) {
    setWord(i, (loose >>> (<u32>i)) & 1 ? 0 : load<u64>(key + (i << 3)));
  }
  setWord(words, (<u64>0x7e) << 56);
  return <u32>sipHashWords(words + 1);
}

// @ts-ignore: decorator
@inline
function hasKey(table: HashTable, entry: u32, key: usize): bool {
  const words = <usize>table.keyWords;
  for (let i: usize = 0; i < words; i++) {
    if (load<u64>(<usize>entry + KEY + (i << 3)) != load<u64>(key + (i << 3))) return false;
  }
  return true;
}

/** The first entry with the key, 0 for none. */
export function findEntry(table: HashTable, key: usize): u32 {
  if (!table.count) return 0;
  const hash = hashOf(table, key);
  return searchFrom(table, load<u32>(bucketOf(table, hash)), hash, key);
}

/** The first entry whose key agrees in all words that are hashed, or the next one after an entry; 0 for none. */
export function findLike(table: HashTable, key: usize, after: u32): u32 {
  if (!table.count) return 0;
  const hash = hashOf(table, key);
  let entry = after ? changetype<Entry>(after).next : load<u32>(bucketOf(table, hash));
  while (entry && (changetype<Entry>(entry).hash != hash || !isLike(table, entry, key))) {
    entry = changetype<Entry>(entry).next;
  }
  return entry;
}

function isLike(table: HashTable, entry: u32, key: usize): bool {
  const words = <usize>table.keyWords;
  const loose = <u32>table.looseWords;
  for (let i: usize = 0; i < words; i++) {
    if ((loose >>> (<u32>i)) & 1) continue;
    if (load<u64>(<usize>entry + KEY + (i << 3)) != load<u64>(key + (i << 3))) return false;
  }
  return true;
}

/** The next one with the same key. */
export function nextEntry(table: HashTable, entry: u32): u32 {
  const one = changetype<Entry>(entry);
  return searchFrom(table, one.next, one.hash, entry + KEY);
}

function searchFrom(table: HashTable, entry: u32, hash: u32, key: usize): u32 {
  while (entry) {
    if (changetype<Entry>(entry).hash == hash && hasKey(table, entry, key)) return entry;
    entry = changetype<Entry>(entry).next;
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function bucketOf(table: HashTable, hash: u32): usize {
  return table.buckets + ((hash & table.mask) << 2);
}

/** A new entry, zero behind its key; 0 when memory is out. There may be others with the key. */
export function addEntry(table: HashTable, key: usize): u32 {
  if (table.count >= (table.buckets ? (table.mask + 1) * LOAD : 0) && !grow(table) && !table.buckets)
    return 0;
  const entry = takeRow(table.entryBytes);
  if (!entry) return 0;
  changetype<Entry>(entry).hash = hashOf(table, key);
  memory.copy(entry + KEY, key, (<usize>table.keyWords) << 3);
  append(table, entry);
  table.count++;
  return entry;
}

function append(table: HashTable, entry: u32): void {
  let link = bucketOf(table, changetype<Entry>(entry).hash);
  while (load<u32>(link)) link = load<u32>(link) + offsetof<Entry>("next");
  changetype<Entry>(entry).next = 0;
  store<u32>(link, entry);
}

function grow(table: HashTable): bool {
  const old = table.buckets;
  const oldBuckets = old ? table.mask + 1 : 0;
  const buckets = old ? oldBuckets * 2 : BUCKETS_A_BLOCK;
  const place = <u32>reserveBlocks(buckets / BUCKETS_A_BLOCK);
  if (!place) return false;
  table.buckets = place;
  table.mask = buckets - 1;
  for (let i: u32 = 0; i < oldBuckets; i++) {
    let entry = load<u32>(old + (i << 2));
    while (entry) {
      const next = changetype<Entry>(entry).next;
      append(table, entry);
      entry = next;
    }
  }
  if (old) releaseBlocks(old, oldBuckets / BUCKETS_A_BLOCK);
  return true;
}

export function removeEntry(table: HashTable, entry: u32): void {
  let link = bucketOf(table, changetype<Entry>(entry).hash);
  while (load<u32>(link) != entry) link = load<u32>(link) + offsetof<Entry>("next");
  store<u32>(link, changetype<Entry>(entry).next);
  giveBackRow(entry, table.entryBytes);
  table.count--;
}

/** The first entry, or the one that comes after: of this bucket and those behind it. 0: no more. */
export function firstFrom(table: HashTable, bucket: u32): u32 {
  if (!table.buckets) return 0;
  for (; bucket <= table.mask; bucket++) {
    const entry = load<u32>(table.buckets + (bucket << 2));
    if (entry) return entry;
  }
  return 0;
}

/** The entry after another, in the order of the table. */
export function following(table: HashTable, entry: u32): u32 {
  const one = changetype<Entry>(entry);
  return one.next ? one.next : firstFrom(table, (one.hash & table.mask) + 1);
}

export function clearTable(table: HashTable): void {
  for (let entry = firstFrom(table, 0); entry;) {
    const next = following(table, entry);
    giveBackRow(entry, table.entryBytes);
    entry = next;
  }
  if (table.buckets) releaseBlocks(table.buckets, (table.mask + 1) / BUCKETS_A_BLOCK);
  table.buckets = 0;
  table.count = 0;
}
