import { ConntrackError } from "../errors.js";
import { gunzip } from "./gunzip.js";

/**
 * Where a capture comes from: all of it at once, or in chunks of any size. Node streams (`fs.createReadStream`,
 * `process.stdin`) are `AsyncIterable`; a browser `File` is a `Blob`; `response.body` is a `ReadableStream`.
 */
export type CaptureSource =
  | AsyncIterable<Uint8Array | string>
  | ReadableStream<Uint8Array>
  | Uint8Array
  | Blob;

/** The bytes of a source in chunks, unpacked if they are gzip. */
export class SourceReader {
  readonly #raw: AsyncIterator<unknown>;
  #chunks: AsyncIterator<unknown> | null = null;

  /** @throws ConntrackError `CT_BAD_OPTION` if `source` is none of the accepted kinds */
  constructor(source: CaptureSource) {
    this.#raw = iterate(source);
  }

  /** @returns the next chunk, or null at the end */
  async next(): Promise<Uint8Array | null> {
    if (this.#chunks === null) {
      const head = await this.#readHead();
      const isGzip = head[0] === 0x1f && head[1] === 0x8b;
      this.#chunks = isGzip ? gunzip(this.#from(head)) : this.#raw;
      if (!isGzip) return head;
    }
    const step = await this.#chunks.next();
    return step.done === true ? null : plainBytes(step.value);
  }

  /** Gives the source back before its end has been read. */
  async close(): Promise<void> {
    if (this.#chunks !== this.#raw) await this.#chunks?.return?.();
    await this.#raw.return?.();
  }

  /** The first bytes, at least the two that tell gzip apart if there are as many. */
  async #readHead(): Promise<Uint8Array> {
    let head: Uint8Array = new Uint8Array(0);
    while (head.length < 2) {
      const step = await this.#raw.next();
      if (step.done === true) break;
      const chunk = plainBytes(step.value);
      head = head.length === 0 ? chunk : joined(head, chunk);
    }
    return head;
  }

  async *#from(head: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
    yield head;
    for (;;) {
      const step = await this.#raw.next();
      if (step.done === true) return;
      yield plainBytes(step.value);
    }
  }
}

function iterate(source: CaptureSource): AsyncIterator<unknown> {
  if (isBytes(source)) return fromBytes(source);
  if (typeof source === "object" && source !== null) {
    if ("getReader" in source && typeof source.getReader === "function") return fromStream(source);
    if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
    if ("stream" in source && typeof source.stream === "function") return fromStream(source.stream());
  }
  throw badSource("a capture as Uint8Array, Blob, ReadableStream or AsyncIterable of Uint8Array", source);
}

async function* fromBytes(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

/** Not every browser lets a ReadableStream be iterated. */
function fromStream(stream: ReadableStream<Uint8Array>): AsyncIterator<Uint8Array, undefined> {
  const reader = stream.getReader();
  return {
    async next() {
      const step = await reader.read();
      return step.done ? { done: true, value: undefined } : { done: false, value: step.value };
    },
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

/** By tag, since `instanceof` fails for arrays from another frame. */
function isBytes(value: unknown): value is Uint8Array {
  return Object.prototype.toString.call(value) === "[object Uint8Array]";
}

/** The chunk as a plain Uint8Array: the `slice` of Node's Buffer does not copy. */
function plainBytes(chunk: unknown): Uint8Array {
  if (!isBytes(chunk)) throw badSource("a capture source whose chunks are Uint8Array", chunk);
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function badSource(expected: string, found: unknown): ConntrackError {
  const what = Object.prototype.toString.call(found).slice(8, -1);
  return new ConntrackError("CT_BAD_OPTION", `expected ${expected}, got ${what}`);
}
