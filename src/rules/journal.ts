/** Reads the engine's journal of a packet: what rules saw of it, and what they found. */
import { CtState, Direction, Hook } from "../../assembly/shared/ct-state.js";
import {
  JournalKind,
  JournalRecord,
  PolicyRecord,
  SightFlow,
  SightRecord,
  VisitRecord,
} from "../../assembly/shared/journal-record.js";
import { Family } from "../../assembly/shared/protocol.js";
import type { Engine } from "../engine/engine.js";
import { FlowRecord } from "../engine/flow-record.js";
import type { EncodedProgram } from "./encode/ruleset.js";
import { explanationText, policyVisit, type RuleVisit, ruleVisit } from "./explanation.js";
import type { HookName } from "./ruleset.js";
import { type SeenFlow, Sight, type SightFields } from "./sight.js";

/** What the engine numbers, or knows nothing of. */
export interface JournalContext {
  readonly program: Pick<EncodedProgram, "rules" | "chains">;
  device(number: number): string | undefined;
  readonly owner: { readonly uid: number; readonly gid: number };
}

/** Of the engine's Outcome; the last: a match that drops a packet it matches. */
const OUTCOMES = ["fails", "matches", "drops", "matches"] as const;

/** A copy of the journal as it is now, put into words when somebody asks. */
export class Journal {
  readonly #view: DataView;
  readonly #context: JournalContext;
  /** In their order; flows are read while they are there. */
  readonly #sights: Sight[] = [];
  readonly #lost: number;
  #visits: readonly RuleVisit[] | undefined;

  constructor(engine: Engine, context: JournalContext) {
    const { call, u8 } = engine;
    const start = call.journalAddress() >>> 0;
    const bytes = u8.slice(start, start + (call.journalBytes() >>> 0));
    this.#view = new DataView(bytes.buffer);
    this.#context = context;
    this.#lost = call.lostFromJournal() >>> 0;
    for (const at of this.#records(JournalKind.SIGHT)) this.#sights.push(this.#sight(engine, start, at));
  }

  get visits(): readonly RuleVisit[] {
    this.#visits ??= this.#read();
    return this.#visits;
  }

  text(short: boolean): string {
    return explanationText(this.visits, this.#lost, short);
  }

  #read(): RuleVisit[] {
    const { rules, chains } = this.#context.program;
    const visits: RuleVisit[] = [];
    const sights = this.#sights.values();
    let sight: Sight | undefined;
    for (const at of this.#records()) {
      const kind: JournalKind = this.#view.getUint8(at + JournalRecord.KIND);
      if (kind === JournalKind.SIGHT) sight = sights.next().value;
      else if (!sight) continue;
      else if (kind === JournalKind.POLICY) {
        const chain = chains[this.#view.getUint32(at + PolicyRecord.CHAIN, true)];
        if (chain) visits.push(policyVisit(chain, sight.fields.hook));
      } else {
        const rule = rules[this.#view.getUint32(at + VisitRecord.RULE, true) - 1];
        if (rule) visits.push(ruleVisit(rule, sight, this.#notes(at)));
      }
    }
    return visits;
  }

  #notes(at: number) {
    const view = this.#view;
    const asked = view.getUint32(at + VisitRecord.ASKED, true);
    return {
      outcome: OUTCOMES[view.getUint8(at + VisitRecord.OUTCOME)] ?? "fails",
      failedCheck: view.getUint8(at + VisitRecord.FAILED_CHECK),
      seen: Array.from({ length: asked }, (_, i) => ({
        a: view.getBigUint64(at + VisitRecord.SEEN + 16 * i, true),
        b: view.getBigUint64(at + VisitRecord.SEEN + 16 * i + 8, true),
      })),
    };
  }

  /** Offsets of all records, or of those of one kind. */
  *#records(kind?: JournalKind): Generator<number> {
    const { byteLength } = this.#view;
    for (let at = 0; at < byteLength; at += this.#view.getUint32(at + JournalRecord.LENGTH, true)) {
      if (kind === undefined || this.#view.getUint8(at + JournalRecord.KIND) === kind) yield at;
    }
  }

  /** `start`: address of the journal in the engine. */
  #sight(engine: Engine, start: number, at: number): Sight {
    const view = this.#view;
    const u8 = (offset: number) => view.getUint8(at + offset);
    const u16 = (offset: number) => view.getUint16(at + offset, true);
    const u32 = (offset: number) => view.getUint32(at + offset, true);
    const packet = at + SightRecord.FLOW_COPY + engine.layout.FLOW6_BYTES;
    const end = packet + u32(SightRecord.PACKET_BYTES);
    const bytes = (from: number, to: number) => new Uint8Array(view.buffer, from, to - from);
    const link = u8(SightRecord.LINK_BYTES);
    const flow: SightFlow = u8(SightRecord.FLOW);
    const fields: SightFields = {
      family: u8(SightRecord.FAMILY) === Family.IPV4 ? "ipv4" : "ipv6",
      hook: Hook[u8(SightRecord.HOOK)] as HookName,
      protocol: u8(SightRecord.PROTOCOL),
      ctState: CtState[u8(SightRecord.CT_STATE)] as SightFields["ctState"],
      direction: Direction[u8(SightRecord.DIRECTION)] as SightFields["direction"],
      flow:
        flow === SightFlow.NONE
          ? undefined
          : seenFlow(engine, start + at + SightRecord.FLOW_COPY, flow === SightFlow.TEMPLATE),
      mark: u32(SightRecord.MARK),
      in: this.#context.device(u16(SightRecord.IN_DEVICE)),
      out: this.#context.device(u16(SightRecord.OUT_DEVICE)),
      length: u32(SightRecord.PACKET_LENGTH),
      bytes: bytes(packet, end),
      transport: u32(SightRecord.TRANSPORT),
      ethernet: link > 0 ? bytes(end, end + link) : undefined,
      time: view.getFloat64(at + SightRecord.TIME, true),
      owner: u8(SightRecord.SENT) ? this.#context.owner : undefined,
    };
    return new Sight(fields);
  }
}

/** `at`: address of a copy of the flow. */
function seenFlow(engine: Engine, at: number, template: boolean): SeenFlow {
  const flow = new FlowRecord(engine, at);
  const { protocolNumber, status, mark, timeout } = flow;
  return {
    template,
    protocol: protocolNumber,
    status,
    mark,
    timeout,
    original: flow.tuple(0),
    reply: flow.tuple(1),
  };
}
