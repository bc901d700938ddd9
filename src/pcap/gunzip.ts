/** Compressed bytes handed to the decompressor at a time. */
const SLICE_BYTES = 32 * 1024;

/** Every gzip member ends in the CRC-32 and the length of its contents. */
const TRAILER_BYTES = 8;

/** Slices that may still be under way inside the decompressor when it reports a problem. */
const RECENT_SLICES = 4;

/**
 * Reads kept open on the decompressor. A stream that fails drops what it has queued, so everything it produces
 * has to meet a read that is already waiting.
 */
const OPEN_READS = 64;

type Slice = Uint8Array<ArrayBuffer>;

/** The gzip data is damaged or cut off. */
export class GunzipError extends Error {
  override readonly name = "GunzipError";
}

/**
 * Decompresses gzip data of one or several members, as it comes, with whatever the platform has.
 *
 * @throws GunzipError at damage, after what could be decompressed in front of it. Some runtimes keep back up to
 * 16 KiB then.
 */
export async function* gunzip(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const slices = sliced(input);
  const recent: Slice[] = [];
  let member = new Member();
  let again: Slice | null = null;
  let inputError: { cause: unknown } | null = null;
  try {
    for (;;) {
      let slice = again;
      again = null;
      if (slice === null && inputError === null) {
        try {
          const step = await slices.next();
          slice = step.done === true ? null : step.value;
        } catch (cause) {
          // What has arrived is worth unpacking before this is passed on.
          inputError = { cause };
        }
      }
      if (slice !== null) {
        recent.push(slice);
        if (recent.length > RECENT_SLICES) recent.shift();
      }
      try {
        yield* member.feed(slice);
        if (slice === null) break;
      } catch (error) {
        // Platforms differ on members behind the first: many take them for garbage.
        again = nextMember(recent, member.produced);
        if (again === null) {
          if (inputError !== null) break;
          throw new GunzipError(reason(error), { cause: error });
        }
        await member.cancel();
        member = new Member();
        recent.length = 0;
      }
    }
    if (inputError !== null) throw inputError.cause;
  } finally {
    await member.cancel();
  }
}

/** One gzip member being decompressed (or all of them, where the platform goes on by itself). */
class Member {
  /** Bytes decompressed so far. */
  produced = 0;
  readonly #writer: WritableStreamDefaultWriter<BufferSource>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #reads: Promise<ReadableStreamReadResult<Uint8Array>>[] = [];

  constructor() {
    const stream = new DecompressionStream("gzip");
    this.#writer = stream.writable.getWriter();
    this.#reader = stream.readable.getReader();
    for (let i = 0; i < OPEN_READS; i++) this.#openRead();
  }

  /**
   * Decompresses one more slice (null: there is none) and yields what comes out meanwhile. What is still to
   * come when the slice has been taken in comes out at the next call.
   */
  async *feed(slice: Slice | null): AsyncGenerator<Uint8Array, void, undefined> {
    let waiting = slice !== null;
    const written = slice === null ? this.#writer.close() : this.#writer.write(slice);
    // A failed write fails the reads as well: the error is taken from there, behind the last output.
    const taken = written.then(
      () => "taken" as const,
      () => "failed" as const,
    );
    for (;;) {
      const read = this.#reads[0]!;
      const step = await (waiting ? Promise.race([read, taken]) : read);
      if (step === "taken") return;
      if (step === "failed") {
        waiting = false;
        continue;
      }
      if (step.done) return;
      this.#reads.shift();
      this.#openRead();
      this.produced += step.value.length;
      yield step.value;
    }
  }

  async cancel(): Promise<void> {
    const ignore = () => {};
    await Promise.all([this.#writer.abort().catch(ignore), this.#reader.cancel().catch(ignore)]);
  }

  #openRead(): void {
    const read = this.#reader.read();
    // Reads behind the one that reports an error fail unseen.
    read.catch(() => {});
    this.#reads.push(read);
  }
}

/**
 * Cuts the input into slices of its own memory. The trailer at the very end comes separately: a wrong checksum
 * then cannot take the last contents with it. If the input fails, that is thrown behind the slices.
 */
async function* sliced(input: AsyncIterable<Uint8Array>): AsyncGenerator<Slice, void, undefined> {
  let buffer = new Uint8Array(SLICE_BYTES + TRAILER_BYTES);
  let used = 0;
  let failure: { cause: unknown } | null = null;
  try {
    for await (const chunk of input) {
      for (let at = 0; at < chunk.length; ) {
        const taken = Math.min(buffer.length - used, chunk.length - at);
        buffer.set(chunk.subarray(at, at + taken), used);
        used += taken;
        at += taken;
        if (used === buffer.length) {
          yield buffer.subarray(0, SLICE_BYTES);
          const next = new Uint8Array(buffer.length);
          next.set(buffer.subarray(SLICE_BYTES));
          buffer = next;
          used = TRAILER_BYTES;
        }
      }
    }
  } catch (cause) {
    failure = { cause };
  }
  const contents = Math.max(0, used - TRAILER_BYTES);
  if (contents > 0) yield buffer.subarray(0, contents);
  if (used > contents) yield buffer.subarray(contents, used);
  if (failure !== null) throw failure.cause;
}

/**
 * Finds where the next member starts after one of `produced` bytes: behind a trailer that states just that
 * length, and with a gzip header. Decompressors do not tell, but these 56 bits do.
 *
 * @returns the slices' bytes from there on, or null
 */
function nextMember(slices: readonly Slice[], produced: number): Slice | null {
  const bytes = joined(slices);
  const view = new DataView(bytes.buffer);
  const length = produced % 2 ** 32;
  for (let at = bytes.indexOf(0x1f, 4); at >= 0; at = bytes.indexOf(0x1f, at + 1)) {
    if (bytes[at + 1] === 0x8b && bytes[at + 2] === 8 && view.getUint32(at - 4, true) === length) {
      return bytes.subarray(at);
    }
  }
  return null;
}

function joined(slices: readonly Slice[]): Slice {
  const bytes = new Uint8Array(slices.reduce((total, slice) => total + slice.length, 0));
  let at = 0;
  for (const slice of slices) {
    bytes.set(slice, at);
    at += slice.length;
  }
  return bytes;
}

/** Some runtimes leave the message empty. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ("code" in error ? String(error.code) : error.name);
}
