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

/** What never changes of a line, made ready: ASCII, four characters in each word. */
export class Phrase {
  readonly words: Int32Array;
  readonly length: number;

  constructor(text: string) {
    this.length = text.length;
    this.words = new Int32Array((text.length + 3) >>> 2);
    for (let i = 0; i < text.length; i++) this.words[i >>> 2]! |= text.charCodeAt(i) << (8 * (i & 3));
  }
}

/** Of 0 to 999 the digits with a dot behind them, and with zeros in front; how many digits there are. */
const DOTTED = Int32Array.from({ length: 1000 }, (_, n) => new Phrase(`${n}.`).words[0] ?? 0);
const PADDED = Int32Array.from({ length: 1000 }, (_, n) => new Phrase(`${n}`.padStart(3, "0")).words[0] ?? 0);
const DIGITS = Uint8Array.from({ length: 1000 }, (_, n) => `${n}`.length);
/** Of a byte its two hexadecimal digits. */
const HEX = Int16Array.from(
  { length: 256 },
  (_, n) => new Phrase(n.toString(16).padStart(2, "0")).words[0] ?? 0,
);

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

  phrase({ words, length }: Phrase): void {
    const at = this.#at;
    // What is written beyond its end is overwritten by what follows it.
    for (let i = 0; i < words.length; i++) this.#view.setInt32(at + 4 * i, words[i] as number, true);
    this.#at = at + length;
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
    for (let i = 0; i < 4; i++) this.#dotted(bytes[at + i] as number);
    this.#at--;
  }

  #ipv6({ bytes, at }: AddressBytes): void {
    for (let i = 0; i < 16; i += 2) {
      const to = this.#at;
      this.#view.setInt16(to, HEX[bytes[at + i] as number] as number, true);
      this.#view.setInt16(to + 2, HEX[bytes[at + i + 1] as number] as number, true);
      this.#bytes[to + 4] = COLON;
      this.#at = to + 5;
    }
    this.#at--;
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

  #whole(value: number): void {
    let last = value;
    if (value >= 1000) {
      const front = (value / 1000) >>> 0;
      last = value - 1000 * front;
      this.#whole(front);
      this.#view.setInt32(this.#at, PADDED[last] as number, true);
      this.#at += 3;
    } else {
      this.#dotted(value);
      this.#at--;
    }
  }

  /** `value`: below 1000. */
  #dotted(value: number): void {
    const at = this.#at;
    this.#view.setInt32(at, DOTTED[value] as number, true);
    this.#at = at + (DIGITS[value] as number) + 1;
  }
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
