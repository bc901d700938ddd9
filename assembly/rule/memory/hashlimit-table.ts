/** The tables of `-m hashlimit`: a bucket of credits for each address, port, or combination. Rules share them by name. */
import { now } from "../../clock";
import { Packet } from "../../layout";
import { giveBackRow, takeRow } from "../../rows";
import { HashlimitKey } from "../../shared/counting-records";
import { BYTE_CREDITS, CREDITS_PER_TICK_BYTES, CREDITS_PER_TICK_PACKETS } from "../../shared/ticks";
import {
  addEntry,
  clearTable,
  findEntry,
  firstFrom,
  following,
  HashTable,
  initTable,
  KEY,
  removeEntry,
} from "./hash-table";

/** Key: source, destination, ports. */
const KEY_WORDS: u32 = 5;


@unmanaged
export class HashlimitTable extends HashTable {
  /** HashlimitKey set. */
  mode: u32;
  max: u32;
  /** Ticks that a bucket lives without packets, and between two looks at all of them. */
  expire: u32;
  gcInterval: u32;
  created: u32;
  /** Looks at all of them since then that have been made up for. */
  sweeps: u32;
  /** Credits that a packet, or a chunk of 16 bytes, costs; and what a bucket holds, or how often it is filled up. */
  cost: u64;
  cap: u64;
  sourceMask0: u64;
  sourceMask1: u64;
  destinationMask0: u64;
  destinationMask1: u64;
}


@unmanaged
export class Bucket {
  next: u32;
  hash: u32;
  key0: u64;
  key1: u64;
  key2: u64;
  key3: u64;
  key4: u64;
  expires: u32;
  previous: u32;
  credit: u64;
  cap: u64;
}

if (offsetof<Bucket>("expires") != KEY + KEY_WORDS * 8) ERROR("Bucket");

/** A table; 0 when there is no memory. Times are in ticks, masks are prefix lengths. */
export function createHashlimit(
  mode: u32,
  max: u32,
  expire: u32,
  gcInterval: u32,
  cost: u64,
  cap: u64,
  sourcePrefix: u32,
  destinationPrefix: u32,
): u32 {
  const address = takeRow(offsetof<HashlimitTable>());
  if (!address) return 0;
  const table = changetype<HashlimitTable>(address);
  initTable(table, KEY_WORDS, offsetof<Bucket>());
  table.mode = mode;
  table.max = max;
  table.expire = expire;
  table.gcInterval = gcInterval;
  table.created = now();
  table.cost = cost;
  table.cap = cap;
  writeMask(address + offsetof<HashlimitTable>("sourceMask0"), sourcePrefix);
  writeMask(address + offsetof<HashlimitTable>("destinationMask0"), destinationPrefix);
  return address;
}

function writeMask(at: usize, prefix: u32): void {
  for (let byte: u32 = 0; byte < 16; byte++) {
    const bits = <u32>max<i32>(min<i32>(<i32>prefix - ((<i32>byte) << 3), 8), 0);
    store<u8>(at + byte, <u8>(0xff00 >>> bits));
  }
}

export function destroyHashlimit(address: u32): void {
  clearTable(changetype<HashlimitTable>(address));
  giveBackRow(address, offsetof<HashlimitTable>());
}

/** Buckets are thrown away at certain ticks only: whether one has come since this bucket was over. */
function isOver(table: HashlimitTable, bucket: Bucket, tick: u32): bool {
  if (<i32>(tick - bucket.expires) < 0) return false;
  return sweepsUntil(table, tick) > sweepsUntil(table, bucket.expires - 1);
}

function sweepsUntil(table: HashlimitTable, tick: u32): u32 {
  return (tick - table.created) / table.gcInterval;
}

function sweep(table: HashlimitTable, tick: u32): void {
  const sweeps = sweepsUntil(table, tick);
  if (sweeps == table.sweeps) return;
  table.sweeps = sweeps;
  for (let entry = firstFrom(table, 0); entry;) {
    const next = following(table, entry);
    if (isOver(table, changetype<Bucket>(entry), tick)) removeEntry(table, entry);
    entry = next;
  }
}

/** The bucket of the key as it is at the packet's tick; null when there is no room for another. */
export function bucketFor(table: HashlimitTable, key: usize, packet: Packet): Bucket | null {
  const tick = packet.now;
  let entry = findEntry(table, key);
  if (entry && !isOver(table, changetype<Bucket>(entry), tick)) {
    const bucket = changetype<Bucket>(entry);
    fillUp(table, bucket, tick);
    bucket.expires = tick + table.expire;
    return bucket;
  }
  if (!entry) {
    if (table.count >= table.max) sweep(table, tick);
    if (table.count >= table.max) return null;
    entry = addEntry(table, key);
    if (!entry) return null;
  }
  const bucket = changetype<Bucket>(entry);
  bucket.expires = tick + table.expire;
  bucket.previous = tick;
  bucket.cap = table.cap;
  bucket.credit = table.mode & HashlimitKey.BYTES ? BYTE_CREDITS : table.cap;
  return bucket;
}

function fillUp(table: HashlimitTable, bucket: Bucket, tick: u32): void {
  const ticks = <u64>(tick - bucket.previous);
  if (!ticks) return;
  bucket.previous = tick;
  const bytes = (table.mode & HashlimitKey.BYTES) != 0;
  const cap = bytes ? BYTE_CREDITS : bucket.cap;
  const credit = bucket.credit + ticks * (bytes ? CREDITS_PER_TICK_BYTES : CREDITS_PER_TICK_PACKETS);
  bucket.credit = credit < bucket.credit || credit > cap ? cap : credit;
}
