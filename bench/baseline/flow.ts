import { CLASS_NONE, STATE_NONE } from "./tables.js";

export const ORIGINAL = 0;
export const REPLY = 1;

export const SEEN_REPLY = 0x2;
export const ASSURED = 0x4;

/** The TCP segment at hand. */
export class Segment {
  view: DataView = new DataView(new ArrayBuffer(0));
  options = 0;
  optionsEnd = 0;
  direction = ORIGINAL;
  class = CLASS_NONE;
  flags = 0;
  seq = 0;
  ack = 0;
  end = 0;
  window = 0;
}

/** One side of a connection. Numbers are signed 32-bit integers throughout: V8 keeps those without a box. */
export class Peer {
  end = 0;
  maxEnd = 0;
  maxWindow = 0;
  maxAck = 0;
  scale = 0;
  flags = 0;

  clear(): void {
    this.end = 0;
    this.maxEnd = 0;
    this.maxWindow = 0;
    this.maxAck = 0;
    this.scale = 0;
    this.flags = 0;
  }
}

/** The connection at hand, unpacked: what the TCP tracker works on. */
export class Connection {
  readonly original = new Peer();
  readonly reply = new Peer();
  state = STATE_NONE;
  status = 0;
  /** In milliseconds of the tracker's clock, cut to 32 bits. */
  deadline = 0;
  retrans = 0;
  lastClass = CLASS_NONE;
  lastDirection = ORIGINAL;
  lastSeq = 0;
  lastAck = 0;
  lastEnd = 0;
  lastWindow = 0;
  lastScale = 0;
  lastFlags = 0;

  peer(direction: number): Peer {
    return direction === ORIGINAL ? this.original : this.reply;
  }
}

/**
 * A flow at rest: one object of 168 bytes, less than three cache lines, as with many flows it is the misses that
 * count. (With an object a peer and a field a value it is 330 bytes, and a packet takes half as long again.) In the
 * tuple the low endpoint comes first, the one with the lower port, whichever direction a packet travels.
 */
export class Flow {
  deadline = 0;
  /** State in 4 bits, status in 8, last class in 4, last direction in 1, repeats of the last ACK in 8. */
  #bits = 0;
  /** Window of the last segment in 16 bits, its scale in 4, its flags in 8. */
  #lastBits = 0;
  /** Scale in 4 bits and flags in 8, of either peer. */
  #peerBits = 0;
  #lastSeq = 0;
  #lastAck = 0;
  #lastEnd = 0;
  #originalEnd = 0;
  #originalMaxEnd = 0;
  #originalMaxWindow = 0;
  #originalMaxAck = 0;
  #replyEnd = 0;
  #replyMaxEnd = 0;
  #replyMaxWindow = 0;
  #replyMaxAck = 0;

  constructor(
    /** Address of the low endpoint. */
    readonly low: number,
    /** Address of the high endpoint. */
    readonly high: number,
    /** Port of the low endpoint in the upper half, of the high one in the lower. */
    readonly ports: number,
    /** 1 when the original direction runs from the high endpoint to the low. */
    readonly turned: number,
  ) {}

  get state(): number {
    return this.#bits & 0xf;
  }

  unpack(to: Connection): void {
    const bits = this.#bits;
    to.deadline = this.deadline;
    to.state = bits & 0xf;
    to.status = (bits >>> 4) & 0xff;
    to.lastClass = (bits >>> 12) & 0xf;
    to.lastDirection = (bits >>> 16) & 1;
    to.retrans = (bits >>> 17) & 0xff;
    const lastBits = this.#lastBits;
    to.lastWindow = lastBits & 0xffff;
    to.lastScale = (lastBits >>> 16) & 0xf;
    to.lastFlags = (lastBits >>> 20) & 0xff;
    to.lastSeq = this.#lastSeq;
    to.lastAck = this.#lastAck;
    to.lastEnd = this.#lastEnd;
    const peerBits = this.#peerBits;
    const { original, reply } = to;
    original.scale = peerBits & 0xf;
    original.flags = (peerBits >>> 4) & 0xff;
    original.end = this.#originalEnd;
    original.maxEnd = this.#originalMaxEnd;
    original.maxWindow = this.#originalMaxWindow;
    original.maxAck = this.#originalMaxAck;
    reply.scale = (peerBits >>> 12) & 0xf;
    reply.flags = (peerBits >>> 16) & 0xff;
    reply.end = this.#replyEnd;
    reply.maxEnd = this.#replyMaxEnd;
    reply.maxWindow = this.#replyMaxWindow;
    reply.maxAck = this.#replyMaxAck;
  }

  pack(from: Connection): void {
    const { original, reply } = from;
    const retrans = Math.min(from.retrans, 0xff);
    this.deadline = from.deadline;
    this.#bits =
      from.state | (from.status << 4) | (from.lastClass << 12) | (from.lastDirection << 16) | (retrans << 17);
    this.#lastBits = from.lastWindow | (from.lastScale << 16) | (from.lastFlags << 20);
    this.#lastSeq = from.lastSeq;
    this.#lastAck = from.lastAck;
    this.#lastEnd = from.lastEnd;
    this.#peerBits = original.scale | (original.flags << 4) | (reply.scale << 12) | (reply.flags << 16);
    this.#originalEnd = original.end;
    this.#originalMaxEnd = original.maxEnd;
    this.#originalMaxWindow = original.maxWindow;
    this.#originalMaxAck = original.maxAck;
    this.#replyEnd = reply.end;
    this.#replyMaxEnd = reply.maxEnd;
    this.#replyMaxWindow = reply.maxWindow;
    this.#replyMaxAck = reply.maxAck;
  }
}
