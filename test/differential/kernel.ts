/** The running kernel, asked through kernel.py. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Step } from "../conformance/recording.js";

export interface Walk {
  readonly sysctl: Readonly<Record<string, number>>;
  readonly packets: readonly { readonly in: string; readonly wait: number }[];
}

export class Kernel {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    const driver = fileURLToPath(new URL("./kernel.py", import.meta.url));
    this.#process = spawn("python3", [driver], { stdio: ["pipe", "pipe", "inherit"] });
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** The walk as a recording has it: what became of each packet, and the table after it. */
  async judge(walk: Walk): Promise<Step[]> {
    this.#process.stdin.write(`${JSON.stringify(walk)}\n`);
    const { value, done } = await this.#answers.next();
    const answers = done ? null : (JSON.parse(value) as Omit<Step, "i" | "in">[] | null);
    if (!answers) throw new Error("the kernel could not be asked: see above");
    return answers.map((answer, i) => ({ i, in: walk.packets[i]!.in, ...answer }));
  }

  close(): void {
    this.#process.stdin.end();
  }
}
