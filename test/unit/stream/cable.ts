/** The other end of a port: writes to it, and keeps what comes out of it. */
import type { Port } from "../../../src/index.js";

export interface Cable {
  send(...frames: Uint8Array[]): void;
  /** What has come out since the last call, once all that is under way has arrived. */
  received(): Promise<Uint8Array[]>;
  /** Resolved when the port's reader has come to its end. */
  readonly ended: Promise<void>;
}

export function plug(port: Port): Cable {
  const writer = port.writable.getWriter();
  let frames: Uint8Array[] = [];
  const sink = new WritableStream<Uint8Array>({ write: (frame) => void frames.push(frame) });
  return {
    send: (...sent) => {
      for (const frame of sent) void writer.write(frame);
    },
    received: async () => {
      await settled();
      const taken = frames;
      frames = [];
      return taken;
    },
    ended: port.readable.pipeTo(sink),
  };
}

/** Packets take a turn of the event loop for each time that they enter the machine. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setTimeout(resolve));
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
