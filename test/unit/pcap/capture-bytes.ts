/** Builds capture files field by field, independently of the code under test. */
export interface SamplePacket {
  bytes: Uint8Array;
  /** Whole microseconds since the epoch. */
  microseconds: bigint;
  wireLength: number;
}

/** A packet of `length` bytes that no other index has, captured some odd time after the one before. */
export function samplePacket(index: number, length: number): SamplePacket {
  const bytes = Uint8Array.from({ length }, (_, i) => (index * 31 + i * 7) & 0xff);
  const microseconds = 1_700_000_000_000_000n + BigInt(index) * 1_234_567n;
  return { bytes, microseconds, wireLength: length + (index % 3) * 100 };
}

export function samplePackets(lengths: readonly number[]): SamplePacket[] {
  return lengths.map((length, index) => samplePacket(index, length));
}

/** Appends integers in one byte order. */
export class ByteWriter {
  readonly #littleEndian: boolean;
  #bytes = new Uint8Array(256);
  #length = 0;

  constructor(littleEndian: boolean) {
    this.#littleEndian = littleEndian;
  }

  integer(value: number | bigint, size: number): this {
    const rest = BigInt(value);
    const bytes = Array.from({ length: size }, (_, i) => Number((rest >> BigInt(8 * i)) & 0xffn));
    return this.raw(this.#littleEndian ? bytes : bytes.reverse());
  }

  u16(value: number): this {
    return this.integer(value, 2);
  }

  u32(value: number | bigint): this {
    return this.integer(value, 4);
  }

  raw(bytes: ArrayLike<number>): this {
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(2 * length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
    return this;
  }

  pad4(): this {
    return this.raw(new Uint8Array(-this.#length & 3));
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}

export interface PcapShape {
  littleEndian?: boolean;
  kind?: "micro" | "nano" | "modified";
  major?: number;
  minor?: number;
  snapLength?: number;
  /** The whole 32-bit field. */
  linkField?: number;
}

/** The file header, then each record, so that tests know the boundaries. */
export function pcapParts(
  packets: readonly SamplePacket[],
  shape: PcapShape = {},
): Uint8Array<ArrayBuffer>[] {
  const {
    littleEndian = true,
    kind = "micro",
    major = 2,
    minor = 4,
    snapLength = 65535,
    linkField = 1,
  } = shape;
  const magic = { micro: 0xa1b2c3d4, nano: 0xa1b23c4d, modified: 0xa1b2cd34 }[kind];
  const header = new ByteWriter(littleEndian).u32(magic).u16(major).u16(minor).u32(0).u32(0);
  const parts = [header.u32(snapLength).u32(linkField).bytes()];
  for (const { bytes, microseconds, wireLength } of packets) {
    const record = new ByteWriter(littleEndian).u32(microseconds / 1_000_000n);
    record.u32((microseconds % 1_000_000n) * (kind === "nano" ? 1000n : 1n));
    record.u32(bytes.length).u32(wireLength);
    if (kind === "modified") record.u32(3).u16(0x0800).u16(0);
    parts.push(record.raw(bytes).bytes());
  }
  return parts;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The offsets at which the parts end. */
export function ends(parts: readonly Uint8Array[]): number[] {
  let at = 0;
  return parts.map((part) => {
    at += part.length;
    return at;
  });
}
