/**
 * The whole state of an engine as bytes, and back. docs/snapshot.md describes them:
 *
 *   magic "CTWASM\x1a\n" | version u16, u16 | XXH32 u32 of all behind it | bytes in all f64
 *   | bytes of the description u32 | flows u32 | description, JSON | rows of flows
 */
import { Protocol } from "../assembly/shared/protocol.js";
import { Stat } from "../assembly/shared/stat.js";
import { xxh32 } from "./checksum.js";
import type { Engine } from "./engine/engine.js";
import { ExpectationRecord, writeWanted } from "./engine/expectation-record.js";
import { ConntrackError } from "./errors.js";
import type { FlowTuple } from "./flow.js";
import type { HelperRunner, SavedHelpers } from "./helper-runner.js";
import type { Helper } from "./helpers/helper.js";
import type { Sysctls } from "./sysctl.js";
import type { TimeoutPolicies, TimeoutPolicy } from "./timeout-policy.js";

/** Read by every version that has the same major one; a newer minor one has more in it. */
const MAJOR = 1;
const MINOR = 0;
const MAGIC = [0x43, 0x54, 0x57, 0x41, 0x53, 0x4d, 0x1a, 0x0a];
const HEADER = 32;
const CHECKED_FROM = 16;
const LITTLE_ENDIAN = true;

/** What a Conntrack is made of. */
export interface Parts {
  readonly engine: Engine;
  readonly helpers: HelperRunner;
  readonly sysctls: Sysctls;
  readonly timeoutPolicies: TimeoutPolicies;
}

/** Everything but flows. */
interface Description {
  /** Milliseconds on the caller's clock. */
  readonly clock: number;
  readonly sysctls: Readonly<Record<string, number>>;
  readonly statistics: Readonly<Record<string, number>>;
  readonly helpers: SavedHelpers;
  /** In the order of their numbers. */
  readonly timeoutPolicies: Readonly<Record<string, TimeoutPolicy>>;
  readonly expectations: readonly SavedExpectation[];
}

interface SavedExpectation {
  readonly protocol: number;
  readonly zone: number;
  readonly tuple: FlowTuple;
  readonly mask: FlowTuple;
  readonly flags: number;
  readonly class: number;
  readonly helper: number;
  readonly childHelper: number;
  readonly eitherEnd: boolean;
  /** Follow set, and what the expected flow's port and destination become. */
  readonly follow: number;
  readonly followPort: number;
  readonly followAddress: string;
  /** Tick. */
  readonly deadline: number;
  /** Name of a flow. */
  readonly master: number;
}

const STATISTICS = Object.entries(Stat).filter(
  (entry): entry is [string, Stat] => typeof entry[1] === "number" && entry[1] !== Stat.COUNT,
);

/** @throws ConntrackError CT_ENGINE when there is no memory, CT_BAD_OPTION when a helper remembers what JSON cannot say */
export function takeSnapshot({ engine, helpers, sysctls, timeoutPolicies }: Parts): Uint8Array<ArrayBuffer> {
  const { call } = engine;
  const description = new TextEncoder().encode(
    JSON.stringify({
      clock: call.nowMs(),
      sysctls: sysctls.all(),
      statistics: Object.fromEntries(STATISTICS.map(([name, id]) => [name, call.statistic(id)])),
      helpers: helpers.save(),
      timeoutPolicies: timeoutPolicies.save(),
      expectations: saveExpectations(engine),
    } satisfies Description),
  );
  const rowsAt = HEADER + ((description.length + 7) & ~7);
  const bytes = new Uint8Array(rowsAt + call.savedBytes());
  bytes.set(MAGIC);
  bytes.set(description, HEADER);
  const flows = copyRows(engine, bytes, rowsAt);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, MAJOR, LITTLE_ENDIAN);
  view.setUint16(10, MINOR, LITTLE_ENDIAN);
  view.setFloat64(16, bytes.length, LITTLE_ENDIAN);
  view.setUint32(24, description.length, LITTLE_ENDIAN);
  view.setUint32(28, flows, LITTLE_ENDIAN);
  view.setUint32(12, xxh32(bytes.subarray(CHECKED_FROM)), LITTLE_ENDIAN);
  return bytes;
}

/** Returns how many there are. */
function copyRows(engine: Engine, bytes: Uint8Array, rowsAt: number): number {
  const { call, layout } = engine;
  const buffer = openBuffer(engine);
  let to = rowsAt;
  let flows = 0;
  for (let filled = call.saveFlows() >>> 0; filled > 0; filled = call.saveFlows() >>> 0) {
    for (let at = 0; at < filled; flows++)
      at += engine.u32[(buffer + at + layout.SAVED_BYTES) >>> 2] as number;
    bytes.set(engine.u8.subarray(buffer, buffer + filled), to);
    to += filled;
  }
  call.closeSnapshot();
  return flows;
}

function openBuffer(engine: Engine): number {
  const buffer = engine.call.openSnapshot() >>> 0;
  engine.refresh();
  if (!buffer) throw new ConntrackError("CT_ENGINE", "no memory for the buffer of a snapshot");
  return buffer;
}

function saveExpectations(engine: Engine): SavedExpectation[] {
  const { call } = engine;
  const found: [id: number, SavedExpectation][] = [];
  for (let at = call.nextExpectation(0) >>> 0; at; at = call.nextExpectation(at) >>> 0) {
    const record = new ExpectationRecord(engine, at);
    const { protocol, zone, tuple, mask, flags, helper, childHelper, eitherEnd, deadline } = record;
    const { follow, followPort, followAddress } = record;
    const saved = { protocol, zone, tuple, mask, flags, helper, childHelper, eitherEnd, deadline };
    const following = { follow, followPort, followAddress };
    const master = record.master.address;
    found.push([record.id, { ...saved, ...following, class: record.class, master }]);
  }
  // Oldest first: the newest is found first, and so it has to come last.
  return found.sort(([a], [b]) => a - b).map(([, saved]) => saved);
}

/** A snapshot that has been found whole. */
export class CheckedSnapshot {
  readonly #bytes: Uint8Array;
  readonly #description: Description;
  readonly #rowsAt: number;
  readonly #flows: number;

  /** @throws ConntrackError CT_BAD_SNAPSHOT */
  constructor(bytes: Uint8Array) {
    if (bytes.length < HEADER || MAGIC.some((byte, i) => bytes[i] !== byte))
      throw bad("these bytes are none");
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const [major, minor] = [view.getUint16(8, LITTLE_ENDIAN), view.getUint16(10, LITTLE_ENDIAN)];
    if (major !== MAJOR) throw bad(`version ${major}.${minor}, known here are those of ${MAJOR}`);
    const length = view.getFloat64(16, LITTLE_ENDIAN);
    if (length !== bytes.length) throw bad(`${bytes.length} bytes of ${length} are there`);
    if (xxh32(bytes.subarray(CHECKED_FROM)) !== view.getUint32(12, LITTLE_ENDIAN)) {
      throw bad("damaged, its checksum is wrong");
    }
    const described = view.getUint32(24, LITTLE_ENDIAN);
    this.#bytes = bytes;
    this.#rowsAt = HEADER + ((described + 7) & ~7);
    this.#flows = view.getUint32(28, LITTLE_ENDIAN);
    if (this.#rowsAt > bytes.length) throw bad("damaged, its description does not fit in");
    try {
      const text = new TextDecoder().decode(bytes.subarray(HEADER, HEADER + described));
      this.#description = JSON.parse(text) as Description;
    } catch {
      throw bad("damaged, its description cannot be read");
    }
  }

  /**
   * Makes a new engine what the other one was. Settings come after flows: they change how flows are entered.
   * @throws ConntrackError CT_BAD_SNAPSHOT
   */
  load(parts: Parts, find: (name: string, protocol: "tcp" | "udp") => Helper): void {
    try {
      this.#load(parts, find);
    } catch (error) {
      if (error instanceof ConntrackError) throw error;
      throw bad(`its description is not what it should be (${(error as Error).message})`);
    }
  }

  #load(
    { engine, helpers, sysctls, timeoutPolicies }: Parts,
    find: (name: string, protocol: "tcp" | "udp") => Helper,
  ): void {
    const description = this.#description;
    engine.call.setTime(description.clock);
    for (const [name, policy] of Object.entries(description.timeoutPolicies))
      timeoutPolicies.add(name, policy);
    const flows = this.#loadFlows(engine);
    for (const [name, value] of Object.entries(description.sysctls)) sysctls.set(name, value);
    helpers.load(description.helpers, find, flows);
    for (const saved of description.expectations) loadExpectation(engine, saved, flows);
    for (let at = engine.call.firstEvent(); at; at = engine.call.firstEvent()) engine.call.dropFirstEvent();
    engine.call.takeLostEvents();
    for (const [name, id] of STATISTICS) engine.call.setStatistic(id, description.statistics[name] ?? 0);
  }

  /** Returns the new addresses, by name, of flows that something else speaks of. */
  #loadFlows(engine: Engine): Map<number, number> {
    const { call } = engine;
    call.expectFlows(this.#flows, this.#bytes.length - this.#rowsAt);
    const buffer = openBuffer(engine);
    const room = call.snapshotBufferBytes();
    const linked = new Map<number, number>();
    const masters: [flow: number, master: number][] = [];
    let loaded = 0;
    for (let from = this.#rowsAt; from < this.#bytes.length; ) {
      engine.u8.set(this.#bytes.subarray(from, Math.min(from + room, this.#bytes.length)), buffer);
      const done = call.loadFlows(Math.min(room, this.#bytes.length - from)) >>> 0;
      engine.refresh();
      if (done === 0) throw bad("flows in it are damaged, or there is no memory for them");
      loaded += call.loadedFlows();
      if (call.linkedFlows() > 0) collectLinks(engine, buffer, done, linked, masters);
      from += done;
    }
    call.closeSnapshot();
    if (loaded !== this.#flows) throw bad(`${loaded} flows of ${this.#flows} are there`);
    for (const [flow, name] of masters) {
      const master = linked.get(name);
      if (master) call.linkMaster(flow, master);
    }
    engine.refresh();
    return linked;
  }
}

function collectLinks(
  { call, layout, u8, u32 }: Engine,
  buffer: number,
  bytes: number,
  linked: Map<number, number>,
  masters: [flow: number, master: number][],
): void {
  for (let at = 0; at < bytes; ) {
    const row = buffer + at;
    if ((u8[row + layout.SAVED_PARTS] ?? 0) & layout.PART_LINKED) {
      const address = u32[(row + layout.SAVED_ADDRESS) >>> 2] ?? 0;
      linked.set(u32[(row + layout.SAVED_NAME) >>> 2] ?? 0, address);
      const master = call.savedMaster(at) >>> 0;
      if (master) masters.push([address, master]);
    }
    at += u32[(row + layout.SAVED_BYTES) >>> 2] ?? bytes;
  }
}

const PROTOCOLS: Readonly<Record<number, "tcp" | "udp" | "gre">> = {
  [Protocol.TCP]: "tcp",
  [Protocol.UDP]: "udp",
  [Protocol.GRE]: "gre",
};
/** Replaced at once by the expectation's own deadline. */
const ANY_SECONDS = 1;

function loadExpectation(engine: Engine, saved: SavedExpectation, flows: ReadonlyMap<number, number>): void {
  const { call, layout, u16, u32 } = engine;
  const master = flows.get(saved.master);
  const protocol = PROTOCOLS[saved.protocol];
  if (!master || !protocol) throw bad("an expectation in it belongs to no flow");
  const { tuple, mask } = saved;
  const isMasked = (mask.sport ?? mask.srckey ?? 0) !== 0;
  const anySource = /^[0.:]+$/.test(mask.src);
  writeWanted(
    engine,
    {
      protocol,
      destination: { address: tuple.dst, port: tuple.dport ?? tuple.dstkey ?? 0 },
      source: {
        ...(!anySource && { address: tuple.src, mask: mask.src }),
        ...(isMasked && { port: tuple.sport ?? tuple.srckey ?? 0 }),
      },
      permanent: (saved.flags & 1) !== 0,
      inactive: (saved.flags & 2) !== 0,
      eitherEnd: saved.eitherEnd,
      class: saved.class,
      ...(saved.follow && { follow: { port: saved.followPort, address: saved.followAddress } }),
    },
    {
      zone: saved.zone,
      master,
      generation: u16[(master + layout.FLOW_GENERATION) >>> 1] ?? 0,
      helper: saved.helper,
      childHelper: saved.childHelper,
      follow: saved.follow,
    },
  );
  const policy = call.wantedPolicyAddress() >>> 2;
  u32[policy] = 0xffffffff;
  u32[policy + 1] = ANY_SECONDS;
  u32[policy + 2] = 0;
  if (call.addExpectation() !== 0) throw bad("an expectation in it contradicts another");
  engine.refresh();
  // A flow's newest expectation is the one just added.
  const extension = engine.u32[(master + layout.FLOW_EXTENSION) >>> 2] ?? 0;
  const added = engine.u32[(extension + layout.EXTENSION_EXPECTATIONS) >>> 2] ?? 0;
  new ExpectationRecord(engine, added).deadline = saved.deadline;
}

function bad(what: string): ConntrackError {
  return new ConntrackError("CT_BAD_SNAPSHOT", `not a usable snapshot: ${what}`);
}
