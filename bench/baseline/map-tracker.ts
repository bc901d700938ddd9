/**
 * A tracker in plain JavaScript: the whole work of a TCP tracker on Ethernet and IPv4, and nothing beyond: no other
 * protocols, fragments, events, counters or rules. Where the flows are found is the table's affair.
 */

import { Connection, Flow, ORIGINAL, REPLY, SEEN_REPLY, Segment } from "./flow.js";
import type { FlowTable } from "./flow-table.js";
import { classOf, FIN, STATE_NONE, SYN, TIME_WAIT } from "./tables.js";
import { openFlow, TCP_ACCEPT, TCP_DELETE, TCP_INVALID, trackSegment } from "./tcp.js";

export const CT_INVALID = 0;
export const CT_NEW = 1;
export const CT_ESTABLISHED = 2;

const ETHERNET_BYTES = 14;
const ETHERTYPE_IPV4 = 0x0800;
const PROTOCOL_TCP = 6;

export class MapTracker {
  verifyChecksums = false;
  /** Flow and direction of the last packet tracked; undefined when it was INVALID. */
  flow: Flow | undefined;
  direction = ORIGINAL;

  readonly #table: FlowTable;
  // One of each, used over and over.
  readonly #segment = new Segment();
  readonly #connection = new Connection();
  #repliedBefore = false;
  #sweep: Iterator<Flow, undefined> | undefined;

  constructor(table: FlowTable) {
    this.#table = table;
  }

  get size(): number {
    return this.#table.size;
  }

  /** Tracks the frame in [start, start + length) at `time` (ms); its conntrack state. */
  track(view: DataView, start: number, length: number, time: number): number {
    this.flow = undefined;
    if (length < ETHERNET_BYTES + 20 || view.getUint16(start + 12) !== ETHERTYPE_IPV4) return CT_INVALID;
    const ip = start + ETHERNET_BYTES;
    const versionAndLength = view.getUint8(ip);
    const headerBytes = (versionAndLength & 15) << 2;
    const total = view.getUint16(ip + 2);
    if (versionAndLength >>> 4 !== 4 || headerBytes < 20) return CT_INVALID;
    if (total < headerBytes || total > length - ETHERNET_BYTES) return CT_INVALID;
    if ((view.getUint16(ip + 6) & 0x3fff) !== 0 || view.getUint8(ip + 9) !== PROTOCOL_TCP) return CT_INVALID;
    const tcp = ip + headerBytes;
    const tcpBytes = total - headerBytes;
    if (tcpBytes < 20) return CT_INVALID;
    const offsetBytes = (view.getUint8(tcp + 12) >>> 4) << 2;
    if (offsetBytes < 20 || offsetBytes > tcpBytes) return CT_INVALID;
    if (this.verifyChecksums && !checksumsHold(view, ip, headerBytes, tcpBytes)) return CT_INVALID;

    const flags = view.getUint8(tcp + 13);
    const segmentClass = classOf(flags);
    if (segmentClass < 0) return CT_INVALID;
    const seq = view.getInt32(tcp + 4);
    const segment = this.#segment;
    segment.view = view;
    segment.options = tcp + 20;
    segment.optionsEnd = tcp + offsetBytes;
    segment.class = segmentClass;
    segment.flags = flags;
    segment.seq = seq;
    segment.ack = view.getInt32(tcp + 8);
    segment.end =
      (seq + tcpBytes - offsetBytes + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0)) | 0;
    segment.window = view.getUint16(tcp + 14);

    const source = view.getInt32(ip + 12);
    const destination = view.getInt32(ip + 16);
    const ports = view.getInt32(tcp);
    return this.#trackTuple(source, destination, ports, time | 0);
  }

  /** Tracks `count` frames; their states go to `states`. */
  trackBatch(
    view: DataView,
    offsets: Uint32Array,
    lengths: Uint32Array,
    times: Float64Array,
    count: number,
    states: Uint8Array,
  ): void {
    for (let i = 0; i < count; i++) states[i] = this.track(view, offsets[i]!, lengths[i]!, times[i]!);
  }

  /** Removes all flows whose deadline has passed. */
  expire(time: number): void {
    const now = time | 0;
    const table = this.#table;
    for (const flow of table.flows()) if (isOver(flow, now)) table.remove(flow);
  }

  /** Looks at `count` flows and removes those that are over, going on where the last call stopped. */
  expireSlice(time: number, count: number): void {
    const now = time | 0;
    this.#sweep ??= this.#table.flows();
    for (let visited = 0; visited < count; visited++) {
      const { value: flow } = this.#sweep.next();
      if (flow === undefined) {
        this.#sweep = undefined;
        return;
      }
      if (isOver(flow, now)) this.#table.remove(flow);
    }
  }

  timeWaitCount(): number {
    let count = 0;
    for (const flow of this.#table.flows()) if (flow.state === TIME_WAIT) count++;
    return count;
  }

  #trackTuple(source: number, destination: number, ports: number, now: number): number {
    const swappedPorts = (ports << 16) | (ports >>> 16);
    const turned =
      ports >>> 16 > (ports & 0xffff) || (ports === swappedPorts && source > destination) ? 1 : 0;
    const low = turned ? destination : source;
    const high = turned ? source : destination;
    const orderedPorts = turned ? swappedPorts : ports;
    const table = this.#table;
    const flow = table.find(low, high, orderedPorts);
    if (flow !== undefined) {
      if (!isOver(flow, now)) {
        const direction = flow.turned ^ turned;
        const outcome = this.#trackFlow(flow, direction, now);
        if (outcome === TCP_ACCEPT) return this.#accepted(flow, direction);
        if (outcome === TCP_INVALID) return CT_INVALID;
        table.remove(flow);
        if (outcome === TCP_DELETE) return this.#accepted(flow, direction);
      } else {
        table.remove(flow);
      }
    }
    const fresh = new Flow(low, high, orderedPorts, turned);
    if (this.#trackFlow(fresh, ORIGINAL, now) !== TCP_ACCEPT) return CT_INVALID;
    table.insert(fresh);
    return this.#accepted(fresh, ORIGINAL);
  }

  #trackFlow(flow: Flow, direction: number, now: number): number {
    const connection = this.#connection;
    const segment = this.#segment;
    segment.direction = direction;
    flow.unpack(connection);
    if (connection.state === STATE_NONE && !openFlow(connection, segment)) return TCP_INVALID;
    const outcome = trackSegment(connection, segment, now);
    // What rules see depends on the status before this packet.
    this.#repliedBefore = (connection.status & SEEN_REPLY) !== 0;
    if (direction === REPLY && outcome !== TCP_INVALID) connection.status |= SEEN_REPLY;
    flow.pack(connection);
    return outcome;
  }

  #accepted(flow: Flow, direction: number): number {
    this.flow = flow;
    this.direction = direction;
    return direction === REPLY || this.#repliedBefore ? CT_ESTABLISHED : CT_NEW;
  }
}

function isOver(flow: Flow, now: number): boolean {
  return ((flow.deadline - now) | 0) <= 0;
}

function sum16(view: DataView, from: number, bytes: number): number {
  let sum = 0;
  let at = from;
  const lastPair = from + bytes - 1;
  for (; at < lastPair; at += 2) sum += view.getUint16(at);
  return at === lastPair ? sum + (view.getUint8(at) << 8) : sum;
}

function folded(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

function checksumsHold(view: DataView, ip: number, headerBytes: number, tcpBytes: number): boolean {
  if (folded(sum16(view, ip, headerBytes)) !== 0xffff) return false;
  const pseudo = sum16(view, ip + 12, 8) + PROTOCOL_TCP + tcpBytes;
  return folded(pseudo + sum16(view, ip + headerBytes, tcpBytes)) === 0xffff;
}
