import { swapBytes } from "../byte-order.js";
import { CaptureError } from "./capture-error.js";
import { MAX_BATCH_PACKETS, MAX_BATCH_SPAN, type PacketBatch } from "./packet-batch.js";
import { packetLimit, type RecordScanner, type ScanWindow } from "./scanner.js";

export const PCAP_HEADER_BYTES = 24;

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
/** A variant some Linux systems once wrote: each record header has 8 more bytes, of no use here. */
const MODIFIED = 0xa1b2cd34;

/** Top bits of the link type field say how long the frame check sequences are; these must be zero. */
const RESERVED_LINK_BITS = 0x03ff0000;

/** The classic capture format: one header, then records of 16 (or 24) header bytes and the packet. */
export class PcapScanner implements RecordScanner {
  readonly unfinishedAt = -1;
  readonly #littleEndian: boolean;
  readonly #nanoseconds: boolean;
  readonly #headerBytes: number;
  readonly #limit: number;
  readonly #linkType: number;
  /** Before version 2.4 some writers stored the two lengths the other way round. */
  readonly #lengthsMaySwap: boolean;

  /** Whether a capture that starts with these four bytes, read little-endian, is of this format. */
  static recognises(magic: number): boolean {
    return isMagic(magic) || isMagic(swapBytes(magic));
  }

  /** Reads the file header at the window's position, which has to be there whole, and moves past it. */
  constructor(window: ScanWindow) {
    const { view, position } = window;
    const magic = view.getUint32(position, true);
    const littleEndian = isMagic(magic);
    const kind = littleEndian ? magic : swapBytes(magic);
    const major = view.getUint16(position + 4, littleEndian);
    const minor = view.getUint16(position + 6, littleEndian);
    if (major !== 2 || minor > 4) {
      throw new CaptureError(
        `pcap version ${major}.${minor} is not supported: expected 2.4`,
        window.offset + position + 4,
        0,
      );
    }
    const link = view.getUint32(position + 20, littleEndian);
    if ((link & RESERVED_LINK_BITS) !== 0) {
      throw new CaptureError(
        `pcap link type field 0x${link.toString(16).padStart(8, "0")} has reserved bits set`,
        window.offset + position + 20,
        0,
      );
    }
    this.#littleEndian = littleEndian;
    this.#nanoseconds = kind === NANOSECONDS;
    this.#headerBytes = kind === MODIFIED ? 24 : 16;
    this.#limit = packetLimit(view.getUint32(position + 16, littleEndian));
    this.#linkType = link & 0xffff;
    this.#lengthsMaySwap = minor < 4;
    window.position = position + PCAP_HEADER_BYTES;
  }

  nextName(packetsRead: number): string {
    return `record ${packetsRead + 1}`;
  }

  scan(window: ScanWindow, batch: PacketBatch): number {
    const { view, end, position: start } = window;
    const { offsets, lengths, wireLengths, times } = batch;
    const littleEndian = this.#littleEndian;
    const nanoseconds = this.#nanoseconds;
    const headerBytes = this.#headerBytes;
    const limit = this.#limit;
    const lengthsMaySwap = this.#lengthsMaySwap;
    const stop = start + MAX_BATCH_SPAN;
    let position = start;
    let count = 0;
    let needed = 0;
    let corrupt = false;
    while (position < stop && count < MAX_BATCH_PACKETS) {
      if (end - position < headerBytes) {
        needed = headerBytes;
        break;
      }
      let captured = view.getUint32(position + 8, littleEndian);
      let wire = view.getUint32(position + 12, littleEndian);
      if (lengthsMaySwap && captured > wire) {
        const other = captured;
        captured = wire;
        wire = other;
      }
      if (captured > limit) {
        corrupt = true;
        break;
      }
      const data = position + headerBytes;
      if (end - data < captured) {
        needed = headerBytes + captured;
        break;
      }
      const seconds = view.getUint32(position, littleEndian);
      const fraction = view.getUint32(position + 4, littleEndian);
      // Microseconds are added up before the one rounding division, as pcapng stores them: both formats
      // then give the same time for the same packet.
      times[count] = nanoseconds ? seconds * 1000 + fraction / 1e6 : (seconds * 1e6 + fraction) / 1000;
      offsets[count] = data - start;
      lengths[count] = captured;
      wireLengths[count] = wire;
      count++;
      position = data + captured;
    }
    batch.linkTypes.fill(this.#linkType, 0, count);
    batch.count = count;
    window.position = position;
    if (corrupt) this.#throwTooLong(window, batch);
    return needed;
  }

  #throwTooLong(window: ScanWindow, batch: PacketBatch): never {
    const offset = window.offset + window.position;
    const captured = window.view.getUint32(window.position + 8, this.#littleEndian);
    throw new CaptureError(
      `${this.nextName(batch.packetsRead)} at offset ${offset} says ${captured} captured bytes, ` +
        `more than the ${this.#limit} this capture can hold`,
      offset,
      batch.packetsRead,
    );
  }
}

function isMagic(magic: number): boolean {
  return magic === MICROSECONDS || magic === NANOSECONDS || magic === MODIFIED;
}
