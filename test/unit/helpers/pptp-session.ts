/** A PPTP client and server: their control connection, its messages, and GRE packets. */
import { Conntrack } from "../../../src/index.js";

export const CLIENT = "10.1.0.2";
export const SERVER = "203.0.113.10";

export function ipv4(src: string, dst: string, protocol: number, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(20 + payload.length);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, packet.length);
  view.setUint8(8, 64);
  view.setUint8(9, protocol);
  packet.set(src.split(".").map(Number), 12);
  packet.set(dst.split(".").map(Number), 16);
  packet.set(payload, 20);
  return packet;
}

export function gre(src: string, dst: string, callId: number): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x3001);
  view.setUint16(2, 0x880b);
  view.setUint16(4, 4);
  view.setUint16(6, callId);
  return ipv4(src, dst, 47, bytes);
}

/** A control message whole: `fields` are the 16-bit words behind its header, the rest is zero. */
export function message(type: number, length: number, fields: readonly number[] = []): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, length);
  view.setUint16(2, 1);
  view.setUint32(4, 0x1a2b3c4d);
  view.setUint16(8, type);
  fields.forEach((field, i) => void view.setUint16(12 + 2 * i, field));
  return bytes;
}

export const startRequest = () => message(1, 156);
export const startReply = (result = 1) => message(2, 156, [0x100, result << 8]);
export const outgoingRequest = (clientId: number) => message(7, 168, [clientId]);
export const outgoingReply = (serverId: number, clientId: number, result = 1) =>
  message(8, 32, [serverId, clientId, result << 8]);
export const incomingRequest = (serverId: number) => message(9, 220, [serverId]);
export const incomingReply = (clientId: number, serverId: number) =>
  message(10, 24, [clientId, serverId, 0x100]);
export const incomingConnected = (clientId: number) => message(11, 28, [clientId]);
export const disconnectNotify = (serverId: number) => message(13, 148, [serverId, 0x100]);

const SYN = 0x02;
const RST = 0x04;
const PSH_ACK = 0x18;
const ACK = 0x10;

export class PptpSession {
  readonly conntrack: Conntrack;
  readonly #port: number;
  #clientSeq = 1000;
  #serverSeq = 5000;
  time = 0;

  constructor(conntrack: Conntrack, port = 40000) {
    this.conntrack = conntrack;
    this.#port = port;
  }

  static async create(): Promise<PptpSession> {
    const conntrack = await Conntrack.create({ sysctl: { nf_conntrack_checksum: 0 } });
    conntrack.addHelper({ name: "pptp" });
    const session = new PptpSession(conntrack);
    session.connect();
    return session;
  }

  connect(): void {
    this.#segment(true, SYN);
    this.#clientSeq++;
    this.#segment(false, SYN | ACK);
    this.#serverSeq++;
    this.#segment(true, ACK);
  }

  reset(): void {
    this.#segment(true, RST);
  }

  client(payload: Uint8Array) {
    const result = this.#segment(true, PSH_ACK, payload);
    this.#clientSeq += payload.length;
    return result;
  }

  server(payload: Uint8Array) {
    const result = this.#segment(false, PSH_ACK, payload);
    this.#serverSeq += payload.length;
    return result;
  }

  start(): void {
    this.client(startRequest());
    this.server(startReply());
  }

  /** A session and one outgoing call. */
  call(clientId: number, serverId: number): void {
    this.start();
    this.client(outgoingRequest(clientId));
    this.server(outgoingReply(serverId, clientId));
  }

  fromClient(serverId: number) {
    return this.conntrack.track(gre(CLIENT, SERVER, serverId), { time: this.time });
  }

  fromServer(clientId: number) {
    return this.conntrack.track(gre(SERVER, CLIENT, clientId), { time: this.time });
  }

  /** GRE flows, as the listing prints their tuples. */
  greFlows(): string[] {
    const lines = this.conntrack.procNetNfConntrack({ time: this.time }).split("\n");
    return lines.flatMap((line) => /srckey=\w+ dstkey=\w+/.exec(/ gre .*/.exec(line)?.[0] ?? "")?.[0] ?? []);
  }

  expected(): string[] {
    const lines = this.conntrack.procNetNfConntrackExpect({ time: this.time }).trimEnd().split("\n");
    return lines.filter((line) => line !== "").sort();
  }

  #segment(byClient: boolean, flags: number, payload: Uint8Array = new Uint8Array()) {
    const segment = new Uint8Array(20 + payload.length);
    const view = new DataView(segment.buffer);
    view.setUint16(0, byClient ? this.#port : 1723);
    view.setUint16(2, byClient ? 1723 : this.#port);
    view.setUint32(4, byClient ? this.#clientSeq : this.#serverSeq);
    if (flags & ACK) view.setUint32(8, byClient ? this.#serverSeq : this.#clientSeq);
    view.setUint8(12, 0x50);
    view.setUint8(13, flags);
    view.setUint16(14, 65535);
    segment.set(payload, 20);
    const [src, dst] = byClient ? [CLIENT, SERVER] : [SERVER, CLIENT];
    return this.conntrack.track(ipv4(src, dst, 6, segment), { time: this.time });
  }
}
