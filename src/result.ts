/** What becomes of a packet. */
import { OutcomeMask, OutcomeShift } from "../assembly/shared/outcome-word.js";
import { Reason } from "../assembly/shared/reason.js";
import type { Datagram } from "./datagram.js";
import type { Engine } from "./engine/engine.js";
import { explain, type ReasonNumbers } from "./explain.js";
import { Flow } from "./flow.js";
import type { HelperRunner } from "./helper-runner.js";

export type CtStateName = "NEW" | "ESTABLISHED" | "RELATED" | "INVALID" | "UNTRACKED";
export type DirectionName = "original" | "reply";
export type VerdictName = "ACCEPT" | "DROP" | "STOLEN" | "REJECT";
/** Stable codes; what each means is said in docs/reasons.md. */
export type ReasonCode = Exclude<keyof typeof Reason, "NONE">;

/** Indexed by the enums of assembly/shared/ct-state.ts. */
export const CT_STATES: readonly CtStateName[] = ["INVALID", "NEW", "ESTABLISHED", "RELATED", "UNTRACKED"];
export const DIRECTIONS: readonly DirectionName[] = ["original", "reply"];
export const VERDICTS: readonly VerdictName[] = ["ACCEPT", "DROP", "STOLEN", "REJECT"];

/** Where a result comes from. What few packets have stands there, too: the others share theirs. */
export interface Origin {
  readonly engine: Engine;
  readonly helpers: HelperRunner;
  readonly datagram: Datagram | undefined;
  /** Those that go with the reason. */
  readonly numbers: ReasonNumbers;
}

const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** A packet's result, copied out of its row: it stays true whatever is tracked afterwards. */
export class TrackResult {
  readonly #origin: Origin;
  /** See assembly/shared/outcome-word.ts. */
  readonly #outcome: number;
  /** Address in the engine's memory; 0 for none. */
  readonly #flow: number;
  /** The packet, and where in it the IP packet begins and how long that is. */
  readonly #bytes: Uint8Array;
  readonly #from: number;
  readonly #length: number;

  constructor(
    origin: Origin,
    outcome: number,
    flow: number,
    bytes: Uint8Array,
    from: number,
    length: number,
  ) {
    this.#origin = origin;
    this.#outcome = outcome;
    this.#flow = flow;
    this.#bytes = bytes;
    this.#from = from;
    this.#length = length;
  }

  /** What a rule's `--ctstate` would see. */
  get ctState(): CtStateName {
    return CT_STATES[this.#outcome & OutcomeMask.CT_STATE] as CtStateName;
  }
  /** Undefined for packets without a flow: INVALID, UNTRACKED, dropped. */
  get direction(): DirectionName | undefined {
    const hasFlow = this.ctState !== "INVALID" && this.ctState !== "UNTRACKED";
    return hasFlow
      ? DIRECTIONS[(this.#outcome >>> OutcomeShift.DIRECTION) & OutcomeMask.DIRECTION]
      : undefined;
  }
  /** DROP: table full, or refused by the IP layer before any hook. STOLEN: a fragment, held or thrown away. */
  get verdict(): VerdictName {
    return VERDICTS[(this.#outcome >>> OutcomeShift.VERDICT) & OutcomeMask.VERDICT] as VerdictName;
  }
  /** Why the packet is INVALID, was ignored by its tracker, or was dropped. */
  get reason(): ReasonCode | undefined {
    return reasonCode((this.#outcome >>> OutcomeShift.REASON) & OutcomeMask.REASON);
  }

  /** The packet's flow, as long as it lives. */
  get flow(): Flow | undefined {
    if (!this.#flow) return undefined;
    const { engine, helpers } = this.#origin;
    const flow = new Flow(engine, helpers, this.#flow, this.#outcome >>> OutcomeShift.GENERATION);
    return flow.alive ? flow : undefined;
  }

  /**
   * IP packets as they leave tracking: the packet itself from its IP header on, without padding behind it; for a
   * completed datagram its fragments; nothing for what is held, dropped, or no IP packet. `Conntrack.track()` gives a
   * view of the array that it was called with.
   */
  get packets(): readonly Uint8Array[] {
    if (this.verdict !== "ACCEPT" || this.reason === "NOT_IP" || this.reason === "LINK_TYPE") return [];
    const datagram = this.#origin.datagram;
    return datagram ? datagram.pieces : [this.#bytes.subarray(this.#from, this.#from + this.#length)];
  }

  /** The datagram that this packet completed and that was tracked in its place, from its IP header on. */
  get datagram(): Uint8Array | undefined {
    return this.#origin.datagram?.bytes;
  }

  /** The reason in words, with its numbers; "" when there is none. */
  explain(): string {
    return this.reason ? explain(Reason[this.reason], this.#origin.numbers) : "";
  }

  /** What JSON.stringify() and, in Node, console.log() show of it. */
  toJSON(): object {
    const { ctState, direction, verdict, reason } = this;
    return Object.assign({ ctState, direction, verdict, reason }, this);
  }
  [INSPECT](): object {
    return this.toJSON();
  }
}

/** Of packets without a reason: a list of their own would be a tenth of what track() takes. */
const NO_NUMBERS: ReasonNumbers = [0, 0, 0, 0];

export function originOf(engine: Engine, helpers: HelperRunner): Origin {
  return { engine, helpers, datagram: undefined, numbers: NO_NUMBERS };
}

/** The origin of the row at this address, which may have completed a datagram. */
export function originAt(origin: Origin, row: number, datagram: Datagram | undefined): Origin {
  const { u8, u32, layout } = origin.engine;
  const hasReason = u8[row + layout.PACKET_REASON] !== Reason.NONE;
  if (!hasReason && !datagram) return origin;
  return { ...origin, datagram, numbers: numbersAt(u32, (row + layout.PACKET_NUMBERS) >>> 2) };
}

function numbersAt(u32: Uint32Array, at: number): ReasonNumbers {
  return [u32[at] ?? 0, u32[at + 1] ?? 0, u32[at + 2] ?? 0, u32[at + 3] ?? 0];
}

/** The outcome word of the row at this address. */
export function outcomeAt({ u8, u32, layout }: Engine, row: number): number {
  return (
    (u8[row + layout.PACKET_CT_STATE] as number) |
    ((u8[row + layout.PACKET_DIRECTION] as number) << OutcomeShift.DIRECTION) |
    ((u8[row + layout.PACKET_VERDICT] as number) << OutcomeShift.VERDICT) |
    ((u8[row + layout.PACKET_REASON] as number) << OutcomeShift.REASON) |
    ((u32[(row + layout.PACKET_GENERATION) >>> 2] as number) << OutcomeShift.GENERATION)
  );
}

/** The result of the packet of a row. */
export function resultAt(
  origin: Origin,
  row: number,
  bytes: Uint8Array,
  datagram: Datagram | undefined,
): TrackResult {
  const { engine } = origin;
  const { u32, layout } = engine;
  const word = (offset: number) => u32[(row + offset) >>> 2] as number;
  return new TrackResult(
    originAt(origin, row, datagram),
    outcomeAt(engine, row),
    word(layout.PACKET_FLOW),
    bytes,
    word(layout.PACKET_L3) - word(layout.PACKET_DATA),
    word(layout.PACKET_L3_LENGTH),
  );
}

/** The code of a reason, undefined for none. */
export function reasonCode(reason: number): ReasonCode | undefined {
  return reason === Reason.NONE ? undefined : (Reason[reason] as ReasonCode);
}
