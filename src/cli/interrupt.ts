/** Ctrl-C: the first one ends reading, so that what is known so far can be printed; the second one ends it all. */

export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  return controller.signal;
}
