/** What the tutorial's figures show: a client, a server, and a machine between them that tracks. */
import { Conntrack, type ConntrackEvent, type TrackResult } from "../../src/index.js";
import { icmp, icmpError, tcp, udp } from "../../src/packet/index.js";

export type Side = "client" | "server";

export interface Ends {
  readonly client: string;
  readonly server: string;
  readonly clientPort?: number;
  readonly serverPort?: number;
}

/** Who sends what, and when: time passes only by wait(). */
export class Machine {
  readonly ct: Conntrack;
  #time = 0;

  private constructor(ct: Conntrack) {
    this.ct = ct;
  }

  static async create(sysctl: Readonly<Record<string, number>> = {}): Promise<Machine> {
    return new Machine(await Conntrack.create({ sysctl }));
  }

  wait(seconds: number): void {
    this.#time += seconds * 1000;
  }

  send(packet: Uint8Array, options: { confirm?: boolean; hook?: "PREROUTING" | "OUTPUT" } = {}): TrackResult {
    return this.ct.track(packet, { time: this.#time, ...options });
  }

  /** The listing of today, one line a flow. */
  lines(): string[] {
    return this.ct.procNetNfConntrack({ time: this.#time }).split("\n").slice(0, -1);
  }

  /** The listing that the tutorial shows. */
  oldLines(): string[] {
    return this.ct.procNetIpConntrack({ time: this.#time }).split("\n").slice(0, -1);
  }

  expectations(): string[] {
    return this.ct.procNetNfConntrackExpect({ time: this.#time }).split("\n").slice(0, -1);
  }

  events(): readonly ConntrackEvent[] {
    return this.ct.drainEvents();
  }

  /** Flows that are over go now. */
  expire(): void {
    this.ct.expire({ time: this.#time });
  }

  connection(ends: Ends): Connection {
    return new Connection(this, ends);
  }

  datagrams(ends: Ends): Datagrams {
    return new Datagrams(this, ends);
  }

  ping(ends: Ends, icmpId: number): Ping {
    return new Ping(this, ends, icmpId);
  }

  /** A router or host complains of a packet. */
  complain(about: Uint8Array, src: string, error: Parameters<typeof icmpError>[1]["error"]): TrackResult {
    return this.send(icmpError(about, { src, error }));
  }
}

/** A TCP connection whose sequence numbers keep themselves. */
export class Connection {
  readonly #machine: Machine;
  readonly #ends: Required<Ends>;
  readonly #next = { client: 1000, server: 5000 };

  constructor(machine: Machine, ends: Ends) {
    this.#machine = machine;
    this.#ends = { clientPort: 1031, serverPort: 23, ...ends };
  }

  /** The segment that side would send next. `flags`: "SYN", "SYN+ACK" ... "NONE". */
  segment(from: Side, flags: string, payload = ""): Uint8Array {
    const { client, server, clientPort, serverPort } = this.#ends;
    const there = from === "client";
    const has = (flag: string) => flags.split("+").includes(flag);
    const packet = tcp({
      src: there ? client : server,
      dst: there ? server : client,
      sport: there ? clientPort : serverPort,
      dport: there ? serverPort : clientPort,
      flags,
      seq: this.#next[from],
      ack: has("ACK") ? this.#next[there ? "server" : "client"] : 0,
      payload,
    });
    this.#next[from] += payload.length + (has("SYN") || has("FIN") ? 1 : 0);
    return packet;
  }

  client(flags: string, payload = ""): TrackResult {
    return this.#machine.send(this.segment("client", flags, payload));
  }

  server(flags: string, payload = ""): TrackResult {
    return this.#machine.send(this.segment("server", flags, payload));
  }

  open(): this {
    this.client("SYN");
    this.server("SYN+ACK");
    this.client("ACK");
    return this;
  }
}

export class Datagrams {
  readonly #machine: Machine;
  readonly #ends: Required<Ends>;

  constructor(machine: Machine, ends: Ends) {
    this.#machine = machine;
    this.#ends = { clientPort: 1025, serverPort: 53, ...ends };
  }

  packet(from: Side, payload = "x"): Uint8Array {
    const { client, server, clientPort, serverPort } = this.#ends;
    return from === "client"
      ? udp({ src: client, dst: server, sport: clientPort, dport: serverPort, payload })
      : udp({ src: server, dst: client, sport: serverPort, dport: clientPort, payload });
  }

  client(): TrackResult {
    return this.#machine.send(this.packet("client"));
  }

  server(): TrackResult {
    return this.#machine.send(this.packet("server"));
  }
}

export class Ping {
  readonly #machine: Machine;
  readonly #ends: Ends;
  readonly #id: number;

  constructor(machine: Machine, ends: Ends, icmpId: number) {
    this.#machine = machine;
    this.#ends = ends;
    this.#id = icmpId;
  }

  request(code = 0): TrackResult {
    const { client, server } = this.#ends;
    return this.#machine.send(icmp({ src: client, dst: server, type: 8, code, icmpId: this.#id }));
  }

  reply(code = 0, icmpId = this.#id): TrackResult {
    const { client, server } = this.#ends;
    return this.#machine.send(icmp({ src: server, dst: client, type: 0, code, icmpId }));
  }
}
