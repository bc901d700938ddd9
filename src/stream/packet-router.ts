/**
 * A firewall between streams: each side of the router is a pair of web streams, so that whatever carries packets in
 * JavaScript (a virtual machine, a userspace stack, a WebSocket) is connected by piping.
 */
import { ConntrackError } from "../errors.js";
import type { Firewall } from "../firewall.js";
import type { Network } from "../network.js";
import { EthernetLink, type EthernetOptions } from "./ethernet-link.js";

export interface RouterOptions {
  /** Milliseconds that do not run backwards; default performance.now(). */
  readonly clock?: () => number;
  /** Is handed what is for the machine itself, as rules and NAT have left it. Default: nobody listens. */
  readonly local?: (packet: Uint8Array, device: string) => void;
}

export interface PortOptions {
  /** Default: raw IP packets. */
  readonly ethernet?: EthernetOptions;
  /** Packets that wait to be read at most; further ones are lost, as in a router whose line is full. Default 1000. */
  readonly queue?: number;
}

/** One side of the router. */
export interface Port {
  /** What leaves the router by the device. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What arrives at it. */
  readonly writable: WritableStream<Uint8Array>;
  /** Packets lost because nobody has read them. */
  readonly lost: number;
  /** Ends both streams. */
  close(): void;
}

/** How packets are put on a line: as they are, or in frames. */
export interface Link {
  /** The IP packets in something that has come. Answers of the link's own are handed to `send`. */
  receive(bytes: Uint8Array, now: number): Uint8Array | undefined;
  /** Sends a packet, now or when its receiver is known. */
  transmit(packet: Uint8Array, now: number): void;
}

const QUEUE = 1000;

export class PacketRouter {
  readonly #firewall: Firewall;
  readonly #network: Network;
  readonly #clock: () => number;
  readonly #local: ((packet: Uint8Array, device: string) => void) | undefined;
  readonly #links = new Map<string, Link>();

  /** Use Firewall.stream(). */
  constructor(firewall: Firewall, network: Network, options: RouterOptions = {}) {
    this.#firewall = firewall;
    this.#network = network;
    this.#clock = options.clock ?? (() => performance.now());
    this.#local = options.local;
  }

  /**
   * The streams of a device. A device has one port at a time; without one, what leaves by it is lost.
   * @throws ConntrackError CT_BAD_OPTION when the device has a port already, or for an option that makes no sense
   */
  port(device: string, options: PortOptions = {}): Port {
    if (this.#links.has(device)) {
      throw new ConntrackError("CT_BAD_OPTION", `device ${device} has a port already`);
    }
    const queue = options.queue ?? QUEUE;
    if (!Number.isInteger(queue) || queue < 1) {
      throw new ConntrackError("CT_BAD_OPTION", `queue: expected at least 1 packet, got ${queue}`);
    }
    let lost = 0;
    let open = true;
    let reader!: ReadableStreamDefaultController<Uint8Array>;
    const emit = (bytes: Uint8Array) => {
      if (!open) return;
      if ((reader.desiredSize ?? 0) > 0) reader.enqueue(bytes);
      else lost++;
    };
    const link: Link = options.ethernet
      ? new EthernetLink(this.#network, device, options.ethernet, emit)
      : { receive: (bytes) => bytes, transmit: emit };
    const end = () => {
      if (!open) return;
      open = false;
      this.#links.delete(device);
    };
    const close = () => {
      if (open) reader.close();
      end();
    };
    const readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          reader = controller;
        },
        cancel: end,
      },
      { highWaterMark: queue },
    );
    const writable = new WritableStream<Uint8Array>({
      write: (bytes) => {
        const now = this.#clock();
        const packet = open ? link.receive(bytes, now) : undefined;
        if (packet) this.#take(packet, { in: device }, now);
      },
      close,
      abort: close,
    });
    this.#links.set(device, link);
    return {
      readable,
      writable,
      close,
      get lost() {
        return lost;
      },
    };
  }

  /** What the machine itself sends, from the IP header on. */
  send(packet: Uint8Array): void {
    this.#take(packet, { local: true }, this.#clock());
  }

  #take(packet: Uint8Array, from: { in: string } | { local: true }, now: number): void {
    const result = this.#firewall.process(packet, { ...from, time: now });
    for (const one of result.packets) {
      if (result.out !== undefined) this.#links.get(result.out)?.transmit(one, now);
      else if (result.path.at(-1) === "INPUT") this.#local?.(one, "in" in from ? from.in : "lo");
    }
    for (const reply of result.replies) {
      if (reply.out !== undefined) this.#links.get(reply.out)?.transmit(reply.packet, now);
    }
  }
}
