import { type CapturedPacket, type CaptureSource, readCapture } from "../../../src/pcap/index.js";
import type { SamplePacket } from "./capture-bytes.js";

export interface Outcome {
  packets: CapturedPacket[];
  /** What reading ended with, if not normally. */
  error: unknown;
}

export async function collect(source: CaptureSource): Promise<Outcome> {
  const packets: CapturedPacket[] = [];
  try {
    for await (const packet of readCapture(source)) packets.push(packet);
  } catch (error) {
    return { packets, error };
  }
  return { packets, error: undefined };
}

/** Everything in a source that has to be without damage. */
export async function collectAll(source: CaptureSource): Promise<CapturedPacket[]> {
  const { packets, error } = await collect(source);
  if (error !== undefined) throw error;
  return packets;
}

/** Hands out the bytes in chunks of the sizes `size` says, each in memory of its own. */
export async function* chunked(bytes: Uint8Array, size: () => number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + size();
    yield bytes.slice(at, end);
    at = end;
  }
}

/** What the reader has to make of these packets. */
export function expected(packets: readonly SamplePacket[], linkType = 1): CapturedPacket[] {
  return packets.map(({ bytes, microseconds, wireLength }, index) => ({
    bytes,
    wireLength,
    time: Number(microseconds) / 1000,
    linkType,
    index,
  }));
}

/** A small seeded generator (xorshift32): numbers from 0 up to, not including, `below`. */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}
