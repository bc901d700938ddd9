import { parentPort } from "node:worker_threads";

/** Messages from the main thread. */
export function onMessage(receive: (message: unknown) => void): void {
  parentPort?.on("message", receive);
}

export function post(message: unknown): void {
  parentPort?.postMessage(message);
}
