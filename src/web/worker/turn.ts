/** Taking turns with messages: a worker that never waits hears nothing. */
const LONGEST_MS = 16;

/** Waits for the event loop when it has not had a turn for a while. */
export class Turn {
  #last = performance.now();

  /** Whether pass() would wait: asking costs less than awaiting. */
  get due(): boolean {
    return performance.now() - this.#last > LONGEST_MS;
  }

  async pass(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.due) return;
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    });
    this.#last = performance.now();
    signal.throwIfAborted();
  }
}
