/** Packets side by side in one array, in ascending order, not overlapping. */
export interface PacketArray {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly offsets: ArrayLike<number>;
  readonly lengths: ArrayLike<number>;
  /** Lengths on the wire, when a capture cut the packets. */
  readonly wireLengths?: ArrayLike<number>;
  /** Milliseconds. */
  readonly times: ArrayLike<number>;
}

/** Packets begin at whole words, as headers are read in words; copying is quickest between places alike in words. */
export const WORD_BYTES = 8;

/**
 * The beginning of packet i, `room` bytes, as if a capture had cut it there; undefined unless it lies within `bytes` and is
 * longer than that.
 */
export function beginningOf(
  { bytes, offsets, lengths, wireLengths, times }: PacketArray,
  i: number,
  room: number,
): { readonly packet: Uint8Array; readonly time: number; readonly wireLength: number } | undefined {
  const offset = offsets[i] ?? 0;
  const length = lengths[i] ?? 0;
  if (!(length > room) || !(offset + length <= bytes.length)) return undefined;
  const packet = bytes.subarray(offset, offset + room);
  return { packet, time: times[i] ?? 0, wireLength: wireLengths?.[i] ?? length };
}

/** Copies source[first..end-1] into a column. */
export function copyColumn<T extends Uint32Array | Float64Array>(
  column: T,
  at: number,
  source: ArrayLike<number>,
  first: number,
  end: number,
): void {
  if (source instanceof Uint32Array || source instanceof Float64Array) {
    const whole = first === 0 && end === source.length;
    column.set(whole ? source : source.subarray(first, end), at);
    return;
  }
  for (let i = first; i < end; i++) column[at + i - first] = source[i] as number;
}
