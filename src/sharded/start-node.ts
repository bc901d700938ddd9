import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { WorkerHandle, WorkerListener } from "./worker-handle.js";

/** How many threads can run at the same time. */
export const threads = (): number => availableParallelism();

/** A worker for a shard. Node ends when nothing holds its workers. */
export function startWorker({ receive, died }: WorkerListener): WorkerHandle {
  const worker = new Worker(new URL("./shard-worker.js", import.meta.url), { execArgv: [] });
  worker.on("message", receive);
  worker.on("error", (error) => died(error instanceof Error ? error.message : String(error)));
  worker.on("exit", (code) => died(`exit code ${code}`));
  return {
    post: (message) => worker.postMessage(message),
    hold: (held) => (held ? worker.ref() : worker.unref()),
    end: () => {
      worker.terminate();
    },
  };
}
