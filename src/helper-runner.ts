/** Runs helpers on the packets for which the engine pauses, and keeps what they remember of their flows. */
import { ExpectationFlag, ExpectOutcome } from "../assembly/shared/expectation-flag.js";
import { Follow } from "../assembly/shared/follow.js";
import { Protocol } from "../assembly/shared/protocol.js";
import { Status } from "../assembly/shared/status.js";
import type { Engine } from "./engine/engine.js";
import { ExpectationRecord, writeWanted } from "./engine/expectation-record.js";
import { LivingFlowRecord } from "./engine/flow-record.js";
import { ConntrackError } from "./errors.js";
import type { FlowTuple } from "./flow.js";
import { PacketNat } from "./helper-nat.js";
import type {
  Endpoints,
  Expect,
  ExpectResult,
  Helper,
  HelperContext,
  PendingExpectation,
} from "./helpers/helper.js";
import { BUNDLED } from "./helpers/index.js";
import { CT_STATES, DIRECTIONS, type DirectionName } from "./result.js";

/** A helper threw: its packet passed, and nothing else happened. */
export interface HelperFailure {
  readonly helper: string;
  readonly error: unknown;
  /** Milliseconds on the caller's clock. */
  readonly time: number;
}

interface Memory {
  readonly generation: number;
  readonly state: unknown;
}

/** What helpers remember, by the flow's address. */
export type HelperMemories = Map<number, Memory>;

/** A flow and its helper. */
interface Announcer {
  readonly flow: number;
  readonly generation: number;
  readonly number: number;
  readonly helper: Helper;
  /** Of the packet that announces. */
  readonly direction: DirectionName;
  readonly zone: number;
}

/** What a snapshot holds of helpers: numbers of helpers count from 1. */
export interface SavedHelpers {
  readonly helpers: readonly { readonly name: string; readonly protocol: "tcp" | "udp" }[];
  readonly bindings: readonly { readonly helper: number; readonly port: number }[];
  readonly memories: readonly (readonly [flow: number, state: unknown])[];
  readonly failures: number;
}

/** What a helper is shown of a packet. */
interface Look {
  readonly context: HelperContext;
  /** Only of translated flows. */
  readonly nat: PacketNat | undefined;
  /** Bytes of the transport header. */
  readonly header: number;
}

/** Reasons for refusing packets, of all helpers together. */
const MAX_WORDS = 1024;
/** Failures kept for helperFailures(); further ones are only counted. */
const MAX_FAILURES = 64;
/** States of flows that are gone are thrown away when there are this many more than flows. */
const SPARE_STATES = 1024;
const MAX_NAME = 15;
const PROTOCOLS = { tcp: Protocol.TCP, udp: Protocol.UDP } as const;
const FAMILY_BITS = { ipv4: 1, ipv6: 2 } as const;

export class HelperRunner {
  readonly #engine: Engine;
  /** Helper number n, as flows carry it, is at n - 1. */
  readonly #helpers: Helper[] = [];
  readonly #bindings: { readonly helper: number; readonly port: number }[] = [];
  memories: HelperMemories = new Map();
  #failures: HelperFailure[] = [];
  /** What helpers had to say of packets that they refused. */
  readonly #words: string[] = [];
  #failureCount = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Failures since the beginning. */
  get failureCount(): number {
    return this.#failureCount;
  }

  takeFailures(): readonly HelperFailure[] {
    const failures = this.#failures;
    this.#failures = [];
    return failures;
  }

  nameOf(number: number): string | undefined {
    return this.#helpers[number - 1]?.name;
  }

  classNameOf(number: number, index: number): string | undefined {
    return this.#helpers[number - 1]?.classes[index]?.name;
  }

  /** @throws ConntrackError CT_BAD_OPTION */
  add(helper: Helper, port: number): void {
    if (!Number.isInteger(port) || port < 0 || port > 0xffff) {
      throw new ConntrackError(
        "CT_BAD_OPTION",
        `helper ${helper.name}: expected a port from 0 to 65535, got ${port}`,
      );
    }
    if (helper.classes.length < 1 || helper.classes.length > 4) {
      throw new ConntrackError("CT_BAD_OPTION", `helper ${helper.name}: expected 1 to 4 expectation classes`);
    }
    const number = this.#number(helper);
    const families = (helper.families ?? (["ipv4", "ipv6"] as const)).reduce(
      (bits, f) => bits | FAMILY_BITS[f],
      0,
    );
    const protocol = PROTOCOLS[helper.protocol];
    const networkPort = ((port & 0xff) << 8) | (port >>> 8);
    if (!this.#engine.call.bindHelper(number, protocol, networkPort, families)) {
      throw new ConntrackError("CT_BAD_OPTION", `helper ${helper.name}: too many helpers`);
    }
    this.#engine.placed++;
    this.#bindings.push({ helper: number, port });
  }

  /** All of it, as plain data. Flows are named by their addresses. */
  save(): SavedHelpers {
    this.#forget();
    return {
      helpers: this.#helpers.map(({ name, protocol }) => ({ name, protocol })),
      bindings: this.#bindings,
      memories: [...this.memories].map(([flow, { state }]) => [flow, state]),
      failures: this.#failureCount,
    };
  }

  /** Goes on where another one was. `find`: the helper of a name; `flows`: new addresses by old ones. */
  load(
    saved: SavedHelpers,
    find: (name: string, protocol: "tcp" | "udp") => Helper,
    flows: ReadonlyMap<number, number>,
  ): void {
    for (const { name, protocol } of saved.helpers) this.#number(find(name, protocol));
    for (const { helper, port } of saved.bindings) {
      const known = this.#helpers[helper - 1];
      if (known) this.add(known, port);
    }
    for (const [name, state] of saved.memories) {
      const flow = flows.get(name);
      const generation = flow && this.#engine.u16[(flow + this.#engine.layout.FLOW_GENERATION) >>> 1];
      if (!flow || generation === undefined) continue;
      const fresh = this.#helpers[this.#numberOf(flow) - 1]?.createState?.();
      this.memories.set(flow, { generation, state: completed(state, fresh) });
    }
    this.#failureCount = saved.failures;
  }

  /** The number of the helper that a rule names, 0 when there is none for the protocol and family. */
  numberFor(name: string, protocol: number | undefined, family: "ipv4" | "ipv6"): number {
    const fits = (helper: Helper) =>
      helper.name === name &&
      (protocol === undefined || PROTOCOLS[helper.protocol] === protocol) &&
      (helper.families?.includes(family) ?? true);
    const helper = this.#helpers.find(fits) ?? BUNDLED.find(fits);
    return helper ? this.#number(helper) : 0;
  }

  #number(helper: Helper): number {
    const known = this.#helpers.indexOf(helper);
    if (known >= 0) return known + 1;
    const name = this.#engine.call.helperName(this.#helpers.length + 1) >>> 0;
    this.#engine.placed++;
    this.#engine.refresh();
    if (!name) throw new ConntrackError("CT_BAD_OPTION", `helper ${helper.name}: too many helpers`);
    // Rules compare names, and the kernel's are no longer than this.
    this.#engine.u8.set(new TextEncoder().encode(helper.name).subarray(0, MAX_NAME), name);
    const number = this.#helpers.push(helper);
    for (const child of helper.children ?? []) this.#number(child);
    return number;
  }

  /** Of a flow's helper, 0 when it has none. */
  #numberOf(flow: number): number {
    const { u16, u32, layout } = this.#engine;
    const extension = u32[(flow + layout.FLOW_EXTENSION) >>> 2] ?? 0;
    return extension ? (u16[(extension + layout.EXTENSION_HELPER) >>> 1] ?? 0) : 0;
  }

  /** Shows a paused packet to its flow's helper. `row`: the packet's. True when the packet is to be dropped. */
  run(row: number): boolean {
    const { u8, u32, layout } = this.#engine;
    const flow = u32[(row + layout.PACKET_FLOW) >>> 2] ?? 0;
    const number = this.#numberOf(flow);
    const helper = this.#helpers[number - 1];
    if (!helper || u8[row + layout.PACKET_CT_STATE] === undefined) return false;
    try {
      const { context, nat, header } = this.#look(row, flow, number, helper);
      const verdict = helper.packet(context);
      if (verdict) {
        if (verdict !== "drop") for (const reason of [verdict.drop].flat()) this.#log(row, helper, reason);
        return true;
      }
      return nat !== undefined && !nat.apply(row, header);
    } catch (error) {
      this.#failureCount++;
      if (this.#failures.length < MAX_FAILURES) {
        this.#failures.push({ helper: helper.name, error, time: this.#engine.call.nowMs() });
      }
      return false;
    } finally {
      this.#engine.refresh();
    }
  }

  #log(row: number, { name }: Helper, reason: string): void {
    const text = `nf_ct_${name}: dropping packet: ${reason} `;
    const known = this.#words.indexOf(text);
    if (known < 0 && this.#words.length === MAX_WORDS) return;
    this.#engine.call.logHelperDrop(row, known < 0 ? this.#words.push(text) - 1 : known);
  }

  /** What was logged under a number. */
  wordsOf(number: number): string {
    return this.#words[number] ?? "";
  }

  #look(row: number, flow: number, number: number, helper: Helper): Look {
    const engine = this.#engine;
    const { u8, u32, layout } = engine;
    const word = (offset: number) => u32[(row + offset) >>> 2] ?? 0;
    const record = new LivingFlowRecord(engine, flow);
    const generation = engine.u16[(flow + layout.FLOW_GENERATION) >>> 1] ?? 0;
    const l4 = word(layout.PACKET_L4);
    const [captured, length] = [word(layout.PACKET_L4_CAPTURED), word(layout.PACKET_L4_LENGTH)];
    const l4End = l4 + Math.min(captured, length);
    const tcp = record.protocolNumber === Protocol.TCP;
    const header = tcp ? ((u8[l4 + 12] ?? 0) >>> 4) * 4 : 8;
    const view = new DataView(u8.buffer);
    const direction = DIRECTIONS[u8[row + layout.PACKET_DIRECTION] ?? 0] ?? "original";
    const by: Announcer = { flow, generation, number, helper, direction, zone: record.zone };
    const expect = (wanted: Expect) => this.#expect(wanted, by);
    const translated = (record.status & (Status.SRC_NAT | Status.DST_NAT)) !== 0;
    const [original, reply] = [endpoints(record.tuple(0)), endpoints(record.tuple(1))];
    const outside = direction === "original" ? reply.dst : original.dst;
    const nat = translated ? new PacketNat(engine, outside, expect) : undefined;
    const context: HelperContext = {
      // A copy: when expect() makes the memory grow, views of it become empty.
      payload: u8.slice(Math.min(l4 + header, l4End), l4End),
      truncated: captured < length,
      family: record.ipv6 ? "ipv6" : "ipv4",
      protocol: tcp ? "tcp" : "udp",
      direction,
      ctState: CT_STATES[u8[row + layout.PACKET_CT_STATE] ?? 0] ?? "INVALID",
      seq: tcp ? view.getUint32(l4 + 4, false) : 0,
      original,
      reply,
      broadcastMask: undefined,
      time: engine.call.nowMs(),
      state: this.#stateOf(flow, generation, helper),
      expected: (record.status & Status.EXPECTED) !== 0,
      expect,
      announcedElsewhere: (wanted) => {
        this.#write(wanted, by);
        const address = engine.call.announcedElsewhere() >>> 0;
        return address === 0 ? undefined : { ledTo: new ExpectationRecord(engine, address).ledTo };
      },
      expectations: () => this.#expectationsOf(flow),
      refresh: (seconds) => engine.call.refreshFlow(flow, seconds),
      gre: {
        call: (clientId, serverId, outsideId = clientId) =>
          engine.call.setGreCall(flow, clientId, serverId, outsideId),
        addKeys: () => engine.call.addGreKeys(flow) !== 0,
        end: () => engine.call.endGreCallOf(flow),
      },
      nat,
    };
    return { context, nat, header };
  }

  #stateOf(flow: number, generation: number, helper: Helper): unknown {
    const memory = this.memories.get(flow);
    if (memory?.generation === generation) return memory.state;
    if (this.memories.size > (this.#engine.call.flowsInUse() >>> 0) + SPARE_STATES) this.#forget();
    const state = helper.createState?.();
    this.memories.set(flow, { generation, state });
    return state;
  }

  /** Throws away what was remembered of flows that are gone. */
  #forget(): void {
    const { u16, layout } = this.#engine;
    for (const [flow, { generation }] of this.memories) {
      if (u16[(flow + layout.FLOW_GENERATION) >>> 1] !== generation) this.memories.delete(flow);
    }
  }

  #expect(wanted: Expect, by: Announcer): ExpectResult {
    const engine = this.#engine;
    this.#write(wanted, by);
    const outcome = engine.call.addExpectation() as ExpectOutcome;
    engine.refresh();
    return ExpectOutcome[outcome] as ExpectResult;
  }

  /** Writes an expectation and its policy to where the engine reads them. */
  #write(wanted: Expect, by: Announcer): void {
    const engine = this.#engine;
    const index = wanted.class ?? 0;
    const policy = by.helper.classes[index];
    if (!policy) throw new ConntrackError("CT_BAD_OPTION", `helper ${by.helper.name} has no class ${index}`);
    const isChild = ({ name, protocol }: Helper) => name === wanted.helper && protocol === wanted.protocol;
    writeWanted(engine, wanted, {
      zone: by.zone,
      master: by.flow,
      generation: by.generation,
      helper: by.number,
      childHelper: wanted.helper === undefined ? 0 : this.#helpers.findIndex(isChild) + 1,
      follow: followBits(wanted, by),
    });
    const at = engine.call.wantedPolicyAddress() >>> 2;
    engine.u32[at] = policy.max;
    engine.u32[at + 1] = policy.timeout;
    engine.u32[at + 2] = wanted.shared ? 1 : 0;
  }

  #expectationsOf(flow: number): PendingExpectation[] {
    const engine = this.#engine;
    const { layout } = engine;
    const extension = engine.u32[(flow + layout.FLOW_EXTENSION) >>> 2] ?? 0;
    const found: PendingExpectation[] = [];
    let address = extension ? (engine.u32[(extension + layout.EXTENSION_EXPECTATIONS) >>> 2] ?? 0) : 0;
    while (address) {
      const at = address;
      const record = new ExpectationRecord(engine, at);
      const { id, flags, tuple } = record;
      const present = () => record.id === id && record.master.address === flow;
      found.push({
        class: record.class,
        protocol: record.protocol,
        destination: { address: tuple.dst, port: tuple.dport ?? tuple.dstkey ?? 0 },
        source: { address: tuple.src, port: tuple.sport ?? tuple.srckey ?? 0 },
        inactive: (flags & ExpectationFlag.INACTIVE) !== 0,
        remove: () => {
          if (present()) engine.call.removeExpectationAt(at);
        },
        change: ({ inactive, timeout }) => {
          const kept = flags & ~ExpectationFlag.INACTIVE;
          if (present())
            engine.call.changeExpectation(at, kept | (inactive ? ExpectationFlag.INACTIVE : 0), timeout);
        },
      });
      address = record.nextOfMaster;
    }
    return found;
  }
}

/** What an older version of a helper remembered, with what it did not yet: that is as in a new flow. */
function completed(state: unknown, fresh: unknown): unknown {
  if (!isRecord(fresh)) return state ?? fresh;
  return isRecord(state) ? { ...fresh, ...state } : fresh;
}

const isRecord = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const DISGUISES = {
  always: 0,
  peer: Follow.PEER_ONLY,
  stream: Follow.STREAM,
  forwarded: Follow.FORWARDED,
} as const;

function followBits({ follow }: Expect, { direction }: Announcer): number {
  const sender = direction === "original" ? "client" : "server";
  const towards = (follow?.towards ?? sender) === "client" ? Follow.TO_CLIENT : Follow.TO_SERVER;
  const port = follow?.portOf === "source" ? Follow.PORT_OF_SOURCE : 0;
  return towards | port | DISGUISES[follow?.disguise ?? "always"];
}

function endpoints({ src, dst, sport, dport }: FlowTuple): Endpoints {
  return { src, dst, sport: sport ?? 0, dport: dport ?? 0 };
}
