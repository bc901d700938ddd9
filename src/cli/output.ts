/** Standard output. */
import { writeSync } from "node:fs";
import { LineWriter } from "../format/index.js";
import { ExitCode } from "./exit-code.js";
import { say } from "./fail.js";

const STDOUT = 1;
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

/** Standard output in large pieces: a write for each line would cost more than the line. */
export class Output extends LineWriter {
  constructor() {
    super(print);
  }

  line(text: string): void {
    this.text(text);
    this.end();
  }
}
