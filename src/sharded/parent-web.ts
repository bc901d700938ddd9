/** Messages from the main thread. */
export function onMessage(receive: (message: unknown) => void): void {
  addEventListener("message", ({ data }) => receive(data));
}

export function post(message: unknown): void {
  postMessage(message);
}
