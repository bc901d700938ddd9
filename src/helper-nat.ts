/** What helpers do to packets of translated flows. */
import type { Engine } from "./engine/engine.js";
import type { Expect, ExpectResult, HelperNat } from "./helpers/helper.js";

/** Ports that are tried at most when the one wanted is taken. */
const MOST_PORTS = 128;

interface Edit {
  readonly offset: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}

export class PacketNat implements HelperNat {
  readonly address: string;
  readonly #engine: Engine;
  readonly #add: (expectation: Expect) => ExpectResult;
  readonly #edits: Edit[] = [];
  #port: number | undefined;

  /** `add`: announces a connection of the packet's flow. */
  constructor(engine: Engine, address: string, add: (expectation: Expect) => ExpectResult) {
    this.#engine = engine;
    this.address = address;
    this.#add = add;
  }

  expect(expectation: Expect): number | undefined {
    const { destination, follow = { port: destination.port } } = expectation;
    const above = 0xffff - destination.port;
    let port = destination.port;
    for (let left = Math.min(above, MOST_PORTS); ; left--) {
      const result = this.#add({ ...expectation, follow, destination: { ...destination, port } });
      if (result === "ADDED") return port;
      if (result !== "BUSY" || left <= 0) return undefined;
      port = destination.port + ((this.#engine.call.randomNumber() >>> 0) % above);
    }
  }

  replace(offset: number, length: number, bytes: Uint8Array): void {
    this.#edits.push({ offset, length, bytes });
  }

  deliverTo(port: number): void {
    this.#port = port;
  }

  /** Does what replace() and deliverTo() were asked for. `header`: bytes of transport header. False when the packet cannot be so long. */
  apply(row: number, header: number): boolean {
    const port = this.#port;
    if (this.#edits.length === 0 && port === undefined) return true;
    const { call } = this.#engine;
    // From the end, so that offsets stay what they are.
    const edits = this.#edits.splice(0).sort((a, b) => b.offset - a.offset);
    let difference = 0;
    for (const { offset, length, bytes } of edits) {
      const at = call.replacePayload(row, header + offset, length, bytes.length) >>> 0;
      this.#engine.refresh();
      if (at === 0) return false;
      this.#engine.u8.set(bytes, at);
      difference += bytes.length - length;
    }
    if (port !== undefined) call.setDestinationPort(row, port);
    call.finishPayload(row, difference);
    this.#engine.refresh();
    return true;
  }
}
