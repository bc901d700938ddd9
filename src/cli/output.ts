/** Standard output. */
import { writeSync } from "node:fs";
import { ExitCode } from "./exit-code.js";
import { say } from "./fail.js";

const STDOUT = 1;
/** A write for each line would cost more than the line. */
const PIECE = 1 << 16;
const MOST_TEXT = 1 << 12;
/** Bytes that a UTF-16 unit can take. */
const MOST_UTF8 = 3;
const PAUSE_MS = 1;

/**
 * Writes, and waits until it is written: what a slow reader has not taken yet stays in the pipe, while streams would
 * keep all of it in memory. A reader that has seen enough (`| head`) ends the program, which is no error.
 */
export function print(data: string | Uint8Array): void {
  let rest = typeof data === "string" ? Buffer.from(data) : data;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(STDOUT, rest));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") process.exit(ExitCode.OK);
      if (code !== "EAGAIN") {
        say(`standard output: ${message}`);
        process.exit(ExitCode.UNREADABLE);
      }
      // Somebody has made the pipe one that does not wait.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

/**
 * Standard output in large pieces. Text becomes bytes long before a piece is full: the strings it is made of are in the way of
 * the garbage collection until then.
 */
export class Output {
  readonly #piece = Buffer.allocUnsafe(PIECE);
  #used = 0;
  #text = "";

  line(text: string): void {
    this.write(`${text}\n`);
  }

  /** Text that has its line ends. */
  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= MOST_TEXT) this.#encode();
  }

  flush(): void {
    this.#encode();
    print(this.#piece.subarray(0, this.#used));
    this.#used = 0;
  }

  #encode(): void {
    const text = this.#text;
    this.#text = "";
    const most = MOST_UTF8 * text.length;
    if (this.#used + most > PIECE) {
      print(this.#piece.subarray(0, this.#used));
      this.#used = 0;
    }
    if (most > PIECE) print(text);
    else this.#used += this.#piece.write(text, this.#used);
  }
}
