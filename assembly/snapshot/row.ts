/**
 * Rows of a snapshot: flows in a layout that no version may change; only behind a row's known parts may something be
 * added (docs/snapshot.md). Everything else of a snapshot is TypeScript's.
 *
 *   row: SavedFlow | addresses, 16 bytes (IPv4) or 64 | counters, 24 bytes | SavedExtension
 *
 * Rows go through a buffer of one MiB: the table is never there twice.
 */
import { releaseBlocks, reserveBlocks } from "../arena";
import { firstExtent } from "../flow-slab";
import { COUNTERS_SIZE, Flow, FLOW4_SIZE, Kind } from "../layout";
import { BLOCK } from "../limits";


@unmanaged
export class SavedFlow {
  /** Where the flow lay: its name within the snapshot. */
  name: u32;
  /** Where it lies now: written by loadFlows(). */
  address: u32;
  /** Bytes of the row, a multiple of 8. */
  bytes: u32;
  originalPorts: u32;
  replyPorts: u32;
  /** Tick at which the flow ends; the snapshot's clock counts on. */
  deadline: u32;
  mark: u32;
  status: u16;
  zone: u16;
  protocol: u8;
  kind: u8;
  /** Part set. */
  parts: u8;
  indexed: u8;
  masqueradeDevice: u16;
  unused: u16;
  /** The tracker's words. */
  words: u64;
}

/** What else is in a row, and what is to be done about it. */
export enum Part {
  EXTENSION = 1,
  /** Announced, announces or is read by a helper: TypeScript has something to tie. */
  LINKED = 2,
  GRE_KEYS = 4,
}

export const WORDS: usize = offsetof<SavedFlow>("words");
export const WORDS_SIZE: u32 = 52;
/** Words, and four bytes to make it whole. */
export const HEAD: u32 = <u32>WORDS + WORDS_SIZE + 4;
if (FLOW4_SIZE - offsetof<Flow>() != WORDS_SIZE) ERROR("a tracker's words");
if (HEAD % 8) ERROR("SavedFlow");

/** Copies a tracker's words. memory.copy() is a call out of WebAssembly that takes as long as all the rest of a row. */
// @ts-ignore: decorator
@inline
export function copyWords(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  store<u32>(to, load<u32>(from, 48), 48);
}

/** Copies the four addresses of IPv6. */
// @ts-ignore: decorator
@inline
export function copyAddresses(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  v128.store(to, v128.load(from, 48), 48);
}

/** An Extension; its master by name. */
@unmanaged
export class SavedExtension {
  start: f64;
  pendingChanges: u16;
  helper: u16;
  master: u32;
  greCall: u32;
  leadsGreCalls: u8;
  eventsChosen: u8;
  eventMask: u16;
  timeoutPolicy: u16;
  unused: u16;
  labels0: u64;
  labels1: u64;
  originalPosition: u32;
  originalBefore: i32;
  originalAfter: i32;
  replyPosition: u32;
  replyBefore: i32;
  replyAfter: i32;
}

export const EXTENSION_SIZE: u32 = 72;
if (offsetof<SavedExtension>() != EXTENSION_SIZE) ERROR("SavedExtension");

export const BUFFER_BLOCKS: u32 = 16;
export const LARGEST_ROW: u32 = HEAD + 64 + COUNTERS_SIZE + EXTENSION_SIZE;


@unmanaged
class Place {
  buffer: u32;
  /** The next flow to save. */
  extent: u32;
  slot: u32;
  /** Of the rows loaded last. */
  loaded: u32;
  linked: u32;
}

export const place = changetype<Place>(memory.data(offsetof<Place>(), 8));

/** Address of the buffer, 0 when there is no memory. To be closed again. */
export function openSnapshot(): u32 {
  place.buffer = <u32>reserveBlocks(BUFFER_BLOCKS);
  place.extent = <u32>firstExtent();
  place.slot = 0;
  return place.buffer;
}

export function closeSnapshot(): void {
  releaseBlocks(place.buffer, BUFFER_BLOCKS);
  place.buffer = 0;
}

export function snapshotBufferBytes(): u32 {
  return BUFFER_BLOCKS * BLOCK;
}

export function addressBytes(kind: u32): u32 {
  return kind & Kind.IPV6 ? 64 : 16;
}

export function rowBytes(kind: u32, parts: u32): u32 {
  return (
    HEAD +
    addressBytes(kind) +
    (kind & Kind.COUNTERS ? COUNTERS_SIZE : 0) +
    (parts & Part.EXTENSION ? EXTENSION_SIZE : 0)
  );
}
