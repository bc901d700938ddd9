/** What main thread and workers say to each other in messages; the order of things comes from the ring. */
import type { ErrorCode } from "../errors.js";
import type { CallName } from "./calls.js";

/** The first message to a worker. */
export interface Beginning {
  /** The engine's module, compiled. */
  readonly module: unknown;
  readonly ring: SharedArrayBuffer;
  /** The worker's number. */
  readonly part: number;
  readonly sysctl: Readonly<Record<string, number>>;
  readonly eventCapacity: number | undefined;
}

/** Every further one. */
export interface Call {
  readonly name: CallName;
  readonly args: readonly unknown[];
}

/** From a worker: answers to its beginning and to calls, in their order, and between them that batches are done. */
export type Answer =
  | { readonly value: unknown }
  | { readonly code: ErrorCode; readonly message: string }
  | typeof BATCHES_DONE;

export const BATCHES_DONE = 0;
