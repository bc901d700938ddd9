/** A WebSocket as a pair of web streams: each message an Ethernet frame, as the relays have it that v86 can use itself. */
import { once } from "node:events";
import { WebSocket } from "ws";

export async function relay(url: string): Promise<ReadableWritablePair<Uint8Array, Uint8Array>> {
  const socket = new WebSocket(url);
  await once(socket, "open");
  return {
    readable: new ReadableStream({
      start: (controller) => void socket.on("message", (frame: Buffer) => controller.enqueue(frame)),
    }),
    writable: new WritableStream({ write: (frame) => socket.send(frame) }),
  };
}
