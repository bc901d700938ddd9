/** Connection tracking for one host or network namespace. */

import type { LinkType } from "../assembly/shared/link-type.js";
import { Batch } from "./batch.js";
import type { BatchOptions } from "./batch-options.js";
import { readCensus, type StateCount } from "./census.js";
import { Checkpoint } from "./checkpoint.js";
import { type ConntrackOptions, checked } from "./conntrack-options.js";
import { Engine } from "./engine/engine.js";
import { ConntrackError } from "./errors.js";
import { type ConntrackEvent, drainEvents } from "./events.js";
import { listExpectations } from "./expectations.js";
import type { Flow } from "./flow.js";
import { type FlowFilter, writeFilter } from "./flow-filter.js";
import { type FlowChanges, writeChanges } from "./flow-update.js";
import { walkFlows, walkPrinted } from "./flow-walk.js";
import type { ListedExpectation } from "./format/conntrack-expect.js";
import { type LineWriter, textOf } from "./format/line-writer.js";
import type { PrintedFlow } from "./format/printed-flow.js";
import { expectationLine, writeLegacyProc, writeProc } from "./format/proc.js";
import { type HelperFailure, HelperRunner } from "./helper-runner.js";
import type { Helper } from "./helpers/helper.js";
import { bundledHelper } from "./helpers/index.js";
import { type Insertion, insertFlow } from "./insertion.js";
import { Log, type LogEntry } from "./log.js";
import type { TrackResult } from "./result.js";
import { SinglePacket } from "./single-packet.js";
import { CheckedSnapshot, type Parts, takeSnapshot } from "./snapshot.js";
import { type ConntrackStats, readStats } from "./stats.js";
import { Sysctls } from "./sysctl.js";
import { TimeoutPolicies, type TimeoutPolicy } from "./timeout-policy.js";

export interface TrackOptions {
  /** Milliseconds on any clock that does not run backwards. */
  readonly time: number;
  /** Where the packet enters: arriving (default) or sent by this machine. */
  readonly hook?: "PREROUTING" | "OUTPUT";
  /** False: a new flow is judged but not entered, because its packet is dropped later on. Default true. */
  readonly confirm?: boolean;
  /** What precedes the IP header. Default RAW: nothing. */
  readonly link?: LinkType;
  /** Bytes the packet had on the wire, when the capture cut it. */
  readonly wireLength?: number;
  /** Name of the timeout policy for the flow that the packet begins, if it begins one: see addTimeoutPolicy(). */
  readonly timeoutPolicy?: string;
}

/** What memory the tables take. */
export interface ConntrackMemory {
  readonly flows: number;
  /** All of it: flows, index, events, batches. */
  readonly bytes: number;
  readonly indexBytes: number;
  /** What fragments take that wait for the rest of their datagrams. */
  readonly fragmentBytes: number;
}

/** The insides of a Conntrack, for other classes of the package. */
export let internalsOf: (conntrack: Conntrack) => Parts & { readonly log: Log };

export class Conntrack {
  static {
    internalsOf = (conntrack) => ({ ...conntrack.#parts, log: conntrack.#log });
  }

  readonly #engine: Engine;
  readonly #sysctls: Sysctls;
  /** For track(): one packet. */
  readonly #single: SinglePacket;
  readonly #helpers: HelperRunner;
  readonly #timeoutPolicies: TimeoutPolicies;
  readonly #log: Log;

  private constructor(engine: Engine, options: ConntrackOptions) {
    this.#engine = engine;
    this.#helpers = new HelperRunner(engine);
    this.#timeoutPolicies = new TimeoutPolicies(engine);
    this.#log = new Log(engine, this.#helpers);
    this.#sysctls = new Sysctls(engine, options.sysctl ?? {});
    for (const [name, policy] of Object.entries(options.timeoutPolicies ?? {}))
      this.addTimeoutPolicy(name, policy);
    this.#single = new SinglePacket(engine, this.#helpers);
    this.#reserve(options.reservedFlows ?? 0);
  }

  /**
   * @throws ConntrackError CT_BAD_SYSCTL for an unknown sysctl or a value out of range, CT_BAD_OPTION for other
   * options, CT_ENGINE when the engine cannot be loaded or memory cannot be had
   */
  static async create(options: ConntrackOptions = {}): Promise<Conntrack> {
    const { seed, events } = checked(options);
    return new Conntrack(await Engine.create(seed, events), options);
  }

  /**
   * As create(), at once: with `conntrack-wasm/inline`, or once an engine has been loaded.
   * @throws ConntrackError as create(); CT_ENGINE when the engine's module is not there yet
   */
  static createSync(options: ConntrackOptions = {}): Conntrack {
    const { seed, events } = checked(options);
    return new Conntrack(Engine.createSync(seed, events), options);
  }

  /**
   * A new Conntrack that goes on where the one that took the snapshot was: flows, expectations, helpers, settings,
   * counters, the clock. Flows get other ids. Events and log entries that nobody had fetched, and fragments that
   * waited for others, are not in a snapshot.
   * @param options helpers: those of your own that the other one had; the others as for create()
   * @throws ConntrackError CT_BAD_SNAPSHOT when the bytes are no whole snapshot, or of an unknown version; CT_BAD_OPTION
   * when a helper is missing
   */
  static async restore(
    snapshot: Uint8Array,
    options: Pick<ConntrackOptions, "hashSeed" | "eventCapacity"> & {
      readonly helpers?: readonly Helper[];
    } = {},
  ): Promise<Conntrack> {
    const checked = new CheckedSnapshot(snapshot);
    const conntrack = await Conntrack.create(options);
    const own = options.helpers ?? [];
    checked.load(
      conntrack.#parts,
      (name, protocol) =>
        own.find((helper) => helper.name === name && helper.protocol === protocol) ??
        bundledHelper(name, protocol),
    );
    return conntrack;
  }

  /**
   * All that there is, as bytes for restore(): see there. A million flows are some 110 MB.
   * @throws ConntrackError CT_ENGINE when there is no memory
   */
  snapshot(): Uint8Array<ArrayBuffer> {
    return takeSnapshot(this.#parts);
  }

  /** This moment, for rewind(). @throws ConntrackError CT_BAD_OPTION when a helper remembers what cannot be copied */
  checkpoint(): Checkpoint {
    return new Checkpoint(this.#parts);
  }

  /** Goes back to a moment, as often as one likes: see Checkpoint. @throws ConntrackError CT_BAD_OPTION */
  rewind(checkpoint: Checkpoint): void {
    checkpoint.restore(this.#parts);
  }

  #reserve(flows: number): void {
    if (flows && !this.#engine.call.reserveFlows(flows))
      throw new ConntrackError("CT_ENGINE", `no memory for ${flows} flows`);
    this.#engine.refresh();
  }

  /**
   * Tracks one packet. For many, trackBatch() is about twice as fast. Packets never throw.
   * @throws ConntrackError CT_BAD_OPTION for a timeout policy that does not exist
   */
  track(packet: Uint8Array, options: TrackOptions): TrackResult {
    const { timeoutPolicy } = options;
    const template = timeoutPolicy === undefined ? 0 : this.#timeoutPolicies.template(timeoutPolicy);
    return this.#single.track(packet, options, template);
  }

  /**
   * A place for up to `capacity` packets (1 to 65536); 64 to 256 are best.
   * @throws ConntrackError CT_BAD_OPTION, CT_ENGINE when there is no memory
   */
  createBatch(capacity: number, options?: BatchOptions): Batch {
    return new Batch(this.#engine, this.#helpers, capacity, options);
  }

  get #parts(): Parts {
    return {
      engine: this.#engine,
      helpers: this.#helpers,
      sysctls: this.#sysctls,
      timeoutPolicies: this.#timeoutPolicies,
    };
  }

  /** Tracks the batch's packets in order, those pushed since its last call. */
  trackBatch(batch: Batch): void {
    batch.track();
  }

  /** Live flows, in no particular order. The table may change between two of them. */
  flows(filter: FlowFilter = {}): IterableIterator<Flow> {
    return walkFlows(this.#engine, this.#helpers, filter);
  }

  /**
   * The same for what prints many of them: one object, which is each of them in turn until the table changes, its
   * addresses where they lie in memory. The functions of `conntrack-wasm/format` print it several times as fast.
   * @throws ConntrackError CT_BAD_OPTION
   */
  printedFlows(filter: FlowFilter = {}): IterableIterator<PrintedFlow> {
    return walkPrinted(this.#engine, this.#helpers, filter);
  }

  /**
   * How many live flows there are of each protocol and state: a million takes milliseconds.
   * @throws ConntrackError CT_BAD_OPTION
   */
  countByState(filter: FlowFilter = {}): StateCount[] {
    writeFilter(this.#engine, filter);
    return readCensus(this.#engine);
  }

  /** Text as `cat /proc/net/nf_conntrack` prints it. `time`: when, in ms; default the last packet's time. */
  procNetNfConntrack(options: { readonly time?: number } = {}): string {
    this.#setTime(options);
    return this.#listing(writeProc, {});
  }

  /** The same as `cat /proc/net/ip_conntrack` printed it before Linux 4.9: IPv4 alone. */
  procNetIpConntrack(options: { readonly time?: number } = {}): string {
    this.#setTime(options);
    return this.#listing(writeLegacyProc, { family: "ipv4" });
  }

  #listing(write: (lines: LineWriter, flow: PrintedFlow) => void, filter: FlowFilter): string {
    return textOf((lines) => {
      for (const flow of this.printedFlows(filter)) {
        write(lines, flow);
        lines.end();
      }
    });
  }

  /** Text as `cat /proc/net/nf_conntrack_expect` prints it. `time`: when, in ms; default the last packet's time. */
  procNetNfConntrackExpect(options: { readonly time?: number } = {}): string {
    this.#setTime(options);
    return this.expectations()
      .map((expectation) => `${expectationLine(expectation)}\n`)
      .join("");
  }

  #setTime({ time }: { readonly time?: number }): void {
    if (time !== undefined) this.#engine.call.setTime(time);
  }

  /** All expectations as they are now. */
  expectations(): ListedExpectation[] {
    return listExpectations(this.#engine, this.#helpers);
  }

  /** Forgets all expectations; returns how many. */
  flushExpectations(): number {
    const { call } = this.#engine;
    let removed = 0;
    for (let at = call.nextExpectation(0) >>> 0; at; at = call.nextExpectation(0) >>> 0) {
      call.removeExpectationAt(at);
      removed++;
    }
    return removed;
  }

  /**
   * Gives new flows to a server port a helper, as `-j CT --helper` does. `helper.name` is the name of a bundled one
   * (`protocol` tells "sip" over UDP, the default, from "sip" over TCP), or the object is a helper of your own.
   * @throws ConntrackError CT_BAD_OPTION for an unknown name or a bad port
   */
  addHelper(
    helper: { readonly name: string; readonly protocol?: "tcp" | "udp"; readonly port?: number } | Helper,
  ): void {
    const known = "packet" in helper ? helper : bundledHelper(helper.name, helper.protocol);
    this.#helpers.add(known, helper.port ?? known.port);
  }

  /**
   * Timeouts for flows of one protocol, to be given to new ones by name: with track(), or by `-j CT --timeout`. Of an
   * existing policy the timeouts are replaced.
   * @throws ConntrackError CT_BAD_OPTION
   */
  addTimeoutPolicy(name: string, policy: TimeoutPolicy): void {
    this.#timeoutPolicies.add(name, policy);
  }

  /** What helpers threw since the last call; at most 64 are kept, all are counted in stats().helper_failures. */
  takeHelperFailures(): readonly HelperFailure[] {
    return this.#helpers.takeFailures();
  }

  stats(): ConntrackStats {
    return readStats(this.#engine, this.#helpers.failureCount);
  }

  memory(): ConntrackMemory {
    const { call } = this.#engine;
    return {
      flows: call.flowsInUse() >>> 0,
      bytes: call.bytesInUse(),
      indexBytes: call.indexBytes(),
      fragmentBytes: call.fragmentBytes() >>> 0,
    };
  }

  /** Everything that happened since the last call, oldest first. */
  drainEvents(): ConntrackEvent[] {
    return drainEvents(this.#engine, this.#helpers);
  }

  /** Events that found the ring full since the last call. */
  takeLostEvents(): number {
    return this.#engine.call.takeLostEvents() >>> 0;
  }

  /**
   * What Linux would have logged since the last call, oldest first: packets that are invalid or ignored, where
   * nf_conntrack_log_invalid asks for their protocol (255: for all), and that a table is full. 1 MiB of it is kept.
   */
  drainLog(): LogEntry[] {
    return this.#log.drain();
  }

  /** Log entries that found no room since the last call. */
  takeLostLogEntries(): number {
    return this.#log.takeLost();
  }

  /** @throws ConntrackError CT_BAD_SYSCTL */
  getSysctl(name: string): number {
    return this.#sysctls.get(name);
  }

  /** Takes effect with the next packet; a timeout with the next refresh. @throws ConntrackError CT_BAD_SYSCTL */
  setSysctl(name: string, value: number): void {
    this.#sysctls.set(name, value);
  }

  sysctls(): Record<string, number> {
    return this.#sysctls.all();
  }

  /** Destroys all flows, those too that are over and were not swept yet; returns how many. */
  flush(): number {
    return this.#engine.call.flushFlows() >>> 0;
  }

  /** Destroys the flows that match; returns how many. @throws ConntrackError CT_BAD_OPTION */
  delete(filter: FlowFilter): number {
    writeFilter(this.#engine, filter);
    return this.#engine.call.deleteFlows() >>> 0;
  }

  /** Changes the flows that match; returns how many. @throws ConntrackError CT_BAD_OPTION */
  update(filter: FlowFilter, changes: FlowChanges): number {
    writeFilter(this.#engine, filter);
    writeChanges(this.#engine, changes);
    const updated = this.#engine.call.updateFlows() >>> 0;
    this.#engine.refresh();
    return updated;
  }

  /**
   * Enters a flow as `conntrack -I` does: it is tracked without windows from then on. False when its tuple is taken
   * or the table is full.
   * @throws ConntrackError CT_BAD_OPTION
   */
  insert(flow: Insertion): boolean {
    const done = insertFlow(this.#engine, flow);
    this.#engine.refresh();
    return done;
  }

  /** Moves the clock to `time` (ms) and destroys all flows that are over by then; returns how many. */
  expire(options: { readonly time: number }): number {
    return this.#engine.call.expire(options.time) >>> 0;
  }
}
