import type { WorkerHandle, WorkerListener } from "./worker-handle.js";

/** How many threads can run at the same time. */
export const threads = (): number => navigator.hardwareConcurrency;

/** A worker for a shard. */
export function startWorker({ receive, died }: WorkerListener): WorkerHandle {
  const worker = new Worker(new URL("./shard-worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => receive(data);
  worker.onerror = ({ message }) => died(message ?? "its script could not be loaded");
  worker.onmessageerror = () => died("a message could not be read");
  return {
    post: (message) => worker.postMessage(message),
    hold: () => {},
    end: () => worker.terminate(),
  };
}
