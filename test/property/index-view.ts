/** Reads the index where it lies. Its format is described at the head of assembly/index-chunk.ts. */
import type { Engine } from "../../src/engine/engine.js";

const CHUNK_BYTES = 64;
export const CHUNK_ENTRIES = 12;
const OVERFLOW_AT = 12;
const ENTRIES_AT = 16;
const ENTRY_BITS = 31;

export interface IndexEntry {
  readonly chunk: number;
  /** The upper byte of the hash, and four more bits of it. */
  readonly tag: number;
  readonly bits: number;
  /** Address of the flow. */
  readonly flow: number;
}

export interface IndexView {
  /** How many there are. */
  readonly chunks: number;
  readonly entries: readonly IndexEntry[];
  /** Sum of what all chunks say about entries that went past them. */
  readonly overflow: number;
}

/** What the engine exports for nobody but this. */
interface IndexExports {
  /** Address of the first chunk. */
  indexChunks(): number;
  /** Number of chunks less one. */
  indexMask(): number;
}

/** The index; while an old one is being left, only the new one. */
export function readIndex({ call, u8, u32 }: Engine): IndexView {
  const index = call as unknown as IndexExports;
  const start = index.indexChunks() >>> 0;
  const chunks = index.indexMask() + 1;
  const entries: IndexEntry[] = [];
  let overflow = 0;
  for (let chunk = 0; chunk < chunks; chunk++) {
    const at = start + chunk * CHUNK_BYTES;
    overflow += u8[at + OVERFLOW_AT]!;
    for (let i = 0; i < CHUNK_ENTRIES; i++) {
      const tag = u8[at + i]!;
      if (!tag) continue;
      const entry = u32[(at + ENTRIES_AT + 4 * i) >>> 2]!;
      entries.push({ chunk, tag, bits: entry & 15, flow: (entry & ~ENTRY_BITS) >>> 0 });
    }
  }
  return { chunks, entries, overflow };
}
