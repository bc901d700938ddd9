/**
 * A firewall as a router between streams of packets: each of its devices is a pair of web streams, and so is the
 * machine itself. What arrives in one turn of the event loop goes through the rules as one batch.
 */
import type { Batch } from "../batch.js";
import { ConntrackError } from "../errors.js";
import type { Firewall } from "../firewall.js";
import type { FirewallResult } from "../firewall-result.js";
import type { Network } from "../network.js";
import { addressesOf } from "./addresses.js";
import { echoReply } from "./echo.js";
import { EthernetLink } from "./ethernet-link.js";
import { BareLink } from "./link.js";
import { parseMac } from "./mac.js";
import { Port } from "./port.js";
import { soon } from "./soon.js";
import { hostUnreachable } from "./unreachable.js";

export interface StreamOptions {
  /** The time in milliseconds, never running backwards; default milliseconds since 1970 by `performance`. */
  readonly clock?: () => number;
  /** Packets that wait for the reader of a port, at most; default 1000. What comes on top is dropped and counted. */
  readonly queue?: number;
  /** Whether the machine answers pings of its own addresses; default true. */
  readonly echo?: boolean;
}

export interface PortOptions {
  /**
   * Address of the device's network card, such as "02:00:00:00:00:01": the port's streams carry Ethernet frames.
   * Default: they carry bare IP packets.
   */
  readonly mac?: string;
}

export interface StreamCounters {
  /** Packets that left by a device without a port. */
  readonly unplugged: number;
  /** Packets for the machine itself that nobody took. */
  readonly undelivered: number;
}

/** Packets of one call into the engine; one that is fuller runs at once. */
const BATCH = 256;
const DEFAULT_QUEUE = 1000;

export class FirewallStream {
  readonly #firewall: Firewall;
  readonly #network: Network;
  readonly #icmpErrors: boolean;
  readonly #clock: () => number;
  readonly #queue: number;
  readonly #echo: boolean;
  readonly #ports = new Map<string, Port>();
  /** Of the machine's own packets. */
  readonly #sending: Batch;
  /** Batches with packets. */
  readonly #waiting = new Set<Batch>();
  readonly #counters = { unplugged: 0, undelivered: 0 };
  #local: Port | undefined;
  #scheduled = false;
  #closed = false;

  /** Use Firewall.stream(). */
  constructor(firewall: Firewall, network: Network, icmpErrors: boolean, options: StreamOptions) {
    const { queue = DEFAULT_QUEUE } = options;
    if (!Number.isInteger(queue) || queue < 1) {
      throw new ConntrackError("CT_BAD_OPTION", `queue: expected at least 1 packet, got ${queue}`);
    }
    this.#firewall = firewall;
    this.#network = network;
    this.#icmpErrors = icmpErrors;
    this.#clock = options.clock ?? (() => performance.timeOrigin + performance.now());
    this.#queue = queue;
    this.#echo = options.echo ?? true;
    this.#sending = firewall.createBatch(BATCH, { local: true });
  }

  /**
   * Plugs a network into a device: what is written to the port arrives, what leaves by the device can be read.
   * @throws ConntrackError CT_BAD_OPTION when the machine has no such device, or its port is in use; for a wrong `mac`;
   * when the stream is closed
   */
  port(device: string, options: PortOptions = {}): Port {
    this.#checkOpen();
    if (!this.#network.has(device) || device === "lo") {
      throw new ConntrackError("CT_BAD_OPTION", `${device} is no device of interfaces or routes`);
    }
    if (this.#ports.has(device)) throw new ConntrackError("CT_BAD_OPTION", `the port ${device} is in use`);
    const mac = options.mac === undefined ? undefined : parseMac(options.mac);
    const batch = this.#firewall.createBatch(BATCH, { in: device });
    const host = {
      arrive: (packet: Uint8Array) => this.#enter(batch, packet),
      unreachable: (packet: Uint8Array) => this.#tellUnreachable(packet),
      closing: () => {
        if (this.#waiting.has(batch)) this.#run(batch);
        this.#ports.delete(device);
        batch.release();
      },
    };
    const port = new Port(host, this.#queue, (link) =>
      mac ? new EthernetLink(link, this.#network, device, mac, this.#clock) : new BareLink(link),
    );
    this.#ports.set(device, port);
    return port;
  }

  /**
   * The machine itself, for a network stack of its own: what is delivered to it can be read, what is written is sent by
   * it. Bare IP packets; fragments are put together. Until this is asked for, what is delivered is only counted.
   * @throws ConntrackError CT_BAD_OPTION when the stream is closed
   */
  get local(): Port {
    this.#checkOpen();
    this.#local ??= new Port(
      {
        arrive: (packet) => this.#enter(this.#sending, packet),
        unreachable: () => {},
        closing: () => {
          this.#local = undefined;
        },
      },
      this.#queue,
      (link) => new BareLink(link),
    );
    return this.#local;
  }

  get counters(): StreamCounters {
    return { ...this.#counters };
  }

  /** Unplugs all ports for good. The firewall and its flows stay. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const port of [...this.#ports.values()]) port.close();
    this.#local?.close();
    this.#waiting.clear();
    this.#sending.release();
  }

  #checkOpen(): void {
    if (this.#closed) throw new ConntrackError("CT_BAD_OPTION", "the stream is closed");
  }

  /** False for a packet that is too long for any device. */
  #enter(batch: Batch, packet: Uint8Array): boolean {
    const time = this.#clock();
    if (!batch.push(packet, time)) {
      this.#run(batch);
      if (!batch.push(packet, time)) return false;
    }
    this.#waiting.add(batch);
    if (!this.#scheduled) {
      this.#scheduled = true;
      soon(() => {
        this.#scheduled = false;
        for (const waiting of this.#waiting) this.#run(waiting);
      });
    }
    return true;
  }

  #run(batch: Batch): void {
    this.#waiting.delete(batch);
    this.#firewall.processBatch(batch);
    // All of them before the first is sent: that may fill and run batches again.
    const results = Array.from({ length: batch.length }, (_, i) => this.#firewall.result(batch, i));
    batch.clear();
    for (const result of results) this.#forward(result);
  }

  #forward(result: FirewallResult): void {
    for (const packet of result.packets) this.#handOn(packet, result);
    for (const reply of result.replies) if (reply.verdict === "ACCEPT") this.#handOn(reply.packet, reply);
  }

  #handOn(packet: Uint8Array, { path, out }: Pick<FirewallResult, "path" | "out">): void {
    if (path.at(-1) === "INPUT") this.#deliver(packet);
    else if (out !== undefined) this.#transmit(out, packet);
  }

  #transmit(device: string, packet: Uint8Array): void {
    const port = this.#ports.get(device);
    if (port) port.transmit(packet);
    else this.#counters.unplugged++;
  }

  #deliver(packet: Uint8Array): void {
    const answer =
      this.#echo && !this.#network.isGroup(addressesOf(packet).destination) ? echoReply(packet) : undefined;
    if (answer) this.#enter(this.#sending, answer);
    else if (this.#local) this.#local.transmit(packet);
    else this.#counters.undelivered++;
  }

  #tellUnreachable(packet: Uint8Array): void {
    const source = this.#icmpErrors ? this.#network.sourceFor(addressesOf(packet).source) : undefined;
    const error = source && hostUnreachable(packet, source);
    if (error) this.#enter(this.#sending, error);
  }
}
