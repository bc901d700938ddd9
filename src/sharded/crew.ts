/** The workers as the main thread sees them: batches and calls go to all of them, and are worked off in their order. */
import { startWorker } from "#start-worker";
import { ConntrackError } from "../errors.js";
import type { CallArguments, CallName, CallResult } from "./calls.js";
import { type Answer, BATCHES_DONE, type Beginning, type Call } from "./messages.js";
import { type BatchMemory, CALL, RING_ENTRIES, Ring } from "./shared-memory.js";
import type { WorkerHandle } from "./worker-handle.js";

/** Something that all workers have to do. */
interface Job {
  readonly done: (answers: unknown[]) => void;
  readonly failed: (error: ConntrackError) => void;
}

interface BatchJob extends Job {
  readonly memory: BatchMemory;
}

interface CallJob extends Job {
  /** By worker. */
  readonly answers: unknown[];
  unanswered: number;
  error: ConntrackError | undefined;
}

export class Crew {
  readonly #ring = new Ring();
  readonly #workers: WorkerHandle[] = [];
  /** Batches under way, in their order. */
  readonly #batches: BatchJob[] = [];
  /** What each worker has not answered yet, in order. */
  readonly #calls: CallJob[][] = [];
  /** What finds no room in the ring. */
  readonly #waiting: { readonly begin: () => void; readonly failed: Job["failed"] }[] = [];
  #unfinished = 0;
  #failure: ConntrackError | undefined;

  /** One worker for each part. @throws ConntrackError CT_WORKER, or what their engines throw */
  static async start(parts: number, beginning: Omit<Beginning, "ring" | "part">): Promise<Crew> {
    const crew = new Crew();
    try {
      for (let part = 0; part < parts; part++) crew.#start();
      await crew.#ask((part) => ({ ...beginning, ring: crew.#ring.buffer, part }));
    } catch (error) {
      crew.close();
      throw error;
    }
    return crew;
  }

  get size(): number {
    return this.#workers.length;
  }

  /** Asks all workers, once they have done what they were told before. Answers are by worker. */
  call<Name extends CallName>(name: Name, ...args: CallArguments<Name>): Promise<CallResult<Name>[]> {
    const message: Call = { name, args };
    return this.#ask(() => message, CALL) as Promise<CallResult<Name>[]>;
  }

  /** Lets all workers track a batch that they know under this number. */
  track(number: number, memory: BatchMemory): Promise<void> {
    return new Promise((resolve, failed) => {
      this.#begin(failed, () => {
        this.#batches.push({ memory, failed, done: () => resolve() });
        this.#ring.write(number);
      });
    });
  }

  /** Ends the workers. What is not finished fails. */
  close(): void {
    this.#fail(new ConntrackError("CT_WORKER", "the workers have been closed"));
  }

  #start(): void {
    const part = this.#workers.length;
    this.#calls.push([]);
    const worker = startWorker({
      receive: (message) => this.#receive(part, message as Answer),
      died: (why) => this.#fail(new ConntrackError("CT_WORKER", `worker ${part} has died: ${why}`)),
    });
    this.#workers.push(worker);
  }

  /** `entry`: what the ring says of it; a worker's first message comes without. */
  #ask(messageFor: (part: number) => unknown, entry?: number): Promise<unknown[]> {
    return new Promise((done, failed) => {
      this.#begin(failed, () => {
        const job: CallJob = { done, failed, answers: [], unanswered: this.size, error: undefined };
        this.#workers.forEach((worker, part) => {
          this.#calls[part]?.push(job);
          worker.post(messageFor(part));
        });
        if (entry !== undefined) this.#ring.write(entry);
      });
    });
  }

  /** Begins a job, when there is room for it in the ring. */
  #begin(failed: Job["failed"], begin: () => void): void {
    if (this.#failure) {
      failed(this.#failure);
      return;
    }
    if (this.#unfinished === RING_ENTRIES) {
      this.#waiting.push({ begin, failed });
      return;
    }
    if (this.#unfinished++ === 0) this.#hold(true);
    begin();
  }

  #finish(): void {
    if (--this.#unfinished === 0) this.#hold(false);
    const next = this.#waiting.shift();
    if (next) this.#begin(next.failed, next.begin);
  }

  /** As long as something is awaited, the program must not end. */
  #hold(held: boolean): void {
    for (const worker of this.#workers) worker.hold(held);
  }

  #receive(part: number, answer: Answer): void {
    if (this.#failure) return;
    if (answer === BATCHES_DONE) {
      this.#finishBatches();
      return;
    }
    const job = this.#calls[part]?.shift();
    if (!job) return;
    if ("code" in answer) job.error ??= new ConntrackError(answer.code, answer.message);
    else job.answers[part] = answer.value;
    if (--job.unanswered > 0) return;
    if (job.error) job.failed(job.error);
    else job.done(job.answers);
    this.#finish();
  }

  #finishBatches(): void {
    this.#ring.listen();
    for (let job = this.#batches[0]; job?.memory.done; job = this.#batches[0]) {
      this.#batches.shift();
      job.done([]);
      this.#finish();
    }
  }

  #fail(error: ConntrackError): void {
    if (this.#failure) return;
    this.#failure = error;
    for (const worker of this.#workers) worker.end();
    const jobs = [...this.#batches, ...new Set(this.#calls.flat()), ...this.#waiting];
    for (const { failed } of jobs) failed(error);
  }
}
