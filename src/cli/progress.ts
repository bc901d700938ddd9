/** How far reading has got: one line on standard error, rewritten in place, on terminals only. */
import { isatty } from "node:tty";

const STDERR = 2;
const INTERVAL_MS = 100;
const ERASE_LINE = "\r\x1b[K";

export class Progress {
  readonly #size: number | undefined;
  readonly #enabled = isatty(STDERR) && process.env.TERM !== "dumb";
  readonly #begin = performance.now();
  #next = 0;
  #shown = false;
  #bytes = 0;

  /** `size`: bytes there are to read, undefined when nobody knows. */
  constructor(size: number | undefined) {
    this.#size = size;
  }

  /** Bytes read so far. */
  get bytes(): number {
    return this.#bytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  show(packets: number): void {
    if (!this.#enabled) return;
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + INTERVAL_MS;
    const part = this.#size ? `${Math.floor((100 * this.#bytes) / this.#size)}% ` : "";
    const rate = Math.round((1000 * packets) / Math.max(1, now - this.#begin));
    const read = `${(this.#bytes / 1e6).toFixed(1)} MB`;
    process.stderr.write(`${ERASE_LINE}${part}${read}, ${packets} packets, ${rate} packets/s`);
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) process.stderr.write(ERASE_LINE);
    this.#shown = false;
  }
}
