/** What start-node.ts and start-web.ts make of a worker. */
export interface WorkerHandle {
  post(message: unknown): void;
  /** Whether the program goes on as long as the worker does. */
  hold(held: boolean): void;
  end(): void;
}

export interface WorkerListener {
  receive(message: unknown): void;
  /** Told once or more often. */
  died(why: string): void;
}
