/** One packet at a time. */
import { Hook } from "../assembly/shared/ct-state.js";
import { LinkType } from "../assembly/shared/link-type.js";
import { OutcomeMask, OutcomeShift, PAUSED } from "../assembly/shared/outcome-word.js";
import { Batch } from "./batch.js";
import type { TrackOptions } from "./conntrack.js";
import { type Datagram, takeDatagram } from "./datagram.js";
import type { Engine } from "./engine/engine.js";
import type { HelperRunner } from "./helper-runner.js";
import { type Origin, originOf, resultAt, TrackResult } from "./result.js";

/** Longer packets are handled as if a capture had cut them here: nothing behind is ever looked at. */
const LONGEST_PACKET = 262144;
/** Bytes of a batch of one. */
export const SINGLE_BYTES: number = LONGEST_PACKET + 8;

/** Puts the packet into a batch of one, in the place of the last one. */
export function pushSingle(
  batch: Batch,
  packet: Uint8Array,
  { time, wireLength = packet.length }: { readonly time: number; readonly wireLength?: number },
): void {
  batch.clear();
  batch.push(readable(packet), time, wireLength);
}

function readable(packet: Uint8Array): Uint8Array {
  return packet.length <= LONGEST_PACKET ? packet : packet.subarray(0, LONGEST_PACKET);
}

/** Kept at hand: V8 looks it up anew in every call, which takes 4 ns. */
const { set: copy } = Uint8Array.prototype;

/** Outcomes that are seldom: something has to be done for the packet, or a reason's numbers are to be read. */
const SELDOM = PAUSED | (OutcomeMask.REASON << OutcomeShift.REASON);

/** The place of the packet that Conntrack.track() is about. */
export class SinglePacket {
  readonly #engine: Engine;
  readonly #origin: Origin;
  /** Kept at hand: a module's exports are an object in which names are looked up slowly. */
  readonly #trackOne: Engine["call"]["trackOne"];
  readonly #batch: number;
  readonly #row: number;
  /** Where its bytes go. */
  readonly #bytes: number;
  /** Cells of the row, in words. */
  readonly #flow: number;
  readonly #l3: number;
  readonly #l3Length: number;

  /** @throws ConntrackError CT_ENGINE when there is no memory */
  constructor(engine: Engine, helpers: HelperRunner) {
    const { layout } = engine;
    const row = new Batch(engine, helpers, 1, { bytes: SINGLE_BYTES }).row(0);
    this.#engine = engine;
    this.#origin = originOf(engine, helpers);
    this.#trackOne = engine.call.trackOne;
    this.#row = row;
    this.#batch = row - layout.BATCH_ROWS;
    this.#bytes = engine.u32[(this.#batch + layout.BATCH_BYTES) >>> 2] as number;
    this.#flow = (row + layout.PACKET_FLOW) >>> 2;
    this.#l3 = (row + layout.PACKET_L3) >>> 2;
    this.#l3Length = (row + layout.PACKET_L3_LENGTH) >>> 2;
  }

  /** `template`: the timeout policy, as the engine knows it; 0 for none. */
  track(packet: Uint8Array, options: TrackOptions, template: number): TrackResult {
    const { time, hook, confirm, link = LinkType.RAW, wireLength } = options;
    const engine = this.#engine;
    const bytes = readable(packet);
    const length = bytes.length;
    copy.call(engine.u8, bytes, this.#bytes);
    const outcome = this.#trackOne(
      this.#batch,
      time,
      length,
      wireLength === undefined ? length : Math.max(wireLength, length),
      (link & 0xffff) |
        ((hook === "OUTPUT" ? Hook.OUTPUT : Hook.PREROUTING) << 16) |
        (confirm === false ? 0 : 1 << 24),
      template,
    );
    engine.refresh();
    if (outcome & SELDOM) return this.#seldom(outcome, bytes);
    const { u32 } = engine;
    return new TrackResult(
      this.#origin,
      outcome,
      u32[this.#flow] as number,
      bytes,
      (u32[this.#l3] as number) - this.#bytes,
      u32[this.#l3Length] as number,
    );
  }

  #seldom(outcome: number, bytes: Uint8Array): TrackResult {
    const datagram = outcome & PAUSED ? this.#finish() : undefined;
    return resultAt(this.#origin, this.#row, bytes, datagram);
  }

  /** What JavaScript has to do before the packet is over. */
  #finish(): Datagram | undefined {
    const { engine, helpers } = this.#origin;
    const { call, layout } = engine;
    if ((engine.u8[this.#row + layout.PACKET_STAGE] as number) >= layout.STAGE_PAUSED) {
      call.finishPacket(this.#batch, 0, helpers.run(this.#row));
      engine.refresh();
    }
    const datagram = takeDatagram(engine, this.#row);
    call.resumeBatch(this.#batch, 1, 1);
    engine.refresh();
    return datagram;
  }
}
