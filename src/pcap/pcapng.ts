import { CaptureError } from "./capture-error.js";
import { MAX_BATCH_PACKETS, MAX_BATCH_SPAN, type PacketBatch } from "./packet-batch.js";
import { CaptureInterface, readClockOptions } from "./pcapng-interface.js";
import { MAX_PACKET_BYTES, type RecordScanner, type ScanWindow } from "./scanner.js";

/** Block type of a Section Header Block; reads the same in both byte orders. */
export const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
/** The obsolete predecessor of the Enhanced Packet Block, with a 16-bit interface number. */
const PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Type, length, and the length again at the end. */
const BLOCK_FRAME_BYTES = 12;
const SECTION_FIXED_BYTES = 28;
const INTERFACE_FIXED_BYTES = 20;
const SIMPLE_FIXED_BYTES = 16;
const PACKET_FIXED_BYTES = 32;

/** Blocks that have to be held whole may not be larger than this; others may. */
const MAX_PACKET_BLOCK_BYTES = MAX_PACKET_BYTES + 64 * 1024;
const MAX_INTERFACE_BLOCK_BYTES = 1024 * 1024;
const MAX_INTERFACES = 65_536;

/** The block format: sections of interface descriptions and packets, each section in its own byte order. */
export class PcapngScanner implements RecordScanner {
  unfinishedAt = -1;
  #littleEndian = true;
  #interfaces: CaptureInterface[] = [];
  #lastTime = 0;
  /** Bytes of a block of no interest still to pass over. */
  #skip = 0;
  /** Length of that block, to be found again behind it; 0 if none is being passed over. */
  #skippedLength = 0;

  nextName(): string {
    return "block";
  }

  scan(window: ScanWindow, batch: PacketBatch): number {
    const start = window.position;
    const stop = start + MAX_BATCH_SPAN;
    while (window.position < stop && batch.count < MAX_BATCH_PACKETS) {
      let needed = 0;
      if (this.#skippedLength > 0) {
        needed = this.#passOver(window, batch);
      } else {
        const before = window.position;
        this.#plainPackets(window, batch, start, stop);
        if (window.position === before) needed = this.#block(window, batch, start);
      }
      if (needed > 0) return needed;
    }
    return 0;
  }

  /**
   * The fast path: takes Enhanced Packet Blocks that are complete and in order, up to the first block that is
   * anything else. What is the matter with that one, if anything, is found out by `#block`.
   */
  #plainPackets(window: ScanWindow, batch: PacketBatch, start: number, stop: number): void {
    const { view, end } = window;
    const { offsets, lengths, wireLengths, times, linkTypes } = batch;
    const littleEndian = this.#littleEndian;
    const interfaces = this.#interfaces;
    let position = window.position;
    let count = batch.count;
    let time = this.#lastTime;
    while (position < stop && count < MAX_BATCH_PACKETS && end - position >= PACKET_FIXED_BYTES) {
      if (view.getUint32(position, littleEndian) !== ENHANCED_PACKET) break;
      const length = view.getUint32(position + 4, littleEndian);
      const id = view.getUint32(position + 8, littleEndian);
      const captured = view.getUint32(position + 20, littleEndian);
      const misfit = length > end - position || length > MAX_PACKET_BLOCK_BYTES || (length & 3) !== 0;
      // The sum also sees to it that the block is not shorter than its fixed fields.
      if (misfit || captured + PACKET_FIXED_BYTES > length || id >= interfaces.length) break;
      const from = interfaces[id]!;
      if (captured > from.packetLimit) break;
      if (view.getUint32(position + length - 4, littleEndian) !== length) break;
      time = from.time(
        view.getUint32(position + 12, littleEndian),
        view.getUint32(position + 16, littleEndian),
      );
      offsets[count] = position + 28 - start;
      lengths[count] = captured;
      wireLengths[count] = view.getUint32(position + 24, littleEndian);
      times[count] = time;
      linkTypes[count] = from.linkType;
      count++;
      position += length;
    }
    batch.count = count;
    this.#lastTime = time;
    window.position = position;
  }

  /** Handles one block; returns the bytes needed if that takes more than there are, otherwise 0. */
  #block(window: ScanWindow, batch: PacketBatch, start: number): number {
    const { view, position } = window;
    const available = window.end - position;
    if (available < 8) return 8;
    const type = view.getUint32(position, this.#littleEndian);
    if (type === SECTION_HEADER) return available < 24 ? 24 : this.#section(window, batch);
    const length = view.getUint32(position + 4, this.#littleEndian);
    switch (type) {
      case ENHANCED_PACKET:
      case PACKET:
        return this.#packet(window, batch, start, type === PACKET, length);
      case SIMPLE_PACKET:
        return this.#simplePacket(window, batch, start, length);
      case INTERFACE_DESCRIPTION:
        return this.#interface(window, batch, length);
      default:
        this.#checkLength(window, batch, length, BLOCK_FRAME_BYTES, Number.POSITIVE_INFINITY);
        this.#beginSkip(window, 8, length);
        return 0;
    }
  }

  #section(window: ScanWindow, batch: PacketBatch): number {
    const { view, position } = window;
    const littleEndian = view.getUint32(position + 8, true) === BYTE_ORDER_MAGIC;
    if (!littleEndian && view.getUint32(position + 8) !== BYTE_ORDER_MAGIC) {
      this.#fail(window, batch, "starts a section without a byte-order magic");
    }
    const major = view.getUint16(position + 12, littleEndian);
    if (major !== 1) {
      const minor = view.getUint16(position + 14, littleEndian);
      this.#fail(window, batch, `has pcapng version ${major}.${minor}, which is not supported: expected 1.0`);
    }
    this.#littleEndian = littleEndian;
    this.#interfaces = [];
    const length = view.getUint32(position + 4, littleEndian);
    this.#checkLength(window, batch, length, SECTION_FIXED_BYTES, Number.POSITIVE_INFINITY);
    this.#beginSkip(window, 24, length);
    return 0;
  }

  #interface(window: ScanWindow, batch: PacketBatch, length: number): number {
    this.#checkLength(window, batch, length, INTERFACE_FIXED_BYTES, MAX_INTERFACE_BLOCK_BYTES);
    const { view, position, end } = window;
    if (end - position < length) return length;
    this.#checkTrailer(window, batch, length);
    if (this.#interfaces.length === MAX_INTERFACES) {
      this.#fail(window, batch, `describes interface number ${MAX_INTERFACES} of its section`);
    }
    const clock = readClockOptions(view, position + 16, position + length - 4, this.#littleEndian);
    if (typeof clock === "string") this.#fail(window, batch, `describes an interface badly: ${clock}`);
    const linkType = view.getUint16(position + 8, this.#littleEndian);
    const snapLength = view.getUint32(position + 12, this.#littleEndian);
    this.#interfaces.push(new CaptureInterface(linkType, snapLength, clock));
    window.position = position + length;
    return 0;
  }

  #packet(window: ScanWindow, batch: PacketBatch, start: number, obsolete: boolean, length: number): number {
    const { view, position } = window;
    const littleEndian = this.#littleEndian;
    const available = window.end - position;
    this.#checkLength(window, batch, length, PACKET_FIXED_BYTES, MAX_PACKET_BLOCK_BYTES);
    if (available < 28) return 28;
    const id = obsolete
      ? view.getUint16(position + 8, littleEndian)
      : view.getUint32(position + 8, littleEndian);
    const captured = view.getUint32(position + 20, littleEndian);
    const from = this.#interfaceOf(window, batch, id);
    this.#checkCaptured(window, batch, captured, from, length - PACKET_FIXED_BYTES);
    if (available < length) return length;
    this.#checkTrailer(window, batch, length);
    const high = view.getUint32(position + 12, littleEndian);
    const low = view.getUint32(position + 16, littleEndian);
    this.#lastTime = from.time(high, low);
    this.#add(batch, position + 28 - start, captured, view.getUint32(position + 24, littleEndian), from);
    window.position = position + length;
    return 0;
  }

  #simplePacket(window: ScanWindow, batch: PacketBatch, start: number, length: number): number {
    const { view, position } = window;
    const available = window.end - position;
    this.#checkLength(window, batch, length, SIMPLE_FIXED_BYTES, MAX_PACKET_BLOCK_BYTES);
    if (available < 12) return 12;
    const from = this.#interfaceOf(window, batch, 0);
    const wire = view.getUint32(position + 8, this.#littleEndian);
    // The captured length is not stored: it is the wire length, cut to the snap length.
    const captured = from.snapLength === 0 ? wire : Math.min(wire, from.snapLength);
    this.#checkCaptured(window, batch, captured, from, length - SIMPLE_FIXED_BYTES);
    if (available < length) return length;
    this.#checkTrailer(window, batch, length);
    this.#add(batch, position + 12 - start, captured, wire, from);
    window.position = position + length;
    return 0;
  }

  #add(batch: PacketBatch, offset: number, captured: number, wire: number, from: CaptureInterface): void {
    const i = batch.count;
    batch.offsets[i] = offset;
    batch.lengths[i] = captured;
    batch.wireLengths[i] = wire;
    batch.times[i] = this.#lastTime;
    batch.linkTypes[i] = from.linkType;
    batch.count = i + 1;
  }

  #beginSkip(window: ScanWindow, consumed: number, length: number): void {
    this.unfinishedAt = window.offset + window.position;
    this.#skippedLength = length;
    this.#skip = length - consumed - 4;
    window.position += consumed;
  }

  /** Passes over the rest of a block piece by piece, so that its size does not matter. */
  #passOver(window: ScanWindow, batch: PacketBatch): number {
    const step = Math.min(this.#skip, window.end - window.position);
    window.position += step;
    this.#skip -= step;
    if (this.#skip > 0) return 1;
    if (window.end - window.position < 4) return 4;
    const again = window.view.getUint32(window.position, this.#littleEndian);
    if (again !== this.#skippedLength)
      this.#failTrailer(this.unfinishedAt, batch, this.#skippedLength, again);
    window.position += 4;
    this.#skippedLength = 0;
    this.unfinishedAt = -1;
    return 0;
  }

  #interfaceOf(window: ScanWindow, batch: PacketBatch, id: number): CaptureInterface {
    const from = this.#interfaces[id];
    if (from !== undefined) return from;
    const known = this.#interfaces.length;
    return this.#fail(window, batch, `refers to interface ${id}, but its section describes ${known}`);
  }

  #checkLength(window: ScanWindow, batch: PacketBatch, length: number, least: number, most: number): void {
    if (length >= least && length <= most && (length & 3) === 0) return;
    this.#fail(window, batch, `says it is ${length} bytes long`);
  }

  #checkCaptured(
    window: ScanWindow,
    batch: PacketBatch,
    captured: number,
    from: CaptureInterface,
    room: number,
  ): void {
    if (captured <= room && captured <= from.packetLimit) return;
    const most = Math.min(room, from.packetLimit);
    this.#fail(window, batch, `says ${captured} captured bytes, more than the ${most} it can hold`);
  }

  #checkTrailer(window: ScanWindow, batch: PacketBatch, length: number): void {
    const again = window.view.getUint32(window.position + length - 4, this.#littleEndian);
    if (again !== length) this.#failTrailer(window.offset + window.position, batch, length, again);
  }

  #failTrailer(offset: number, batch: PacketBatch, length: number, again: number): never {
    throw new CaptureError(
      `block at offset ${offset} says it is ${length} bytes long, and ${again} at its end`,
      offset,
      batch.packetsRead,
    );
  }

  #fail(window: ScanWindow, batch: PacketBatch, problem: string): never {
    const offset = window.offset + window.position;
    throw new CaptureError(`block at offset ${offset} ${problem}`, offset, batch.packetsRead);
  }
}
