import { CaptureError } from "./capture-error.js";
import { MAX_BATCH_SPAN, type PacketBatch } from "./packet-batch.js";
import { PCAP_HEADER_BYTES, PcapScanner } from "./pcap.js";
import { PcapngScanner, SECTION_HEADER } from "./pcapng.js";
import type { RecordScanner, ScanWindow } from "./scanner.js";

const MAGIC_BYTES = 4;

/**
 * Turns chunks of a capture into batches of packets. A record that chunks cut in two is put together in a
 * buffer of its own, never more than the one; all others are taken from the chunk in place.
 */
export class CaptureParser {
  readonly #batch: PacketBatch;
  #scanner: RecordScanner | null = null;
  #chunk: ScanWindow = windowOn(new Uint8Array(0), 0, 0);
  #carry = new Uint8Array(4096);
  #carryView = new DataView(this.#carry.buffer);
  #carried = 0;
  /** Bytes that have to be in the carry before scanning it can get any further. */
  #needed = MAGIC_BYTES;
  #damage: unknown = null;

  constructor(batch: PacketBatch) {
    this.#batch = batch;
  }

  /** Offset in the capture up to which its bytes have been handed over. */
  get received(): number {
    return this.#chunk.offset + this.#chunk.end;
  }

  /** Hands over the next chunk; the one before has to be exhausted. It is not to change until it is, too. */
  push(chunk: Uint8Array): void {
    this.#chunk = windowOn(chunk, chunk.length, this.received);
  }

  /**
   * Reads the next packets into the batch.
   *
   * @returns false if the chunk is exhausted and the batch empty
   * @throws CaptureError at damage
   */
  fill(): boolean {
    const batch = this.#batch;
    batch.clear();
    if (this.#damage !== null) throw this.#damage;
    const chunk = this.#chunk;
    try {
      while (batch.count === 0 && chunk.position < chunk.end) {
        if (this.#carried > 0) this.#completeCarry(chunk);
        else this.#scanChunk(chunk);
      }
    } catch (error) {
      if (batch.count === 0) throw error;
      this.#damage = error;
    }
    return batch.count > 0;
  }

  /** Says that there are no more chunks. @throws CaptureError if the capture should go on */
  finish(): void {
    const end = this.received;
    const read = this.#batch.packetsRead;
    const scanner = this.#scanner;
    if (scanner === null) {
      const head = this.#carry.subarray(0, this.#carried);
      if (this.#carried < MAGIC_BYTES) throw notACapture(head);
      throw new CaptureError(
        `the capture ends inside its file header: ${this.#carried} of ${PCAP_HEADER_BYTES} bytes are there`,
        0,
        0,
      );
    }
    const name = scanner.nextName(read);
    if (scanner.unfinishedAt >= 0) {
      const at = scanner.unfinishedAt;
      throw new CaptureError(`${name} at offset ${at} is cut off after ${end - at} bytes`, at, read);
    }
    if (this.#carried > 0) {
      const at = end - this.#carried;
      throw new CaptureError(
        `${name} at offset ${at} is cut off: it needs ${this.#needed} bytes, ${this.#carried} are there`,
        at,
        read,
      );
    }
  }

  #scanChunk(chunk: ScanWindow): void {
    const needed = this.#scan(chunk);
    if (needed === 0) return;
    const rest = chunk.bytes.subarray(chunk.position, chunk.end);
    this.#needed = needed;
    this.#append(rest);
    chunk.position = chunk.end;
  }

  #completeCarry(chunk: ScanWindow): void {
    const taken = Math.min(this.#needed - this.#carried, chunk.end - chunk.position);
    this.#append(chunk.bytes.subarray(chunk.position, chunk.position + taken));
    chunk.position += taken;
    if (this.#carried < this.#needed) return;
    const window: ScanWindow = {
      bytes: this.#carry,
      view: this.#carryView,
      position: 0,
      end: this.#carried,
      offset: chunk.offset + chunk.position - this.#carried,
    };
    this.#needed = this.#scan(window);
    if (window.position > 0) this.#carried = 0;
  }

  /** Scans with the scanner of the capture's format; returns how many bytes more that needs, as scanners do. */
  #scan(window: ScanWindow): number {
    if (this.#scanner === null) {
      const needed = this.#recognise(window);
      if (needed > 0) return needed;
    }
    const batch = this.#batch;
    const start = window.position;
    // A smaller piece has been read just now, and is still in the CPU cache.
    if (window.end > MAX_BATCH_SPAN) {
      batch.prefetch(window.bytes, start, Math.min(window.end, start + MAX_BATCH_SPAN));
    }
    try {
      return this.#scanner!.scan(window, batch);
    } finally {
      batch.bytes = window.bytes.subarray(start, window.position);
    }
  }

  #recognise(window: ScanWindow): number {
    const available = window.end - window.position;
    if (available < MAGIC_BYTES) return MAGIC_BYTES;
    const magic = window.view.getUint32(window.position, true);
    if (magic === SECTION_HEADER) {
      this.#scanner = new PcapngScanner();
    } else if (PcapScanner.recognises(magic)) {
      if (available < PCAP_HEADER_BYTES) return PCAP_HEADER_BYTES;
      this.#scanner = new PcapScanner(window);
    } else {
      throw notACapture(window.bytes.subarray(window.position, window.position + MAGIC_BYTES));
    }
    return 0;
  }

  /** Grows with the bytes that are really there, not with what a header promises. */
  #append(bytes: Uint8Array): void {
    const length = this.#carried + bytes.length;
    if (length > this.#carry.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#carry.length));
      grown.set(this.#carry.subarray(0, this.#carried));
      this.#carry = grown;
      this.#carryView = new DataView(grown.buffer);
    }
    this.#carry.set(bytes, this.#carried);
    this.#carried = length;
  }
}

function windowOn(bytes: Uint8Array, end: number, offset: number): ScanWindow {
  return {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    position: 0,
    end,
    offset,
  };
}

function notACapture(head: Uint8Array): CaptureError {
  const found = Array.from(head, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const expected =
    "expected pcap (first bytes d4 c3 b2 a1, 4d 3c b2 a1, a1 b2 c3 d4 or a1 b2 3c 4d) " +
    "or pcapng (0a 0d 0d 0a), plain or gzipped (1f 8b)";
  const what = found === "" ? "the input is empty" : `the input is not a capture, it starts ${found}`;
  return new CaptureError(`${what}: ${expected}`, 0, 0);
}
