/** What is needed of a v86 machine: its network card as a pair of web streams of Ethernet frames, and its screen. */
import type { V86 } from "v86";

/** Public in v86's code, but not in its types. */
interface Inside {
  readonly bus: { send(event: "net0-receive", frame: Uint8Array): void };
  readonly screen_adapter: { get_text_screen(): string[] };
}

export function networkCard(vm: V86): ReadableWritablePair<Uint8Array, Uint8Array> {
  const { bus } = vm as unknown as Inside;
  return {
    readable: new ReadableStream({
      start: (controller) => vm.add_listener("net0-send", (frame) => controller.enqueue(frame)),
    }),
    writable: new WritableStream({ write: (frame) => bus.send("net0-receive", frame) }),
  };
}

export function screenText(vm: V86): string {
  const lines = (vm as unknown as Inside).screen_adapter.get_text_screen();
  return lines
    .map((line) => line.trimEnd())
    .join("\n")
    .trimEnd();
}
