/**
 * A capture of 1.29 GB, always the same one: 5,000,000 packets of 200,000 connections of TCP and exchanges of UDP, all of
 * which are still in the table at its end (bench/capture.ts says what is in it). Far too large to be kept: it is made
 * when it is needed, in a few seconds.
 */
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capturePieces, flowsIn, writeCapture } from "../bench/capture.js";

export const LARGE = {
  packets: 5_000_000,
  bytes: 1_290_147_223,
  flows: flowsIn(5_000_000),
} as const;

/** Piece by piece, for those who need no file. */
export function largeCapture(): Generator<Uint8Array, void, undefined> {
  return capturePieces(LARGE.packets);
}

/** Whether there is room for the file. */
export function roomForLargeCapture(): boolean {
  const { bavail, bsize } = statfsSync(tmpdir());
  return bavail * bsize > 2 * LARGE.bytes;
}

/** Writes it to a file, which remove() deletes. */
export function writeLargeCapture(): { readonly path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "large-capture-"));
  const path = join(folder, "large.pcap");
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    writeCapture(path, LARGE.packets);
  } catch (error) {
    remove();
    throw error;
  }
  return { path, remove };
}
