/** The bytes of a rule program in the making: little-endian, as the engine reads them. */
import { ConntrackError } from "../../errors.js";

const FIRST_CAPACITY = 4096;
const MAX_BYTES = 1 << 30;

export class ProgramImage {
  #view = new DataView(new ArrayBuffer(FIRST_CAPACITY));
  #length = 0;
  /** Where addresses stand that are offsets in the image as yet. */
  readonly #pointers: number[] = [];

  get length(): number {
    return this.#length;
  }

  /**
   * Zeroed room at the end. Returns its offset.
   * @throws ConntrackError CT_BAD_RULE when the program gets larger than 1 GiB
   */
  reserve(bytes: number, alignment: number): number {
    const at = Math.ceil(this.#length / alignment) * alignment;
    const end = at + bytes;
    if (end > MAX_BYTES) throw new ConntrackError("CT_BAD_RULE", "the rules take more than 1 GiB");
    if (end > this.#view.byteLength) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#view.byteLength));
      grown.set(new Uint8Array(this.#view.buffer, 0, this.#length));
      this.#view = new DataView(grown.buffer);
    }
    this.#length = end;
    return at;
  }

  u8(at: number, value: number): void {
    this.#view.setUint8(at, value);
  }
  u16(at: number, value: number): void {
    this.#view.setUint16(at, value, true);
  }
  u32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }
  u64(at: number, value: bigint): void {
    this.#view.setBigUint64(at, value, true);
  }
  bytes(at: number, bytes: ArrayLike<number>): void {
    new Uint8Array(this.#view.buffer).set(bytes, at);
  }

  readU32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  /** Writes the address of what lies at offset `target`; its lowest bits may say what it is. */
  pointer(at: number, target: number): void {
    this.u32(at, target);
    this.#pointers.push(at);
  }

  /** The finished bytes, for the place at which they will lie. Offsets become addresses: once only. */
  placeAt(base: number): Uint8Array {
    for (const at of this.#pointers.splice(0)) this.u32(at, this.readU32(at) + base);
    return new Uint8Array(this.#view.buffer, 0, this.#length);
  }
}
