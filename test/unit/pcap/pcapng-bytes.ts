import { ByteWriter, type SamplePacket } from "./capture-bytes.js";

export type Option = readonly [code: number, value: ArrayLike<number>];

/** Builds the blocks of a pcapng section in one byte order. */
export class BlockBuilder {
  readonly #littleEndian: boolean;

  constructor(littleEndian = true) {
    this.#littleEndian = littleEndian;
  }

  bytes(): ByteWriter {
    return new ByteWriter(this.#littleEndian);
  }

  /** Any block: type, length, body padded to 32 bits, length again. */
  block(type: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
    const padded = this.bytes().raw(body).pad4().bytes();
    const length = padded.length + 12;
    return this.bytes().u32(type).u32(length).raw(padded).u32(length).bytes();
  }

  options(options: readonly Option[], end = true): Uint8Array<ArrayBuffer> {
    const out = this.bytes();
    for (const [code, value] of options) {
      out.u16(code).u16(value.length).raw(value).pad4();
    }
    return (end ? out.u32(0) : out).bytes();
  }

  section(options: readonly Option[] = [], major = 1): Uint8Array<ArrayBuffer> {
    const body = this.bytes().u32(0x1a2b3c4d).u16(major).u16(0).integer(-1, 8);
    if (options.length > 0) body.raw(this.options(options));
    return this.block(0x0a0d0d0a, body.bytes());
  }

  interface(
    linkType: number,
    snapLength = 262144,
    options: Uint8Array = new Uint8Array(0),
  ): Uint8Array<ArrayBuffer> {
    return this.block(1, this.bytes().u16(linkType).u16(0).u32(snapLength).raw(options).bytes());
  }

  enhanced(id: number, ticks: bigint, packet: SamplePacket, options?: Uint8Array): Uint8Array<ArrayBuffer> {
    const body = this.bytes()
      .u32(id)
      .u32(ticks >> 32n)
      .u32(ticks & 0xffffffffn);
    body.u32(packet.bytes.length).u32(packet.wireLength).raw(packet.bytes).pad4();
    return this.block(6, body.raw(options ?? []).bytes());
  }

  obsolete(id: number, ticks: bigint, packet: SamplePacket): Uint8Array<ArrayBuffer> {
    const body = this.bytes()
      .u16(id)
      .u16(7)
      .u32(ticks >> 32n)
      .u32(ticks & 0xffffffffn);
    return this.block(2, body.u32(packet.bytes.length).u32(packet.wireLength).raw(packet.bytes).bytes());
  }

  simple(packet: SamplePacket): Uint8Array<ArrayBuffer> {
    return this.block(3, this.bytes().u32(packet.wireLength).raw(packet.bytes).bytes());
  }
}
