import type { WebSocket } from "ws";

/** A WebSocket as a pair of streams: a message is a packet or frame. */
export function pairOf(socket: WebSocket): ReadableWritablePair<Uint8Array, Uint8Array> {
  return {
    readable: new ReadableStream({
      start: (controller) => {
        socket.on("message", (data: Buffer) => controller.enqueue(data));
      },
    }),
    writable: new WritableStream({ write: (packet) => socket.send(packet) }),
  };
}
