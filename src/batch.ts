/** Many packets for one call into the engine: the fast path. */
import { Hook } from "../assembly/shared/ct-state.js";
import { LinkType } from "../assembly/shared/link-type.js";
import { type BatchOptions, batchBytes } from "./batch-options.js";
import { type Datagram, takeDatagram } from "./datagram.js";
import type { Engine } from "./engine/engine.js";
import { ConntrackError } from "./errors.js";
import {
  type FirewallContext,
  FirewallResult,
  packetAt,
  type Reply,
  type Trace,
  takeReplies,
} from "./firewall-result.js";
import { Flow } from "./flow.js";
import type { HelperRunner } from "./helper-runner.js";
import type { Network } from "./network.js";
import { beginningOf, copyColumn, type PacketArray, WORD_BYTES } from "./packet-array.js";
import {
  CT_STATES,
  type CtStateName,
  DIRECTIONS,
  type DirectionName,
  originOf,
  type ReasonCode,
  reasonCode,
  resultAt,
  type TrackResult,
  VERDICTS,
  type VerdictName,
} from "./result.js";

/** Packets lie in words as they did in the array they come from: see pushAll(). */
const SPARE = WORD_BYTES - 1;
const NO_BYTES = new Uint8Array(0);

/**
 * A place in the engine's memory for up to `capacity` packets and their results. Fill it with push(), hand it to
 * Conntrack.trackBatch(), read the results, clear() it and start over.
 */
export class Batch {
  readonly capacity: number;
  readonly #engine: Engine;
  readonly #helpers: HelperRunner;
  /** Only of batches that meet rules. */
  readonly #network: Network | undefined;
  /** Kept at hand: a module's exports are an object in which names are looked up slowly. */
  readonly #trackBatch: Engine["call"]["trackBatch"];
  readonly #address: number;
  readonly #rows: number;
  readonly #rowSize: number;
  /** Where the columns begin, in elements of their type (assembly/batch-memory.ts). */
  readonly #times: number;
  readonly #data: number;
  readonly #lengths: number;
  readonly #wireLengths: number;
  readonly #ctStates: number;
  /** Packet bytes. */
  readonly #start: number;
  readonly #end: number;
  #next: number;
  #length = 0;
  #tracked = 0;
  #released = false;
  /** Datagrams that packets have completed, by packet. Most batches have none. */
  #datagrams: Map<number, Datagram> | undefined;
  /** Packets that have grown and left their place, by packet. */
  #moved: Map<number, Uint8Array> | undefined;
  /** What rules have answered, by packet. */
  #replies: Map<number, readonly Reply[]> | undefined;

  /** Use Conntrack.createBatch(). */
  constructor(
    engine: Engine,
    helpers: HelperRunner,
    capacity: number,
    options: BatchOptions = {},
    network?: Network,
  ) {
    const bytes = batchBytes(capacity, options);
    this.#engine = engine;
    this.#helpers = helpers;
    this.#network = network;
    this.capacity = capacity;
    const address = engine.call.createBatch(capacity, bytes + SPARE) >>> 0;
    engine.placed++;
    engine.refresh();
    if (!address) throw new ConntrackError("CT_ENGINE", `no memory for a batch of ${bytes} bytes`);
    const { layout, u32 } = engine;
    const column = (offset: number) => u32[(address + offset) >>> 2] as number;
    this.#trackBatch = engine.call.trackBatch;
    this.#address = address;
    this.#rows = address + layout.BATCH_ROWS;
    this.#rowSize = layout.PACKET_SIZE;
    this.#times = column(layout.BATCH_TIMES) >>> 3;
    this.#data = column(layout.BATCH_DATA) >>> 2;
    this.#lengths = column(layout.BATCH_LENGTHS) >>> 2;
    this.#wireLengths = column(layout.BATCH_WIRE_LENGTHS) >>> 2;
    this.#ctStates = column(layout.BATCH_CT_STATES);
    this.#start = column(layout.BATCH_BYTES);
    this.#end = this.#start + bytes;
    this.#next = this.#start;
    const link = options.link ?? LinkType.RAW;
    const hook = options.hook === "OUTPUT" ? Hook.OUTPUT : Hook.PREROUTING;
    for (let i = 0; i < capacity; i++) {
      const row = this.row(i);
      engine.u16[(row + layout.PACKET_LINK) >>> 1] = link;
      engine.u8[row + layout.PACKET_HOOK] = hook;
      engine.u8[row + layout.PACKET_CONFIRM] = 1;
    }
  }

  /** Packets pushed since the last clear(). */
  get length(): number {
    return this.#length;
  }

  /** Address of row i in the engine's memory. */
  row(i: number): number {
    return this.#rows + i * this.#rowSize;
  }

  /**
   * Copies a packet into the batch.
   * @param time milliseconds on any clock that does not run backwards (if it does, the engine's stands still)
   * @param wireLength bytes the packet had on the wire, when the capture cut it
   * @returns false when the batch is full: nothing was added
   */
  push(packet: Uint8Array, time: number, wireLength: number = packet.length): boolean {
    const length = packet.length;
    const at = this.#next;
    if (this.#length === this.capacity || at + length > this.#end || this.#released) return false;
    const { u8, u32, f64 } = this.#engine;
    const i = this.#length;
    u8.set(packet, at);
    f64[this.#times + i] = time;
    u32[this.#data + i] = at;
    u32[this.#lengths + i] = length;
    u32[this.#wireLengths + i] = Math.max(wireLength, length);
    this.#length++;
    // Headers are read in words: keep packets apart by whole ones.
    this.#next = (at + length + SPARE) & ~SPARE;
    return true;
  }

  /**
   * Copies packets that lie in one array, with a single copy: several times faster than push() for each. The
   * shape is that of `readCaptureChunks()` of conntrack-wasm/pcap.
   * @param first the packet to begin with
   * @param end the packet to stop before
   * @returns how many were added, from `first` on; fewer than asked for when the batch is full. Of a packet for which
   * no empty batch has room the beginning is added, as if a capture had cut it there.
   */
  pushAll(packets: PacketArray, first = 0, end: number = packets.count): number {
    const { bytes, offsets, lengths, wireLengths, times } = packets;
    const { u8, u32, f64, call } = this.#engine;
    const length = this.#length;
    const last = Math.min(end, first + this.capacity - length);
    if (this.#released || !(first < last)) return 0;
    const base = offsets[first] ?? 0;
    // From shared memory, what lies differently in words is copied byte by byte, seven times as slowly.
    const to = this.#next + ((bytes.byteOffset + base) & SPARE);
    const room = Math.min(bytes.length, this.#end - this.#next + base);
    if (room < 0) return 0;
    copyColumn(u32, this.#data + length, offsets, first, last);
    copyColumn(u32, this.#lengths + length, lengths, first, last);
    copyColumn(f64, this.#times + length, times, first, last);
    if (wireLengths) copyColumn(u32, this.#wireLengths + length, wireLengths, first, last);
    const added = call.placePackets(
      this.#address,
      length,
      last - first,
      base,
      room,
      to,
      wireLengths !== undefined,
    );
    if (!added) return length ? 0 : this.#pushBeginning(packets, first);
    // Byte order in memory is the array's own, so the first packet decides where all others lie.
    const final = length + added - 1;
    const after = (u32[this.#data + final] as number) + (u32[this.#lengths + final] as number);
    u8.set(bytes.subarray(base, base + after - to), to);
    this.#next = (after + SPARE) & ~SPARE;
    this.#length = length + added;
    return added;
  }

  /** Returns how many packets were added. */
  #pushBeginning(packets: PacketArray, i: number): number {
    const cut = beginningOf(packets, i, this.#end - this.#start);
    return Number(cut !== undefined && this.push(cut.packet, cut.time, cut.wireLength));
  }

  /** Deals the packets out to several engines; `number`: that of the first one; `latest`: the time before. See assembly/deal.ts. */
  deal(number: number, latest: number): void {
    this.#engine.call.deal(this.#address, this.#length, number, latest);
  }

  clear(): void {
    this.#length = 0;
    this.#tracked = 0;
    this.#datagrams = undefined;
    this.#moved = undefined;
    this.#replies = undefined;
    this.#next = this.#start;
  }

  /** Gives the memory back; the batch is of no further use. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#engine.call.releaseBatch(this.#address);
    this.clear();
  }

  /**
   * The ct states of all packets tracked so far, as numbers: those of the enum CtState. The fastest way to look at
   * many; valid until the next call of anything.
   */
  get ctStates(): Uint8Array {
    return this.#engine.u8.subarray(this.#ctStates, this.#ctStates + this.#tracked);
  }
  /** What a rule's `--ctstate` would see of packet i. */
  ctState(i: number): CtStateName {
    this.#check(i);
    return CT_STATES[this.#engine.u8[this.#ctStates + i] as number] as CtStateName;
  }
  direction(i: number): DirectionName | undefined {
    return this.#word(i, this.#engine.layout.PACKET_FLOW) === 0
      ? this.resultOf(i, NO_BYTES).direction
      : DIRECTIONS[this.#byte(i, this.#engine.layout.PACKET_DIRECTION)];
  }
  verdict(i: number): VerdictName {
    return VERDICTS[this.#byte(i, this.#engine.layout.PACKET_VERDICT)] as VerdictName;
  }
  reason(i: number): ReasonCode | undefined {
    return reasonCode(this.#byte(i, this.#engine.layout.PACKET_REASON));
  }
  explain(i: number): string {
    return this.resultOf(i, NO_BYTES).explain();
  }
  flow(i: number): Flow | undefined {
    const address = this.#word(i, this.#engine.layout.PACKET_FLOW);
    if (!address) return undefined;
    const flow = new Flow(
      this.#engine,
      this.#helpers,
      address,
      this.#word(i, this.#engine.layout.PACKET_GENERATION),
    );
    return flow.alive ? flow : undefined;
  }
  /** Packet i as it leaves tracking, copied: see TrackResult.packets. */
  packets(i: number): readonly Uint8Array[] {
    return this.result(i).packets;
  }
  /** The datagram that packet i has completed: see TrackResult.datagram. */
  datagram(i: number): Uint8Array | undefined {
    this.#check(i);
    return this.#datagrams?.get(i)?.bytes;
  }
  /** Everything about packet i, to keep. */
  result(i: number): TrackResult {
    const data = this.#word(i, this.#engine.layout.PACKET_DATA);
    const length = this.#word(i, this.#engine.layout.PACKET_LENGTH);
    return this.resultOf(i, this.#engine.u8.slice(data, data + length));
  }
  /** The same without a copy of the packet's bytes, which the caller has. */
  resultOf(i: number, bytes: Uint8Array): TrackResult {
    this.#check(i);
    return resultAt(originOf(this.#engine, this.#helpers), this.row(i), bytes, this.#datagrams?.get(i));
  }

  /** Use Firewall.result(). */
  firewallResult(i: number, context: FirewallContext, trace?: Trace): FirewallResult {
    this.#check(i);
    const packet = this.#moved?.get(i) ?? packetAt(this.#engine, this.row(i));
    const pieces = this.#datagrams?.get(i)?.pieces ?? [packet];
    return new FirewallResult(
      context,
      this.row(i),
      this.#datagrams?.get(i),
      pieces,
      this.#replies?.get(i) ?? [],
      trace,
    );
  }

  /** Tracks what has been pushed and not been tracked yet. Use Conntrack.trackBatch(). */
  track(): void {
    const { call } = this.#engine;
    const end = this.#length;
    let next = this.#trackBatch(this.#address, this.#tracked, end);
    while (next < end) {
      this.#engine.refresh();
      this.#resume(next);
      next = call.resumeBatch(this.#address, next + 1, end);
    }
    this.#tracked = end;
    this.#engine.refresh();
  }

  /** What JavaScript has to do for a packet before the next one is tracked. */
  #resume(i: number): void {
    const { call, layout, u8 } = this.#engine;
    const row = this.row(i);
    if ((u8[row + layout.PACKET_STAGE] ?? 0) >= layout.STAGE_PAUSED) {
      call.finishPacket(this.#address, i, this.#helpers.run(row));
      this.#engine.refresh();
    }
    if (this.#network && call.answerCount()) {
      this.#replies ??= new Map();
      this.#replies.set(i, takeReplies(this.#engine, this.#network));
    }
    if (call.hasMoved()) {
      this.#moved ??= new Map();
      this.#moved.set(i, packetAt(this.#engine, row));
    }
    const datagram = takeDatagram(this.#engine, row);
    if (!datagram) return;
    this.#datagrams ??= new Map();
    this.#datagrams.set(i, datagram);
  }

  #byte(i: number, offset: number): number {
    this.#check(i);
    return this.#engine.u8[this.#rows + i * this.#rowSize + offset] ?? 0;
  }
  #word(i: number, offset: number): number {
    this.#check(i);
    return this.#engine.u32[(this.#rows + i * this.#rowSize + offset) >>> 2] ?? 0;
  }
  #check(i: number): void {
    if (!(i >= 0 && i < this.#tracked)) {
      throw new ConntrackError("CT_BAD_OPTION", `packet ${i} of the batch has not been tracked`);
    }
  }
}
