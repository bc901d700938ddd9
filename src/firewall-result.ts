/** What becomes of a packet that meets rules. */

import { Hook } from "../assembly/shared/ct-state.js";
import { Family } from "../assembly/shared/protocol.js";
import { NO_TABLE, TABLE_BITS } from "../assembly/shared/table.js";
import type { Datagram } from "./datagram.js";
import type { Engine } from "./engine/engine.js";
import type { HelperRunner } from "./helper-runner.js";
import type { Network } from "./network.js";
import { originAt, originOf, outcomeAt, TrackResult, VERDICTS, type VerdictName } from "./result.js";
import type { RuleVisit } from "./rules/explanation.js";
import type { Journal } from "./rules/journal.js";
import type { RuleName, RuleProgram } from "./rules/program.js";
import { type HookName, TABLE_NAMES, type TableName } from "./rules/ruleset.js";
import type { SetMemory } from "./rules/set-memory.js";
import { type RejectType, rejectTypeOf } from "./rules/targets/reject.js";

/** What a REJECT sends, or a router about a packet that it cannot forward. */
export interface Reply {
  /** From the IP header on. */
  readonly packet: Uint8Array;
  /** As `--reject-with` calls it; undefined for other errors that a router sends. */
  readonly with: RejectType | undefined;
  /** The device it leaves by; undefined when rules dropped it. */
  readonly out: string | undefined;
  readonly path: readonly HookName[];
  readonly verdict: VerdictName;
  readonly mark: number;
}

/** What results of packets need to know besides the engine. */
export interface FirewallContext {
  readonly engine: Engine;
  readonly helpers: HelperRunner;
  readonly network: Network;
  readonly program: RuleProgram;
  readonly sets: SetMemory;
}

/** What has been written down of a packet on its way. */
export interface Trace {
  readonly lines: readonly string[];
  readonly journal: Journal;
}

const NO_BYTES = new Uint8Array(0);

/** A packet's result, copied out of its row. */
export class FirewallResult extends TrackResult {
  /** Hooks entered, in order; the last one may have dropped it. */
  readonly path: readonly HookName[];
  /** The device it leaves by; undefined when it does not leave. */
  readonly out: string | undefined;
  /** The packet's own mark when it left, or when it was last seen before the rule that dropped it. */
  readonly mark: number;
  /** What `-j CLASSIFY`, or a set, gave it for the queues: major << 16 | minor. */
  readonly priority: number;
  /**
   * The rule that decided: the one that dropped it, or the one of the filter table that let it pass. A chain's policy
   * has number 0. Undefined where no rule was asked.
   */
  readonly rule: RuleName | undefined;
  /** What a REJECT sends, or with `icmpErrors` the machine itself: usually one packet. */
  readonly replies: readonly Reply[];
  /** With `trace`: every rule that the packet matched and every end of a chain, as the kernel's TRACE prints them. */
  readonly trace: readonly string[];
  readonly #packets: readonly Uint8Array[];
  readonly #journal: Journal | undefined;

  /** `row`: address of the packet's row; `packets`: as it would leave. */
  constructor(
    context: FirewallContext,
    row: number,
    datagram: Datagram | undefined,
    packets: readonly Uint8Array[],
    replies: readonly Reply[],
    trace: Trace | undefined,
  ) {
    const { engine, helpers, network, program } = context;
    const { u32, layout } = engine;
    super(
      originAt(originOf(engine, helpers), row, datagram),
      outcomeAt(engine, row),
      u32[(row + layout.PACKET_FLOW) >>> 2] ?? 0,
      NO_BYTES,
      0,
      0,
    );
    this.path = withFragments(pathOf(engine, row), datagram);
    this.mark = u32[(row + layout.PACKET_MARK) >>> 2] ?? 0;
    this.priority = u32[(row + layout.PACKET_PRIORITY) >>> 2] ?? 0;
    this.rule = decidingRule(engine, program, row);
    this.out = outOf(engine, network, row, this.path);
    this.replies = replies;
    this.trace = trace?.lines ?? [];
    this.#journal = trace?.journal;
    // What this machine keeps it keeps whole.
    const kept = datagram?.bytes && this.path.at(-1) === "INPUT" ? [datagram.bytes] : packets;
    this.#packets = this.verdict !== "ACCEPT" ? [] : kept;
  }

  /**
   * With `trace`: every rule that was asked, in order, with its matches and the packet's values that made them true or
   * false; and the policies that were reached.
   */
  get rules(): readonly RuleVisit[] {
    return this.#journal?.visits ?? [];
  }

  /**
   * The same in words, a line for each rule and below it one for each match; without `trace` empty. `short` leaves out
   * most rules of long runs that did not match.
   */
  explainRules({ short = false }: { readonly short?: boolean } = {}): string {
    return this.#journal?.text(short) ?? "";
  }

  /** The packet as it leaves or as it is delivered: translated, mangled, with its TTL lowered; fragmented. */
  override get packets(): readonly Uint8Array[] {
    return this.#packets;
  }
}

/** The packet's bytes, wherever they lie by now. */
export function packetAt({ u8, u32, layout }: Engine, row: number): Uint8Array {
  const at = u32[(row + layout.PACKET_L3) >>> 2] ?? 0;
  return u8.slice(at, at + (u32[(row + layout.PACKET_L3_LENGTH) >>> 2] ?? 0));
}

const ARRIVING: readonly HookName[] = ["PREROUTING", "INPUT", "FORWARD", "POSTROUTING"];
const SENT: readonly HookName[] = ["OUTPUT", "POSTROUTING", "PREROUTING", "INPUT", "FORWARD"];

/**
 * Hooks come in one order for packets that arrive and in another for those that this machine sends. What it sends to
 * itself, DNAT may lead on: such a packet meets POSTROUTING twice.
 */
function pathOf({ u8, layout }: Engine, row: number): HookName[] {
  const bits = u8[row + layout.PACKET_PATH] ?? 0;
  const path = (bits & (1 << Hook.OUTPUT) ? SENT : ARRIVING).filter((hook) => bits & (1 << Hook[hook]));
  const leaves = u8[row + layout.PACKET_AT] === Hook.POSTROUTING;
  return leaves && path.at(-1) === "FORWARD" ? [...path, "POSTROUTING"] : path;
}

function decidingRule({ u8, u32, layout }: Engine, program: RuleProgram, row: number): RuleName | undefined {
  const place = u8[row + layout.PACKET_TABLE] ?? NO_TABLE;
  if (place === NO_TABLE) return undefined;
  const family = u8[row + layout.PACKET_FAMILY] === Family.IPV4 ? "ipv4" : "ipv6";
  const table = TABLE_NAMES[place & ((1 << TABLE_BITS) - 1)] as TableName;
  return program.deciding(
    u32[(row + layout.PACKET_RULE) >>> 2] ?? 0,
    family,
    table,
    Hook[place >>> TABLE_BITS] as HookName,
  );
}

/** What this machine sends itself in fragments comes back in fragments, each of which arrives. */
function withFragments(path: readonly HookName[], datagram: Datagram | undefined): readonly HookName[] {
  if (!datagram || path[0] !== "OUTPUT") return path;
  return path.flatMap((hook) => (hook === "PREROUTING" ? datagram.pieces.map(() => hook) : [hook]));
}

function outOf(
  { u8, u16, layout }: Engine,
  network: Network,
  row: number,
  path: readonly HookName[],
): string | undefined {
  if (u8[row + layout.PACKET_VERDICT] !== 0) return undefined;
  const last = path.at(-1);
  if (last === "POSTROUTING") return network.nameOf(u16[(row + layout.PACKET_OUT_DEVICE) >>> 1] ?? 0);
  // What this machine sends itself has left by the loopback device.
  return last === "INPUT" && path[0] === "OUTPUT" ? "lo" : undefined;
}

/** The answers that the packet has just caused, copied: the engine has room for those of one packet. */
export function takeReplies(engine: Engine, network: Network): Reply[] {
  const { call, u8, u32, layout } = engine;
  const replies: Reply[] = [];
  const count = call.answerCount();
  for (let i = 0; i < count; i++) {
    const row = call.answerAt(i) >>> 0;
    const path = pathOf(engine, row);
    const packet = packetAt(engine, row);
    replies.push({
      packet,
      with: rejectTypeOf(packet),
      out: outOf(engine, network, row, path),
      path,
      verdict: VERDICTS[u8[row + layout.PACKET_VERDICT] ?? 0] as VerdictName,
      mark: u32[(row + layout.PACKET_MARK) >>> 2] ?? 0,
    });
  }
  return replies;
}
