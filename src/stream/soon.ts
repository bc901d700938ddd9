/** Calls back when all that is ready by now has run: what arrives together is handled together. */
export const soon: (callback: () => void) => void =
  typeof setImmediate === "function" ? setImmediate : messageTask();

/** Browsers delay timers by milliseconds, but not messages. */
function messageTask(): (callback: () => void) => void {
  const waiting: (() => void)[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => waiting.shift()?.();
  return (callback) => {
    waiting.push(callback);
    port2.postMessage(undefined);
  };
}
