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
