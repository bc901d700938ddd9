/** Lines as bytes (UTF-8), put together in a buffer: numbers and addresses without a string for each of them. */
import type { AddressBytes } from "../address.js";

/** Hands pieces on when they are about this large. */
const PIECE = 1 << 16;
/** Always free, so that only text that may be of any length has to ask for room. */
const LINE = 1 << 12;
/** Bytes that a UTF-16 unit can take. */
const MOST_UTF8 = 3;
const NEWLINE = 10;
const COLON = 0x3a;
const ENCODER = new TextEncoder();
/** What looks like a byte order mark is a character here. */
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * What never changes of a line, made ready: up to 16 ASCII characters, eight in a number of 64 bits, which two stores write.
 * (No ASCII is a NaN, whose bits could get lost.)
 */
export class Phrase {
  readonly first: number;
  readonly second: number;
  readonly length: number;

  constructor(text: string) {
    const view = new DataView(new ArrayBuffer(16));
    const { written } = ENCODER.encodeInto(text, new Uint8Array(view.buffer));
    if (written !== text.length) throw new RangeError(`${text} is no phrase`);
    this.first = view.getFloat64(0, true);
    this.second = view.getFloat64(8, true);
    this.length = text.length;
  }
}

/** Of 0 to 999 the digits with a dot behind them, and with zeros in front. */
const DOTTED = Int32Array.from({ length: 1000 }, (_, n) => word(`${n}.`));
const PADDED = Int32Array.from({ length: 1000 }, (_, n) => word(`${n}`.padStart(3, "0")));
/** Of a byte its two hexadecimal digits. */
const HEX = Int16Array.from({ length: 256 }, (_, n) => word(n.toString(16).padStart(2, "0")));

/** Four characters. */
function word(text: string): number {
  let four = 0;
  for (let i = 0; i < text.length; i++) four |= text.charCodeAt(i) << (8 * i);
  return four;
}

/** Between two ends of lines there may be up to 4 KiB beside what text() writes. */
export class LineWriter {
  readonly #take: (piece: Uint8Array) => void;
  readonly #bytes = new Uint8Array(PIECE);
  readonly #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** `take` gets pieces of some 64 KiB, which are good until it returns; they end between characters. */
  constructor(take: (piece: Uint8Array) => void) {
    this.#take = take;
  }

  phrase({ first, second, length }: Phrase): void {
    const view = this.#view;
    const at = this.#at;
    this.#at = at + length;
    // What is written beyond its end is overwritten by what follows it.
    view.setFloat64(at, first, true);
    view.setFloat64(at + 8, second, true);
  }

  /** As `${value}` has it. */
  number(value: number): void {
    if (value >>> 0 === value) this.#whole(value);
    else this.text(`${value}`);
  }

  /** `value`: up to 32 bits. */
  hex(value: number): void {
    this.text(value.toString(16));
  }

  /** Dotted, or eight groups of four hexadecimal digits. */
  address(address: AddressBytes): void {
    if (address.ipv6) this.#ipv6(address);
    else this.#ipv4(address);
  }

  #ipv4({ bytes, at }: AddressBytes): void {
    const view = this.#view;
    let to = this.#at;
    for (let i = 0; i < 4; i++) {
      const octet = bytes[at + i] as number;
      view.setInt32(to, DOTTED[octet] as number, true);
      to += digits(octet) + 1;
    }
    this.#at = to - 1;
  }

  #ipv6({ bytes, at }: AddressBytes): void {
    const view = this.#view;
    let to = this.#at;
    for (let i = 0; i < 16; i += 2) {
      view.setInt16(to, HEX[bytes[at + i] as number] as number, true);
      view.setInt16(to + 2, HEX[bytes[at + i + 1] as number] as number, true);
      view.setInt8(to + 4, COLON);
      to += 5;
    }
    this.#at = to - 1;
  }

  /** Text of any length. */
  text(text: string): void {
    const most = MOST_UTF8 * text.length;
    if (this.#at + most > PIECE - LINE) this.flush();
    if (most > PIECE - LINE) {
      this.#take(ENCODER.encode(text));
      return;
    }
    let at = this.#at;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) {
        at += ENCODER.encodeInto(text.slice(i), this.#bytes.subarray(at)).written;
        break;
      }
      this.#bytes[at++] = unit;
    }
    this.#at = at;
  }

  end(): void {
    this.#bytes[this.#at++] = NEWLINE;
    if (this.#at > PIECE - LINE) this.flush();
  }

  /** Hands on what there is. */
  flush(): void {
    const end = this.#at;
    this.#at = 0;
    if (end > 0) this.#take(this.#bytes.subarray(0, end));
  }

  /** `value`: of 32 bits. */
  #whole(value: number): void {
    let last = value;
    let table = DOTTED;
    let length = 3;
    if (value < 1000) {
      length = digits(value);
    } else {
      const front = (value / 1000) >>> 0;
      last = value - 1000 * front;
      table = PADDED;
      this.#whole(front);
    }
    const at = this.#at;
    this.#view.setInt32(at, table[last] as number, true);
    this.#at = at + length;
  }
}

/** Of a number below 1000. */
function digits(value: number): number {
  return value < 10 ? 1 : value < 100 ? 2 : 3;
}

class Collector {
  text = "";
  readonly lines = new LineWriter((piece) => {
    this.text += DECODER.decode(piece);
  });
}

let idle: Collector | undefined;

/** What `write` writes, as a string. */
export function textOf(write: (lines: LineWriter) => void): string {
  // Whoever writes may come here for another text before it is through, or fail: then this collector is nobody's.
  const collector = idle ?? new Collector();
  idle = undefined;
  write(collector.lines);
  collector.lines.flush();
  const { text } = collector;
  collector.text = "";
  idle = collector;
  return text;
}
