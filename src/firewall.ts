/** A machine with rules: what it does with packets that arrive, pass through and leave. */

import { Hook } from "../assembly/shared/ct-state.js";
import { MAX_GROUPS } from "../assembly/shared/header-records.js";
import { LinkType } from "../assembly/shared/link-type.js";
import { Family } from "../assembly/shared/protocol.js";
import { Batch } from "./batch.js";
import type { BatchOptions } from "./batch-options.js";
import { Conntrack, internalsOf } from "./conntrack.js";
import type { ConntrackOptions } from "./conntrack-options.js";
import { ConntrackError } from "./errors.js";
import type { FirewallContext, FirewallResult } from "./firewall-result.js";
import { parseIpsets } from "./ipset/parse.js";
import { printIpsets } from "./ipset/print.js";
import type { Log } from "./log.js";
import { Network, type NetworkOptions } from "./network.js";
import { choosesSource } from "./rules/encode/targets/nat.js";
import { Journal } from "./rules/journal.js";
import { LAST_ID } from "./rules/matches/owner.js";
import { parseRuleset } from "./rules/parse.js";
import { printRuleset } from "./rules/print.js";
import { RuleProgram } from "./rules/program.js";
import { SetMemory } from "./rules/set-memory.js";
import { pushSingle, SINGLE_BYTES } from "./single-packet.js";
import { FirewallStream, type StreamOptions } from "./stream/stream.js";

/** What iptables-save and ip6tables-save print. A missing family has no tables: all its packets pass. */
export interface RulesetTexts {
  readonly ipv4?: string;
  readonly ipv6?: string;
}

export interface FirewallOptions extends ConntrackOptions, NetworkOptions {
  /** Names of labels, by number, for `-m connlabel --label NAME`: what `parseConnlabels()` reads from connlabel.conf. */
  readonly connlabels?: ReadonlyMap<number, string>;
  /**
   * The machine's time zone, for `-m time --kerneltz`: minutes east of UTC, -1439 to 1439, summer time included. Default
   * 0. (Linux has it as minutes west.)
   */
  readonly minutesEast?: number;
  /** What `ipset save` prints, for rules that match sets. */
  readonly ipset?: string;
  /**
   * Whether packets whose TTL is used up, that no route leads on, or that are too long are answered by ICMP errors as a router does it:
   * they are among the result's `replies`. Default false: such packets are just dropped.
   */
  readonly icmpErrors?: boolean;
}

/** Whose packets these are that this machine sends: what `-m owner` asks for. Default root's. */
export interface OwnerOptions {
  /** 0 to 4294967294. */
  readonly uid?: number;
  readonly gid?: number;
  /** Supplementary groups, for `--suppl-groups`: at most 256. Default none. */
  readonly groups?: readonly number[];
}

export interface ProcessOptions extends OwnerOptions {
  /** Milliseconds on any clock that does not run backwards; `-m time` takes it for milliseconds since 1970. */
  readonly time: number;
  /** The device that the packet arrives on. */
  readonly in?: string;
  /** True instead of `in`: this machine sends the packet. */
  readonly local?: boolean;
  /** What precedes the IP header. Default RAW: nothing. */
  readonly link?: LinkType;
  /** Bytes the packet had on the wire, when the capture cut it. */
  readonly wireLength?: number;
  /**
   * Whether the result's `trace` tells of every rule that the packet matches, and its `rules` and explainRules() of
   * every rule that is asked, with the values that made each match true or false. Costly; default false.
   */
  readonly trace?: boolean;
}

export interface FirewallBatchOptions extends Omit<BatchOptions, "hook">, OwnerOptions {
  /** The device that the batch's packets arrive on. */
  readonly in?: string;
  /** True instead of `in`: this machine sends them. */
  readonly local?: boolean;
}

const FAMILIES = [
  ["ipv4", Family.IPV4],
  ["ipv6", Family.IPV6],
] as const;

export class Firewall {
  /** The connection tracking inside: its table, events, statistics, sysctls and helpers. */
  readonly conntrack: Conntrack;
  readonly #context: FirewallContext;
  readonly #icmpErrors: boolean;
  readonly #connlabels: ReadonlyMap<number, string>;
  /** For process(): one packet. */
  readonly #single: Batch;
  readonly #log: Log;
  readonly #owners = new WeakMap<Batch, OwnerOptions>();

  private constructor(conntrack: Conntrack, context: FirewallContext, options: FirewallOptions) {
    this.conntrack = conntrack;
    this.#context = context;
    this.#log = internalsOf(conntrack).log;
    this.#icmpErrors = options.icmpErrors ?? false;
    this.#connlabels = options.connlabels ?? new Map();
    this.#single = new Batch(context.engine, context.helpers, 1, { bytes: SINGLE_BYTES }, context.network);
  }

  /**
   * Sets up a machine with these rules.
   * @throws ConntrackError CT_BAD_RULE, with line and column, for a rule that is wrong or not supported; CT_BAD_OPTION,
   * CT_BAD_SYSCTL, CT_ENGINE as Conntrack.create()
   */
  static async fromIptablesSave(rules: RulesetTexts, options: FirewallOptions = {}): Promise<Firewall> {
    return Firewall.#around(await Conntrack.create(options), rules, options);
  }

  /**
   * As fromIptablesSave(), at once: with `conntrack-wasm/inline`, or once an engine has been loaded.
   * @throws ConntrackError as fromIptablesSave(); CT_ENGINE when the engine's module is not there yet
   */
  static fromIptablesSaveSync(rules: RulesetTexts, options: FirewallOptions = {}): Firewall {
    return Firewall.#around(Conntrack.createSync(options), rules, options);
  }

  static #around(conntrack: Conntrack, rules: RulesetTexts, options: FirewallOptions): Firewall {
    const { engine, helpers, timeoutPolicies, log } = internalsOf(conntrack);
    const network = new Network(engine, options);
    const sets = new SetMemory(engine);
    sets.load(parseIpsets(options.ipset ?? ""), new Set());
    const { minutesEast = 0 } = options;
    if (!Number.isInteger(minutesEast) || Math.abs(minutesEast) >= MINUTES_A_DAY) {
      const expected = `a number from ${1 - MINUTES_A_DAY} to ${MINUTES_A_DAY - 1}`;
      throw new ConntrackError("CT_BAD_OPTION", `minutesEast: expected ${expected}, got ${minutesEast}`);
    }
    const program = new RuleProgram(engine, {
      minutesEast,
      helper: (name, protocol, family) => helpers.numberFor(name, protocol, family),
      set: (name) => sets.addressOf(name),
      timeoutPolicy: (name, protocol) => timeoutPolicies.numberFor(name, protocol),
    });
    log.sources = {
      rule: (number) => program.logging(number),
      device: (number) => network.nameOf(number),
      traced: (kind, subject) => program.traced(kind, subject),
    };
    const firewall = new Firewall(conntrack, { engine, helpers, network, program, sets }, options);
    firewall.replaceRules(rules);
    engine.call.setUpHooks(firewall.#icmpErrors);
    return firewall;
  }

  /**
   * Replaces all rules at once, as iptables-restore does: flows live on, counters start anew. When the new rules are
   * refused, the old ones stay.
   * @throws ConntrackError CT_BAD_RULE
   */
  replaceRules(rules: RulesetTexts): void {
    const { program, engine } = this.#context;
    const rulesets = FAMILIES.flatMap(([family]) => {
      const text = rules[family];
      return text === undefined ? [] : [parseRuleset(text, { family, connlabels: this.#connlabels })];
    });
    // What the old rules have logged is told in their words.
    this.#log.settle();
    const needs = program.load(rulesets);
    if (needs.accounting) this.conntrack.setSysctl("nf_conntrack_acct", 1);
    for (const [family, number] of FAMILIES) {
      const { tables } = rulesets.find((ruleset) => ruleset.family === family) ?? { tables: [] };
      const nat = tables.find(({ name }) => name === "nat");
      const rules = nat?.chains.flatMap((chain) => chain.rules) ?? [];
      const choosing = rules.some(({ target }) => choosesSource(target));
      engine.call.setNat(number, nat !== undefined, choosing);
    }
    engine.refresh();
  }

  /**
   * Replaces all sets at once by those of this text, which `ipset save` prints. Rules go on with the new ones.
   * @throws ConntrackError CT_BAD_SET, also for a set that is missing though rules use it
   */
  replaceSets(text: string): void {
    const { program, sets, engine } = this.#context;
    sets.load(parseIpsets(text), program.setsInUse);
    engine.refresh();
  }

  /**
   * Gives the machine other devices, addresses and routes, in the place of all that it has. Flows live on, but those that
   * MASQUERADE has given an address end with it, and with their device when it has none any more.
   * @throws ConntrackError CT_BAD_OPTION
   */
  replaceNetwork(network: NetworkOptions): void {
    this.#context.network.replace(network);
    this.#context.engine.refresh();
  }

  /** Takes one packet through the machine. Packets never throw. @throws ConntrackError CT_BAD_OPTION */
  process(packet: Uint8Array, options: ProcessOptions): FirewallResult {
    const batch = this.#single;
    const { u8, u16, layout } = this.#context.engine;
    const row = batch.row(0);
    const device = this.#arrival(options);
    u16[(row + layout.PACKET_LINK) >>> 1] = options.link ?? LinkType.RAW;
    u16[(row + layout.PACKET_IN_DEVICE) >>> 1] = device;
    u8[row + layout.PACKET_HOOK] = device ? Hook.PREROUTING : Hook.OUTPUT;
    u8[row + layout.PACKET_FLAGS] = options.trace ? layout.PACKET_TRACED : 0;
    pushSingle(batch, packet, options);
    this.#setOwner(options);
    if (!options.trace) {
      batch.track();
      return this.result(batch, 0);
    }
    const { engine, network, program } = this.#context;
    this.#log.settle();
    engine.call.clearJournal();
    batch.track();
    const journal = new Journal(engine, {
      program: program.placed,
      device: (number) => network.nameOf(number),
      owner: { uid: options.uid ?? 0, gid: options.gid ?? 0 },
    });
    return batch.firewallResult(0, this.#context, { lines: this.#log.takeTrace(), journal });
  }

  /**
   * A place for up to `capacity` packets (1 to 65536) that enter the machine in the same way; 64 to 256 are best.
   * @throws ConntrackError CT_BAD_OPTION, CT_ENGINE when there is no memory
   */
  createBatch(capacity: number, options: FirewallBatchOptions): Batch {
    const { engine, helpers, network } = this.#context;
    const device = this.#arrival(options);
    const hook = device ? "PREROUTING" : "OUTPUT";
    const batch = new Batch(engine, helpers, capacity, { ...options, hook }, network);
    const { u16, layout } = engine;
    for (let i = 0; i < capacity; i++) u16[(batch.row(i) + layout.PACKET_IN_DEVICE) >>> 1] = device;
    checkOwner(options);
    this.#owners.set(batch, options);
    return batch;
  }

  /** Takes the batch's packets through the machine, in order, those pushed since its last call. */
  processBatch(batch: Batch): void {
    this.#setOwner(this.#owners.get(batch) ?? {});
    batch.track();
  }

  /**
   * The machine as a router between web streams of packets, a pair for each of its devices. Give it `icmpErrors: true`,
   * or its neighbours never learn of packets that it could not forward.
   * @throws ConntrackError CT_BAD_OPTION, CT_ENGINE when there is no memory
   */
  stream(options: StreamOptions = {}): FirewallStream {
    return new FirewallStream(this, this.#context.network, this.#icmpErrors, options);
  }

  /** Everything about packet i of a processed batch, to keep. */
  result(batch: Batch, i: number): FirewallResult {
    return batch.firewallResult(i, this.#context);
  }

  /** The rules as iptables-save and ip6tables-save print them, with `-c` when counters are wanted. */
  save(options: { readonly counters?: boolean } = {}): RulesetTexts {
    const texts = this.#context.program
      .save()
      .map((ruleset) => [ruleset.family, printRuleset(ruleset, options)]);
    return Object.fromEntries(texts) as RulesetTexts;
  }

  /**
   * The sets as `ipset save` prints them, with what rules have added and counted and the seconds that elements have
   * left. `time`: when, in ms; default the last packet's time. Elements of a hash are sorted, those of Linux are not.
   */
  saveSets(options: { readonly time?: number } = {}): string {
    if (options.time !== undefined) this.#context.engine.call.setTime(options.time);
    return printIpsets(this.#context.sets.save());
  }

  #setOwner(options: OwnerOptions): void {
    const { uid = 0, gid = 0, groups = NO_GROUPS } = options;
    const { engine } = this.#context;
    const last = engine.owner;
    if (uid === last?.uid && gid === last.gid && groups === last.groups) return;
    checkOwner(options);
    const place = engine.call.setOwner(uid, gid, groups.length) >>> 2;
    engine.u32.set(groups, place);
    engine.owner = { uid, gid, groups };
  }

  /** 0 for what this machine sends. */
  #arrival({ in: device, local }: Pick<ProcessOptions, "in" | "local">): number {
    if ((device === undefined) === !local) {
      throw new ConntrackError(
        "CT_BAD_OPTION",
        "a packet either arrives on a device (in) or is sent (local)",
      );
    }
    return device === undefined ? 0 : this.#context.network.numberOf(device);
  }
}

const MINUTES_A_DAY = 1440;
const NO_GROUPS: readonly number[] = [];

function checkOwner({ uid = 0, gid = 0, groups = NO_GROUPS }: OwnerOptions): void {
  if (groups.length > MAX_GROUPS) {
    throw new ConntrackError("CT_BAD_OPTION", `groups: expected at most ${MAX_GROUPS}, got ${groups.length}`);
  }
  for (const [name, ids] of Object.entries({ uid: [uid], gid: [gid], groups })) {
    const wrong = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id <= LAST_ID));
    if (wrong === undefined) continue;
    throw new ConntrackError(
      "CT_BAD_OPTION",
      `${name}: expected a number from 0 to ${LAST_ID}, got ${wrong}`,
    );
  }
}
