import { LinkType } from "../../assembly/shared/link-type.js";
import { ConntrackError } from "../errors.js";

const HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const DEFAULT_SNAP_LENGTH = 262_144;

/** How to write a capture; every field is optional. */
export interface PcapWriterOptions {
  /** Registered LINKTYPE_ number of all packets, 0 to 65535. Default: Ethernet (1). */
  linkType?: number | undefined;
  /** Largest number of bytes a packet may have, 1 to 16777216. Default: 262144. */
  snapLength?: number | undefined;
  /** Store times in nanoseconds instead of microseconds. Default: false. */
  nanoseconds?: boolean | undefined;
}

/** A packet to write; any {@link CapturedPacket} is one. */
export interface WritablePacket {
  /** From the link layer header on. */
  bytes: Uint8Array;
  /** Milliseconds since the Unix epoch, from 0 to the year 2106; rounded to the resolution of the capture. */
  time: number;
  /** Bytes the packet had on the wire, 0 to 4294967295. Default: `bytes.length`. */
  wireLength?: number | undefined;
  /** If given, has to be the link type of the capture. */
  linkType?: number | undefined;
}

/** Writes a classic pcap capture (version 2.4, little-endian) piece by piece. */
export class PcapWriter {
  readonly #linkType: number;
  readonly #snapLength: number;
  readonly #nanoseconds: boolean;
  #bytes = new Uint8Array(64 * 1024);
  #view = new DataView(this.#bytes.buffer);
  #used = HEADER_BYTES;

  /** @throws ConntrackError (`CT_BAD_OPTION`) if an option is out of its range */
  constructor(options: PcapWriterOptions = {}) {
    this.#linkType = inRange("linkType", options.linkType ?? LinkType.ETHERNET, 0, 0xffff);
    this.#snapLength = inRange("snapLength", options.snapLength ?? DEFAULT_SNAP_LENGTH, 1, 2 ** 24);
    this.#nanoseconds = options.nanoseconds ?? false;
    const view = this.#view;
    view.setUint32(0, this.#nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, true);
    view.setUint16(4, 2, true);
    view.setUint16(6, 4, true);
    view.setUint32(16, this.#snapLength, true);
    view.setUint32(20, this.#linkType, true);
  }

  /** Adds a packet. @throws ConntrackError (`CT_BAD_OPTION`) if a field of it is out of its range */
  write(packet: WritablePacket): void {
    const { bytes, time, linkType = this.#linkType } = packet;
    const captured = inRange("packet length", bytes.length, 0, this.#snapLength);
    const wireLength = inRange("wireLength", packet.wireLength ?? captured, 0, 0xffffffff);
    if (linkType !== this.#linkType) {
      throw badValue("packet linkType", linkType, `${this.#linkType}, the one of the capture`);
    }
    // Split before scaling: a time in whole nanoseconds would not fit an f64.
    const perMillisecond = this.#nanoseconds ? 1e6 : 1e3;
    let seconds = Math.floor(time / 1000);
    let fraction = Math.round((time - seconds * 1000) * perMillisecond);
    if (fraction === 1000 * perMillisecond) {
      seconds++;
      fraction = 0;
    }
    if (!(seconds >= 0 && seconds <= 0xffffffff)) {
      throw badValue("time", time, "milliseconds from 1970 to 2106");
    }
    this.#reserve(RECORD_HEADER_BYTES + captured);
    const at = this.#used;
    const view = this.#view;
    view.setUint32(at, seconds, true);
    view.setUint32(at + 4, fraction, true);
    view.setUint32(at + 8, captured, true);
    view.setUint32(at + 12, wireLength, true);
    this.#bytes.set(bytes, at + RECORD_HEADER_BYTES);
    this.#used = at + RECORD_HEADER_BYTES + captured;
  }

  /** Bytes that take() would give. */
  get pending(): number {
    return this.#used;
  }

  /** Takes out what has been written since the last call; the first piece starts with the file header. */
  take(): Uint8Array<ArrayBuffer> {
    const piece = this.#bytes.slice(0, this.#used);
    this.#used = 0;
    return piece;
  }

  #reserve(extra: number): void {
    if (this.#used + extra <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#used + extra, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/**
 * The bytes of a classic pcap capture of `packets`. The link type is that of the options, else that of the first
 * packet, else Ethernet.
 *
 * @throws ConntrackError (`CT_BAD_OPTION`) if an option or a field of a packet is out of its range
 */
export function writePcap(
  packets: Iterable<WritablePacket>,
  options: PcapWriterOptions = {},
): Uint8Array<ArrayBuffer> {
  let writer: PcapWriter | null = null;
  for (const packet of packets) {
    writer ??= new PcapWriter({ ...options, linkType: options.linkType ?? packet.linkType });
    writer.write(packet);
  }
  return (writer ?? new PcapWriter(options)).take();
}

function inRange(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw badValue(name, value, `a whole number from ${least} to ${most}`);
}

function badValue(name: string, value: number, expected: string): ConntrackError {
  return new ConntrackError("CT_BAD_OPTION", `${name} is ${value}, expected ${expected}`);
}
