/** Connection tracking by several engines, each in a worker of its own. */
import { threads } from "#start-worker";
import { LinkType } from "../../assembly/shared/link-type.js";
import { parseAddress } from "../address.js";
import type { BatchOptions } from "../batch-options.js";
import { addCounts, type StateCount } from "../census.js";
import type { ConntrackMemory } from "../conntrack.js";
import type { ConntrackOptions } from "../conntrack-options.js";
import { engineModule } from "../engine/instantiate.js";
import { ConntrackError } from "../errors.js";
import type { ConntrackEvent } from "../events.js";
import type { FlowFilter } from "../flow-filter.js";
import type { FlowChanges } from "../flow-update.js";
import type { ListedExpectation } from "../format/conntrack-expect.js";
import type { HelperFailure } from "../helper-runner.js";
import { bundledHelper } from "../helpers/index.js";
import type { Insertion } from "../insertion.js";
import type { LogEntry } from "../log.js";
import type { ConntrackStats } from "../stats.js";
import { Sysctls, shortSysctlName } from "../sysctl.js";
import type { CallArguments, CallName } from "./calls.js";
import { Crew } from "./crew.js";
import type { ShardedFlow } from "./shard.js";
import { internalsOfBatch, ShardedBatch } from "./sharded-batch.js";

export interface ShardedConntrackOptions extends Pick<ConntrackOptions, "sysctl"> {
  /** Engines, 1 to 256, each in a worker; default one for each processor but the main thread's. */
  readonly shards?: number;
  /** How many events of each shard wait for drainEvents() before further ones are lost; default 4096, 0 for none. */
  readonly eventCapacity?: number;
}

const MAX_SHARDS = 256;

/** Limits of a whole machine, of which each shard gets an equal part. */
const DIVIDED = new Set([
  "nf_conntrack_max",
  "nf_conntrack_buckets",
  "nf_conntrack_expect_max",
  "ipfrag_high_thresh",
  "ipfrag_low_thresh",
  "nf_conntrack_frag6_high_thresh",
  "nf_conntrack_frag6_low_thresh",
]);

/** Helpers that announce connections between the ends of their own flow, which fall to the same shard, or none. */
const HELPERS = new Set(["amanda", "ftp", "H.245", "netbios-ns", "pptp", "sane", "snmp", "tftp"]);

/**
 * Tracks as one Conntrack does, but on several processors. Packets are dealt out by their two addresses, whichever comes first: both
 * directions of a flow, fragments, connections that a helper announces between the same ends, and ICMP errors (by the packet that
 * they quote) meet in one shard. Everything asked of it happens in the order of the calls, after the packets handed out
 * before. Needs SharedArrayBuffer: a page has to be cross-origin isolated.
 *
 * What differs from one engine: nf_conntrack_max and other limits are divided by the shards; helpers that announce
 * connections of third hosts are refused; an ICMP error that comes in fragments does not meet its flow; results tell
 * no flow and no reassembled datagram; there are no snapshots, helpers of your own or timeout policies.
 */
export class ShardedConntrack {
  readonly #crew: Crew;
  readonly #sysctls: Sysctls;
  /** Batches that can be tracked, and what the workers know them by. */
  readonly #batches = new Map<ShardedBatch, number>();
  #numbers = 0;

  private constructor(crew: Crew, sysctls: Sysctls) {
    this.#crew = crew;
    this.#sysctls = sysctls;
  }

  /**
   * Starts the workers. Close it when it is of no more use.
   * @throws ConntrackError CT_BAD_SYSCTL and CT_BAD_OPTION as Conntrack.create(), CT_WORKER when workers cannot be
   * started, CT_ENGINE when an engine cannot be loaded
   */
  static async create(options: ShardedConntrackOptions = {}): Promise<ShardedConntrack> {
    if (typeof SharedArrayBuffer === "undefined") {
      const needed = "a page has to be cross-origin isolated (Cross-Origin-Opener-Policy, -Embedder-Policy)";
      throw new ConntrackError("CT_WORKER", `there is no SharedArrayBuffer: ${needed}`);
    }
    const { shards = Math.min(Math.max(1, threads() - 1), MAX_SHARDS) } = options;
    if (!Number.isInteger(shards) || shards < 1 || shards > MAX_SHARDS) {
      throw new ConntrackError("CT_BAD_OPTION", `shards: expected 1 to ${MAX_SHARDS}, got ${shards}`);
    }
    const sysctls = new Sysctls({ call: { setSysctl() {} } }, options.sysctl ?? {});
    const sysctl = Object.fromEntries(
      Object.entries(sysctls.all()).map(([name, value]) => [name, divided(name, value, shards)]),
    );
    const crew = await Crew.start(shards, {
      module: await engineModule(),
      key: crypto.getRandomValues(new Uint32Array(4)),
      sysctl,
      eventCapacity: options.eventCapacity,
    });
    return new ShardedConntrack(crew, sysctls);
  }

  get shards(): number {
    return this.#crew.size;
  }

  /**
   * A place for up to `capacity` packets (1 to 65536), in memory of its own; several thousand are best, and two or more batches
   * in turn.
   * @throws ConntrackError CT_BAD_OPTION, CT_ENGINE when there is no memory
   */
  createBatch(capacity: number, options: BatchOptions = {}): ShardedBatch {
    const batch = new ShardedBatch(capacity, options);
    const number = this.#numbers++;
    this.#batches.set(batch, number);
    const { buffer } = internalsOfBatch(batch).memory;
    const { link = LinkType.RAW, hook = "PREROUTING" } = options;
    this.#send("openBatch", { number, buffer, capacity, link, hook });
    return batch;
  }

  /** Gives the memory back; the batch is of no further use. @throws ConntrackError CT_BAD_OPTION while it is tracked */
  releaseBatch(batch: ShardedBatch): void {
    const number = this.#batches.get(batch);
    if (number === undefined) return;
    internalsOfBatch(batch).release();
    this.#batches.delete(batch);
    this.#send("closeBatch", number);
  }

  /**
   * Tracks the batch's packets in order, those pushed since its last call. Several batches can be under way: they are
   * tracked in the order of the calls.
   * @throws ConntrackError CT_WORKER; CT_BAD_OPTION for a batch that is being tracked, or is not of this object
   */
  async trackBatch(batch: ShardedBatch): Promise<void> {
    const number = this.#batches.get(batch);
    if (number === undefined) {
      const why = "the batch is of another ShardedConntrack, or has been released";
      throw new ConntrackError("CT_BAD_OPTION", why);
    }
    const { memory, begin, end } = internalsOfBatch(batch);
    begin(this.shards);
    let tracked = false;
    try {
      await this.#crew.track(number, memory);
      tracked = true;
    } finally {
      end(tracked);
    }
  }

  /**
   * Live flows as they are when their turn comes, in no particular order. Ids are unique over all shards: numbers up to 2^40.
   * @throws ConntrackError CT_BAD_OPTION
   */
  async *flows(filter: FlowFilter = {}): AsyncGenerator<ShardedFlow, void, undefined> {
    const number = this.#numbers++;
    await this.#crew.call("openWalk", number, filter);
    try {
      for (;;) {
        const flows = (await this.#crew.call("walk", number)).flat();
        if (flows.length === 0) return;
        yield* flows;
      }
    } finally {
      this.#send("closeWalk", number);
    }
  }

  /** How many live flows there are of each protocol and state. @throws ConntrackError CT_BAD_OPTION */
  async countByState(filter: FlowFilter = {}): Promise<StateCount[]> {
    return addCounts(await this.#crew.call("countByState", filter));
  }

  /** Text as `cat /proc/net/nf_conntrack` prints it. `time`: when, in ms; default the last packet's time. */
  async procNetNfConntrack(options: { readonly time?: number } = {}): Promise<string> {
    return (await this.#crew.call("procNetNfConntrack", options)).join("");
  }

  /** The same as `cat /proc/net/ip_conntrack` printed it before Linux 4.9: IPv4 alone. */
  async procNetIpConntrack(options: { readonly time?: number } = {}): Promise<string> {
    return (await this.#crew.call("procNetIpConntrack", options)).join("");
  }

  /** Text as `cat /proc/net/nf_conntrack_expect` prints it. */
  async procNetNfConntrackExpect(options: { readonly time?: number } = {}): Promise<string> {
    return (await this.#crew.call("procNetNfConntrackExpect", options)).join("");
  }

  /** All expectations as they are now. */
  async expectations(): Promise<ListedExpectation[]> {
    return (await this.#crew.call("expectations")).flat();
  }

  /** Forgets all expectations; returns how many. */
  flushExpectations(): Promise<number> {
    return this.#total("flushExpectations");
  }

  /**
   * Gives new flows to a server port a helper, from the packets on that are handed out next. Only helpers that announce
   * connections between the ends of their flow can be had: amanda, ftp, H.245, pptp, sane, tftp (netbios-ns and snmp
   * announce nothing without interfaces).
   * @throws ConntrackError CT_BAD_OPTION for another name or a bad port
   */
  addHelper({
    name,
    protocol,
    port,
  }: {
    readonly name: string;
    readonly protocol?: "tcp" | "udp";
    readonly port?: number;
  }): void {
    const helper = bundledHelper(name, protocol);
    if (!HELPERS.has(helper.name)) {
      const why = "announces connections of third hosts, which may fall to another shard";
      throw new ConntrackError("CT_BAD_OPTION", `helper ${name}: ${why}`);
    }
    const chosen = port ?? helper.port;
    if (!Number.isInteger(chosen) || chosen < 0 || chosen > 0xffff) {
      throw new ConntrackError(
        "CT_BAD_OPTION",
        `helper ${name}: expected a port from 0 to 65535, got ${chosen}`,
      );
    }
    this.#send("addHelper", { name, protocol: helper.protocol, port: chosen });
  }

  /** What helpers threw since the last call, as text. */
  async takeHelperFailures(): Promise<readonly HelperFailure[]> {
    return (await this.#crew.call("takeHelperFailures")).flat().sort(byTime);
  }

  /** Of all shards together. */
  async stats(): Promise<ConntrackStats> {
    return sum(await this.#crew.call("stats"));
  }

  /** Of all shards together; batches are not in it. */
  async memory(): Promise<ConntrackMemory> {
    return sum(await this.#crew.call("memory"));
  }

  /** Everything that happened since the last call, oldest first. */
  async drainEvents(): Promise<ConntrackEvent[]> {
    return (await this.#crew.call("drainEvents")).flat().sort(byTime);
  }

  /** Events that found a shard's ring full since the last call. */
  takeLostEvents(): Promise<number> {
    return this.#total("takeLostEvents");
  }

  /** What Linux would have logged since the last call, oldest first. Of each shard 1 MiB is kept. */
  async drainLog(): Promise<LogEntry[]> {
    return (await this.#crew.call("drainLog")).flat().sort(byTime);
  }

  /** Log entries that found no room since the last call. */
  takeLostLogEntries(): Promise<number> {
    return this.#total("takeLostLogEntries");
  }

  /** @throws ConntrackError CT_BAD_SYSCTL */
  getSysctl(name: string): number {
    return this.#sysctls.get(name);
  }

  /** Takes effect with the packets that are handed out next. Limits are those of all shards together. @throws ConntrackError CT_BAD_SYSCTL */
  setSysctl(name: string, value: number): void {
    this.#sysctls.set(name, value);
    this.#send("setSysctl", name, divided(name, this.#sysctls.get(name), this.shards));
  }

  sysctls(): Record<string, number> {
    return this.#sysctls.all();
  }

  /** Destroys all flows; returns how many. */
  flush(): Promise<number> {
    return this.#total("flush");
  }

  /** Destroys the flows that match; returns how many. @throws ConntrackError CT_BAD_OPTION */
  async delete(filter: FlowFilter): Promise<number> {
    return add(await this.#crew.call("delete", filter));
  }

  /** Changes the flows that match; returns how many. @throws ConntrackError CT_BAD_OPTION */
  async update(filter: FlowFilter, changes: FlowChanges): Promise<number> {
    return add(await this.#crew.call("update", filter, changes));
  }

  /**
   * Enters a flow as `conntrack -I` does. False when its tuple is taken or its shard is full.
   * @throws ConntrackError CT_BAD_OPTION; also for a flow with translated addresses, whose directions may fall to different shards
   */
  async insert(flow: Insertion): Promise<boolean> {
    const { original, reply } = flow;
    if (reply && !(isSame(reply.src, original.dst) && isSame(reply.dst, original.src))) {
      throw new ConntrackError(
        "CT_BAD_OPTION",
        "insert reply: a shard cannot have a flow with translated addresses",
      );
    }
    return (await this.#crew.call("insert", flow)).includes(true);
  }

  /**
   * Moves the clock to `time` (ms) and destroys all flows that are over by then; returns how many. To be called now and then:
   * a shard without packets does not look for such flows.
   */
  async expire(options: { readonly time: number }): Promise<number> {
    return add(await this.#crew.call("expire", options.time));
  }

  /** Ends the workers. What is not finished fails with CT_WORKER, as does everything later. */
  close(): void {
    this.#crew.close();
  }

  /** What cannot fail but with the workers: of that the next answer tells. */
  #send<Name extends CallName>(name: Name, ...args: CallArguments<Name>): void {
    this.#crew.call(name, ...args).catch(() => {});
  }

  async #total(
    name: "flush" | "flushExpectations" | "takeLostEvents" | "takeLostLogEntries",
  ): Promise<number> {
    return add(await this.#crew.call(name));
  }
}

function divided(name: string, value: number, shards: number): number {
  return DIVIDED.has(shortSysctlName(name)) ? Math.ceil(value / shards) : value;
}

/** In any notation. */
function isSame(a: string, b: string): boolean {
  return parseAddress(a).address.join() === parseAddress(b).address.join();
}

const byTime = (a: { readonly time: number }, b: { readonly time: number }) => a.time - b.time;

const add = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

/** Adds up records of numbers, name by name. */
function sum<T extends object>(records: readonly T[]): T {
  const names = Object.keys(records[0] ?? {}) as (keyof T)[];
  return Object.fromEntries(names.map((name) => [name, add(records.map((one) => Number(one[name])))])) as T;
}
