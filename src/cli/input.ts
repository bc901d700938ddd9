/** The bytes of an input: a file, a pipe, a device. Each chunk is overwritten by the next one where that saves memory. */
import { closeSync, createReadStream, fstatSync, open, readSync } from "node:fs";
import { Socket, type SocketConstructorOpts, type TcpSocketConnectOpts } from "node:net";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { promisify } from "node:util";
import type { Progress } from "./progress.js";

/** Small enough to be still in the CPU cache when it is parsed, large enough for few system calls. */
const READ_BYTES = 1 << 18;
const ASIDE = 48;
const STDIN = 0;
/** How often signals are heard while a file is read. */
const TURN_MS = 10;
/** How often a growing file is looked at. */
const FOLLOW_MS = 200;

export interface InputOptions {
  readonly signal: AbortSignal;
  /** Go on reading at the end of files: somebody is writing them. */
  readonly follow: boolean;
  readonly progress?: Progress;
}

type Bytes = AsyncGenerator<Uint8Array, void, undefined>;

/** `file`: a path, or "-" for standard input. */
export async function* bytesOf(file: string, options: InputOptions): Bytes {
  const descriptor = file === "-" ? STDIN : await promisify(open)(file, "r");
  for await (const chunk of bytesFrom(descriptor, options)) {
    options.progress?.add(chunk.length);
    yield chunk;
  }
}

function bytesFrom(descriptor: number, options: InputOptions): AsyncIterable<Uint8Array> {
  const about = fstatSync(descriptor);
  if (about.isFile()) return bytesOfFile(descriptor, options);
  if (about.isFIFO() || about.isSocket()) return bytesOfPipe(descriptor, options);
  // Terminals and other devices.
  if (descriptor === STDIN) return endingWith(options.signal, process.stdin);
  return endingWith(options.signal, createReadStream("", { fd: descriptor, highWaterMark: READ_BYTES }));
}

/**
 * Where bytes are read to. A large array begins a few bytes behind a page's beginning, and there Linux copies more slowly, by a
 * third: it does not from the next cache line on.
 */
function readBuffer(): Uint8Array {
  return new Uint8Array(ASIDE + READ_BYTES).subarray(ASIDE);
}

async function* bytesOfFile(descriptor: number, { signal, follow }: InputOptions): Bytes {
  const buffer = readBuffer();
  let turned = performance.now();
  try {
    while (!signal.aborted) {
      // At once: handing each read to another thread and back takes longer than the read.
      const length = readSync(descriptor, buffer);
      if (length > 0) yield buffer.subarray(0, length);
      else if (follow) await sleep(FOLLOW_MS, undefined, { signal }).catch(() => undefined);
      else return;
      // Signals are heard between two turns of the event loop.
      if (performance.now() - turned < TURN_MS) continue;
      await turn();
      turned = performance.now();
    }
  } finally {
    if (descriptor !== STDIN) closeSync(descriptor);
  }
}

/** A stream's chunks would come to more than a hundred megabytes before they are collected: a socket can do with one. */
async function* bytesOfPipe(descriptor: number, { signal }: InputOptions): Bytes {
  const buffer = readBuffer();
  let length = 0;
  let ended = false;
  let failure: Error | undefined;
  let wake = () => {};
  const onread: TcpSocketConnectOpts["onread"] = {
    buffer,
    callback: (bytes) => {
      length = bytes;
      wake();
      // Nothing more until this has been dealt with.
      return false;
    },
  };
  const options: SocketConstructorOpts & { onread: typeof onread } = {
    fd: descriptor,
    writable: false,
    onread,
  };
  const socket = new Socket(options);
  socket.on("error", (error) => {
    failure = error;
  });
  socket.on("close", () => {
    ended = true;
    wake();
  });
  // There may be nothing to read for hours.
  const stop = () => socket.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    while (!ended) {
      socket.resume();
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (length > 0) yield buffer.subarray(0, length);
      length = 0;
    }
    if (failure) throw failure;
  } finally {
    signal.removeEventListener("abort", stop);
    socket.destroy();
  }
}

async function* endingWith(
  signal: AbortSignal,
  input: NodeJS.ReadStream | ReturnType<typeof createReadStream>,
): Bytes {
  const stop = () => input.destroy();
  signal.addEventListener("abort", stop, { once: true });
  yield* input;
  signal.removeEventListener("abort", stop);
}
