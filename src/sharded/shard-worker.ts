/** The program of a worker: an engine that works through what the ring says, for as long as the worker lives. */
import { onMessage, post } from "#worker-parent";
import { ConntrackError } from "../errors.js";
import { CALLS } from "./calls.js";
import { type Answer, BATCHES_DONE, type Beginning, type Call } from "./messages.js";
import { Shard } from "./shard.js";
import { CALL, Ring } from "./shared-memory.js";

const messages: unknown[] = [];
let wake: (() => void) | undefined;

onMessage((message) => {
  messages.push(message);
  wake?.();
});

async function nextMessage(): Promise<unknown> {
  while (messages.length === 0) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  return messages.shift();
}

/** Errors of ours are an answer; any other ends the worker. */
function answer(work: () => unknown): void {
  const say = (message: Answer) => post(message);
  try {
    say({ value: work() });
  } catch (error) {
    if (!(error instanceof ConntrackError)) throw error;
    say({ code: error.code, message: error.message });
  }
}

async function run(): Promise<void> {
  const beginning = (await nextMessage()) as Beginning;
  let shard: Shard | undefined;
  answer(() => {
    shard = new Shard(beginning);
  });
  if (!shard) return;
  const ring = new Ring(beginning.ring);
  for (;;) {
    const entry = ring.read();
    if (entry === CALL) {
      const { name, args } = (await nextMessage()) as Call;
      const call = CALLS[name] as (shard: Shard, ...args: readonly unknown[]) => unknown;
      answer(() => call(shard as Shard, ...args));
    } else if (shard.track(entry) && ring.tell()) {
      post(BATCHES_DONE);
    }
  }
}

run().catch((error: unknown) => {
  // Outside of promises, so that the main thread hears of it in browsers, too.
  setTimeout(() => {
    throw error;
  });
});
