/** A client, a server and a firewall between them, with a clock that is turned by hand. */
import { Conntrack, Firewall, type TrackResult } from "../../index.js";
import { dissect, type TcpFields, tcp, type UdpFields, udp } from "../../packet/index.js";
import type { PacketRecord } from "../model.js";
import { recordOf } from "../record.js";
import { wayOf } from "./way.js";

export type Side = "client" | "server";

export const CLIENT = "10.1.0.2";
export const SERVER = "203.0.113.10";
/** A router between firewall and server, which complains. */
export const ROUTER = "192.0.2.1";

/** The firewall's own address on the client's side. */
export const FIREWALL = "10.1.0.1";

const NETWORK = {
  interfaces: { lan: [`${FIREWALL}/24`], wan: ["192.0.2.2/24"] },
  routes: [{ to: "default", dev: "wan", via: ROUTER }],
};

export interface LabOptions {
  readonly sysctl?: Readonly<Record<string, number>>;
  readonly helpers?: readonly string[];
  /** What iptables-save prints: then packets take their way through the machine's tables. */
  readonly rules?: string;
  /** Whom the client speaks with; "server" is then the firewall itself. Default the server. */
  readonly peer?: "server" | "firewall";
}

export interface Entry {
  readonly side: Side;
  readonly bytes: Uint8Array;
  readonly record: PacketRecord;
  /** Of the flow that it belongs to. */
  readonly flow: number | undefined;
  readonly protocol: string | undefined;
  /** With rules: see way.ts. */
  readonly way: readonly string[] | undefined;
}

export class Lab {
  readonly entries: Entry[] = [];
  /** Milliseconds since the lab was set up. */
  time = 0;
  readonly peer: "server" | "firewall";
  readonly #conntrack: Conntrack;
  readonly #firewall: Firewall | undefined;

  private constructor(conntrack: Conntrack, firewall: Firewall | undefined, peer: Lab["peer"]) {
    this.#conntrack = conntrack;
    this.#firewall = firewall;
    this.peer = peer;
  }

  static async create({ sysctl = {}, helpers = [], rules, peer = "server" }: LabOptions = {}): Promise<Lab> {
    const options = { sysctl, eventCapacity: 0, hashSeed: new Uint8Array(16) };
    const firewall =
      rules === undefined
        ? undefined
        : await Firewall.fromIptablesSave({ ipv4: rules }, { ...options, ...NETWORK });
    const conntrack = firewall?.conntrack ?? (await Conntrack.create(options));
    for (const name of helpers) conntrack.addHelper({ name });
    return new Lab(conntrack, firewall, peer);
  }

  send(side: Side, bytes: Uint8Array): Entry {
    const met = this.#firewall?.process(bytes, { time: this.time, trace: true, ...this.#entrance(side) });
    const result: TrackResult = met ?? this.#conntrack.track(bytes, { time: this.time });
    const { flow } = result;
    const record = recordOf(result, dissect(bytes), this.entries.length + 1, this.time, flow);
    const way = met && wayOf(met);
    const entry = { side, bytes, record, flow: flow?.id, protocol: flow?.protocol, way };
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

  /** The rules with what they counted; undefined when there are none. */
  rules(): string | undefined {
    return this.#firewall?.save({ counters: true }).ipv4;
  }

  /** Lines as /proc/net/nf_conntrack and /proc/net/nf_conntrack_expect have them now. */
  table(): string[] {
    return linesOf(this.#conntrack.procNetNfConntrack({ time: this.time }));
  }

  expectations(): string[] {
    return linesOf(this.#conntrack.procNetNfConntrackExpect({ time: this.time }));
  }

  #entrance(side: Side) {
    if (side === "client") return { in: "lan" };
    return this.peer === "firewall" ? { local: true } : { in: "wan" };
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
  readonly #server: string;
  readonly #next: Record<Side, number> = { client: 1000, server: 5000 };

  constructor(sport: number, dport: number, server = SERVER) {
    this.sport = sport;
    this.dport = dport;
    this.#server = server;
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
      ? { src: CLIENT, dst: this.#server, sport, dport }
      : { src: this.#server, dst: CLIENT, sport: dport, dport: sport };
  }
}
