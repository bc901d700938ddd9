/**
 * The packets every contestant sees. Flow f is a TCP connection between
 *
 *   client 10.0.0.0 + (f & 0xfffff), port 32768 + f % 28000   (sequence numbers from 1000)
 *   server 192.168.0.0 + (f >> 20),  port 443                 (sequence numbers from 5000)
 *
 * and every packet is a 54-byte Ethernet frame: IPv4 and TCP without options or payload, checksums valid.
 */

import { fold, sum16 } from "./checksum.js";
import { Random } from "./random.js";

export const FRAME_BYTES = 54;
/** Frames lie one to a slot of a cache line, as in a receive ring. */
export const SLOT_BYTES = 64;

const FIN = 0x01;
const SYN = 0x02;
const ACK = 0x10;
const WINDOW = 65535;

/** The segments of a connection in order; SERVER_ACK is the established server's half of the HIT workload. */
export const Step = {
  SYN: 0,
  SYN_ACK: 1,
  ACK: 2,
  CLIENT_FIN: 3,
  SERVER_FIN: 4,
  LAST_ACK: 5,
  SERVER_ACK: 6,
} as const;

/** How many segments open a connection, and how many make a whole one. */
export const OPENING_STEPS = 3;
export const CONNECTION_STEPS = 6;

interface Segment {
  fromClient: boolean;
  seq: number;
  ack: number;
  flags: number;
}

const SEGMENTS: readonly Segment[] = [
  { fromClient: true, seq: 1000, ack: 0, flags: SYN },
  { fromClient: false, seq: 5000, ack: 1001, flags: SYN | ACK },
  { fromClient: true, seq: 1001, ack: 5001, flags: ACK },
  { fromClient: true, seq: 1001, ack: 5001, flags: FIN | ACK },
  { fromClient: false, seq: 5001, ack: 1002, flags: FIN | ACK },
  { fromClient: true, seq: 1002, ack: 5002, flags: ACK },
  { fromClient: false, seq: 5001, ack: 1001, flags: ACK },
];

const IP = 14;
const TCP = 34;
const IP_CHECKSUM = IP + 10;
const TCP_CHECKSUM = TCP + 16;
const CLIENT_NETWORK = 0x0a000000;
const SERVER_NETWORK = 0xc0a80000;
const SERVER_PORT = 443;

/** A frame with everything but addresses, the client's port and checksums, and the sums of what is there. */
class Template {
  readonly bytes = new Uint8Array(FRAME_BYTES);
  readonly ipSum: number;
  readonly tcpSum: number;

  constructor(readonly segment: Segment) {
    const view = new DataView(this.bytes.buffer);
    this.bytes.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00]);
    view.setUint8(IP, 0x45);
    view.setUint16(IP + 2, FRAME_BYTES - IP);
    view.setUint16(IP + 6, 0x4000); // don't fragment
    view.setUint8(IP + 8, 64);
    view.setUint8(IP + 9, 6);
    view.setUint16(segment.fromClient ? TCP + 2 : TCP, SERVER_PORT);
    view.setUint32(TCP + 4, segment.seq);
    view.setUint32(TCP + 8, segment.ack);
    view.setUint8(TCP + 12, 0x50);
    view.setUint8(TCP + 13, segment.flags);
    view.setUint16(TCP + 14, WINDOW);
    this.ipSum = sum16(view, IP, TCP);
    this.tcpSum = sum16(view, TCP, FRAME_BYTES) + 6 + (FRAME_BYTES - TCP);
  }
}

const TEMPLATES = SEGMENTS.map((segment) => new Template(segment));

/** Frames, one to a slot, written one by one ahead of the measurement. */
export class FramePool {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  /** `outside`: the address under which servers know a client. */
  constructor(
    readonly capacity: number,
    readonly outside: (client: number, server: number) => number = (client) => client,
  ) {
    this.bytes = new Uint8Array(capacity * SLOT_BYTES);
    this.#view = new DataView(this.bytes.buffer);
  }

  write(slot: number, flow: number, step: number): void {
    const template = TEMPLATES[step]!;
    const { fromClient } = template.segment;
    const at = slot * SLOT_BYTES;
    const view = this.#view;
    const server = SERVER_NETWORK + (flow >>> 20);
    const inside = CLIENT_NETWORK + (flow & 0xfffff);
    const client = fromClient ? inside : this.outside(inside, server);
    const port = 32768 + (flow % 28000);
    const addresses = (client >>> 16) + (client & 0xffff) + (server >>> 16) + (server & 0xffff);
    this.bytes.set(template.bytes, at);
    view.setUint32(at + IP + 12, fromClient ? client : server);
    view.setUint32(at + IP + 16, fromClient ? server : client);
    view.setUint16(at + (fromClient ? TCP : TCP + 2), port);
    view.setUint16(at + IP_CHECKSUM, fold(template.ipSum + addresses));
    view.setUint16(at + TCP_CHECKSUM, fold(template.tcpSum + addresses + port));
  }

  /** Fills the pool with ACKs of random flows below `flows`, in a random direction. */
  fillWithHits(flows: number, seed: number): void {
    const random = new Random(seed);
    for (let slot = 0; slot < this.capacity; slot++) {
      const pick = random.word();
      // The high bits choose the flow (no modulo bias worth speaking of), a middle one the direction.
      const flow = Math.floor((pick / 0x1_0000_0000) * flows);
      this.write(slot, flow, ((pick >>> 5) ^ (pick >>> 11)) & 1 ? Step.ACK : Step.SERVER_ACK);
    }
  }

  /** Fills slots with the first `steps` segments of `connections` flows from `firstFlow`, `interleave` at a time. */
  fillWithConnections(firstFlow: number, connections: number, steps: number, interleave: number): void {
    let slot = 0;
    for (let group = 0; group < connections; group += interleave) {
      const end = Math.min(group + interleave, connections);
      for (let step = 0; step < steps; step++) {
        for (let one = group; one < end; one++) this.write(slot++, firstFlow + one, step);
      }
    }
  }
}
