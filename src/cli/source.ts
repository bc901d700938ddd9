/** The packets of captures: files and standard input, several merged by time, files that still grow. */
import { statSync } from "node:fs";
import { type CapturedPackets, readCaptureChunks } from "../pcap/index.js";
import { UsageError } from "./fail.js";
import { bytesOf, type InputOptions } from "./input.js";

export interface SourceOptions extends InputOptions {
  /** What could not be read to its end, and why. */
  onError(file: string, error: Error): void;
}

/** Packets first..end-1 of a chunk; valid until the next one is asked for. */
export interface Stretch {
  readonly packets: CapturedPackets;
  readonly first: number;
  readonly end: number;
}

/** Bytes of all files; undefined when some are no files. */
export function sizeOf(files: readonly string[]): number | undefined {
  let size = 0;
  for (const file of files) {
    if (file === "-") return undefined;
    const about = statSync(file);
    if (!about.isFile()) return undefined;
    size += about.size;
  }
  return size;
}

/** `files`: paths, "-" for standard input. Each has its packets in the order of time, as captures do. */
export async function* stretchesOf(
  files: readonly string[],
  options: SourceOptions,
): AsyncGenerator<Stretch, void, undefined> {
  if (files.indexOf("-") !== files.lastIndexOf("-"))
    throw new UsageError("standard input can be read once only");
  const cursors: Cursor[] = [];
  for (const file of files) {
    const cursor = new Cursor(file, options);
    if (await cursor.advance()) cursors.push(cursor);
  }
  while (cursors.length > 0) {
    const [next, other] = earliest(cursors);
    const first = next.at;
    yield { packets: next.packets, first, end: next.runUntil(other?.time) };
    if (!(await next.advance())) cursors.splice(cursors.indexOf(next), 1);
  }
}

/** The one whose packet comes first, and the one whose packet comes first after that. */
function earliest(cursors: readonly Cursor[]): [Cursor, Cursor | undefined] {
  let [first, second] = cursors as [Cursor, Cursor | undefined];
  if (second && second.time < first.time) [first, second] = [second, first];
  for (const cursor of cursors.slice(2)) {
    if (cursor.time < first.time) [first, second] = [cursor, first];
    else if (!second || cursor.time < second.time) second = cursor;
  }
  return [first, second];
}

/** A place in one capture. */
class Cursor {
  packets!: CapturedPackets;
  at = 0;
  readonly #file: string;
  readonly #options: SourceOptions;
  readonly #chunks: AsyncGenerator<CapturedPackets, void, undefined>;

  constructor(file: string, options: SourceOptions) {
    this.#file = file;
    this.#options = options;
    this.#chunks = readCaptureChunks(bytesOf(file, options));
  }

  get time(): number {
    return this.packets.times[this.at] ?? 0;
  }

  /** Passes over all packets up to `time`, one at least; returns where it stops. */
  runUntil(time: number | undefined): number {
    const { count, times } = this.packets;
    this.at++;
    if (time === undefined) this.at = count;
    else while (this.at < count && (times[this.at] ?? 0) <= time) this.at++;
    return this.at;
  }

  /** Reads on when all packets have been passed over. False at the end. */
  async advance(): Promise<boolean> {
    if (this.packets && this.at < this.packets.count) return true;
    if (this.#options.signal.aborted) return false;
    try {
      const step = await this.#chunks.next();
      if (step.done) return false;
      this.packets = step.value;
      this.at = 0;
      return true;
    } catch (error) {
      // An interruption ends the input wherever it is.
      if (!this.#options.signal.aborted) this.#options.onError(this.#file, error as Error);
      return false;
    }
  }
}
