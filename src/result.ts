/** What becomes of a packet. */
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

/** A packet's result, copied out of its row: it stays true whatever is tracked afterwards. */
export class TrackResult {
  /** What a rule's `--ctstate` would see. */
  readonly ctState: CtStateName;
  /** Undefined for packets without a flow: INVALID, UNTRACKED, dropped. */
  readonly direction: DirectionName | undefined;
  /** DROP: table full, or refused by the IP layer before any hook. STOLEN: a fragment, held or thrown away. */
  readonly verdict: VerdictName;
  /** Why the packet is INVALID, was ignored by its tracker, or was dropped. */
  readonly reason: ReasonCode | undefined;
  readonly #engine: Engine;
  readonly #helpers: HelperRunner;
  readonly #flow: number;
  readonly #generation: number;
  readonly #numbers: ReasonNumbers;
  /** The packet, and where in it the IP packet begins and ends. */
  readonly #bytes: Uint8Array;
  readonly #from: number;
  readonly #to: number;
  readonly #datagram: Datagram | undefined;

  /** `row`: address of the packet's row; `bytes`: the packet, which the result keeps. */
  constructor(
    engine: Engine,
    helpers: HelperRunner,
    row: number,
    bytes: Uint8Array,
    datagram: Datagram | undefined,
  ) {
    const { u8, u32, layout } = engine;
    this.#engine = engine;
    this.#helpers = helpers;
    this.ctState = CT_STATES[u8[row + layout.PACKET_CT_STATE] ?? 0] as CtStateName;
    this.verdict = VERDICTS[u8[row + layout.PACKET_VERDICT] ?? 0] as VerdictName;
    const hasFlow = this.ctState !== "INVALID" && this.ctState !== "UNTRACKED";
    this.direction = hasFlow ? DIRECTIONS[u8[row + layout.PACKET_DIRECTION] ?? 0] : undefined;
    this.reason = reasonCode(u8[row + layout.PACKET_REASON] ?? 0);
    this.#flow = u32[(row + layout.PACKET_FLOW) >>> 2] ?? 0;
    this.#generation = u32[(row + layout.PACKET_GENERATION) >>> 2] ?? 0;
    this.#bytes = bytes;
    this.#from = (u32[(row + layout.PACKET_L3) >>> 2] ?? 0) - (u32[(row + layout.PACKET_DATA) >>> 2] ?? 0);
    this.#to = this.#from + (u32[(row + layout.PACKET_L3_LENGTH) >>> 2] ?? 0);
    this.#datagram = datagram;
    this.#numbers = this.reason ? numbersAt(u32, (row + layout.PACKET_NUMBERS) >>> 2) : NO_NUMBERS;
  }

  /** The packet's flow, as long as it lives. */
  get flow(): Flow | undefined {
    if (!this.#flow) return undefined;
    const flow = new Flow(this.#engine, this.#helpers, this.#flow, this.#generation);
    return flow.alive ? flow : undefined;
  }

  /**
   * IP packets as they leave tracking: the packet itself from its IP header on, without padding behind it; for a
   * completed datagram its fragments; nothing for what is held, dropped, or no IP packet. `Conntrack.track()` gives a
   * view of the array that it was called with.
   */
  get packets(): readonly Uint8Array[] {
    if (this.verdict !== "ACCEPT" || this.reason === "NOT_IP" || this.reason === "LINK_TYPE") return [];
    return this.#datagram ? this.#datagram.pieces : [this.#bytes.subarray(this.#from, this.#to)];
  }

  /** The datagram that this packet completed and that was tracked in its place, from its IP header on. */
  get datagram(): Uint8Array | undefined {
    return this.#datagram?.bytes;
  }

  /** The reason in words, with its numbers; "" when there is none. */
  explain(): string {
    return this.reason ? explain(Reason[this.reason], this.#numbers) : "";
  }
}

/** Most packets have none: a list of their own would be a tenth of what track() takes. */
const NO_NUMBERS: ReasonNumbers = [0, 0, 0, 0];

function numbersAt(u32: Uint32Array, at: number): ReasonNumbers {
  return [u32[at] ?? 0, u32[at + 1] ?? 0, u32[at + 2] ?? 0, u32[at + 3] ?? 0];
}

/** The code of a reason, undefined for none. */
export function reasonCode(reason: number): ReasonCode | undefined {
  return reason === Reason.NONE ? undefined : (Reason[reason] as ReasonCode);
}
