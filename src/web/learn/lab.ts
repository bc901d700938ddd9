/** A client, a server and a firewall between them, with a clock that is turned by hand. */
import { Conntrack, type TrackResult } from "../../index.js";
import { dissect, type TcpFields, tcp, type UdpFields, udp } from "../../packet/index.js";
import type { PacketRecord } from "../model.js";
import { recordOf } from "../record.js";

export type Side = "client" | "server";

export const CLIENT = "10.1.0.2";
export const SERVER = "203.0.113.10";
/** A router between firewall and server, which complains. */
export const ROUTER = "192.0.2.1";

export interface LabOptions {
  readonly sysctl?: Readonly<Record<string, number>>;
  readonly helpers?: readonly string[];
}

export interface Entry {
  readonly side: Side;
  readonly bytes: Uint8Array;
  readonly record: PacketRecord;
  /** Of the flow that it belongs to. */
  readonly flow: number | undefined;
  readonly protocol: string | undefined;
}

export class Lab {
  readonly entries: Entry[] = [];
  /** Milliseconds since the lab was set up. */
  time = 0;
  readonly #conntrack: Conntrack;

  private constructor(conntrack: Conntrack) {
    this.#conntrack = conntrack;
  }

  static async create({ sysctl = {}, helpers = [] }: LabOptions = {}): Promise<Lab> {
    const conntrack = await Conntrack.create({ sysctl, eventCapacity: 0, hashSeed: new Uint8Array(16) });
    for (const name of helpers) conntrack.addHelper({ name });
    return new Lab(conntrack);
  }

  send(side: Side, bytes: Uint8Array): Entry {
    const result: TrackResult = this.#conntrack.track(bytes, { time: this.time });
    const { flow } = result;
    const record = recordOf(result, dissect(bytes), this.entries.length + 1, this.time, flow);
    const entry = { side, bytes, record, flow: flow?.id, protocol: flow?.protocol };
    this.entries.push(entry);
    return entry;
  }

  wait(seconds: number): void {
    this.time += seconds * 1000;
    this.#conntrack.expire({ time: this.time });
  }

  setSysctl(name: string, value: number): void {
    this.#conntrack.setSysctl(name, value);
  }

  /** Lines as /proc/net/nf_conntrack and /proc/net/nf_conntrack_expect have them now. */
  table(): string[] {
    return linesOf(this.#conntrack.procNetNfConntrack({ time: this.time }));
  }

  expectations(): string[] {
    return linesOf(this.#conntrack.procNetNfConntrackExpect({ time: this.time }));
  }
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

type Between = "src" | "dst" | "sport" | "dport";

/** Both ends of a connection from a client's port to a server's, and the bytes that each has sent. */
export class Wire {
  readonly sport: number;
  readonly dport: number;
  readonly #next: Record<Side, number> = { client: 1000, server: 5000 };

  constructor(sport: number, dport: number) {
    this.sport = sport;
    this.dport = dport;
  }

  /** A segment with the numbers that fit what has been sent before. */
  tcp(side: Side, flags: string, more: Partial<Omit<TcpFields, Between | "flags">> = {}): Uint8Array {
    const other = side === "client" ? "server" : "client";
    const seq = more.seq ?? this.#next[side];
    const ack = more.ack ?? (flags.includes("ACK") ? this.#next[other] : 0);
    const payload = typeof more.payload === "string" ? more.payload.length : (more.payload?.length ?? 0);
    const counted = payload + (/SYN|FIN/.test(flags) ? 1 : 0);
    if (more.seq === undefined) this.#next[side] = (seq + counted) >>> 0;
    return tcp({ ...this.#ends(side), flags, window: 64240, ...more, seq, ack });
  }

  udp(side: Side, payload: string, more: Partial<Omit<UdpFields, Between>> = {}): Uint8Array {
    return udp({ ...this.#ends(side), payload, ...more });
  }

  #ends(side: Side) {
    const { sport, dport } = this;
    return side === "client"
      ? { src: CLIENT, dst: SERVER, sport, dport }
      : { src: SERVER, dst: CLIENT, sport: dport, dport: sport };
  }
}
