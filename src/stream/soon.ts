/** Calls back when all that is ready by now has run: what arrives together is handled together. */
export function soon(callback: () => void): void {
  if (typeof setImmediate === "function") {
    setImmediate(callback);
    return;
  }
  messages ??= messageChannel();
  waiting.push(callback);
  messages.postMessage(undefined);
}

/** Browsers delay timers by milliseconds, but not messages. */
let messages: MessagePort | undefined;
const waiting: (() => void)[] = [];

function messageChannel(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => waiting.shift()?.();
  return port2;
}
