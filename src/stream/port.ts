/** A device of the machine as a pair of web streams: what is written to it arrives, what leaves by it can be read. */
import type { Link, LinkHost } from "./link.js";

/** Packets or frames since the port was opened. */
export interface PortCounters {
  /** Packets that have arrived and met the rules. */
  readonly received: number;
  /** What has been given to the reader's queue, questions for addresses included. */
  readonly sent: number;
  /** What was not sent because the reader had fallen behind. */
  readonly dropped: number;
  /** Frames that were nothing for this machine: to another address, with a VLAN tag, not IP, malformed, too long. */
  readonly ignored: number;
  /** Packets that were not sent because their next hop did not answer, or too many waited for it. */
  readonly unresolved: number;
}

/** What a port needs of its stream. */
export interface PortHost {
  /** Takes an arriving packet; false for one that is too long. */
  arrive(packet: Uint8Array): boolean;
  unreachable(packet: Uint8Array): void;
  /** Nothing arrives any more; what has arrived may still be answered. */
  closing(): void;
}

/** Made by FirewallStream.port(); fits `source.pipeThrough(port).pipeTo(sink)`. */
export class Port implements ReadableWritablePair<Uint8Array, Uint8Array> {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #host: PortHost;
  readonly #link: Link;
  readonly #counters = { received: 0, sent: 0, dropped: 0, ignored: 0, unresolved: 0 };
  #reader!: ReadableStreamDefaultController<Uint8Array>;
  #writer!: WritableStreamDefaultController;
  #open = true;

  /** Use FirewallStream.port(). */
  constructor(host: PortHost, queue: number, makeLink: (host: LinkHost) => Link) {
    this.#host = host;
    this.#link = makeLink({
      accept: (packet) => this.#accept(packet),
      ignore: () => this.#counters.ignored++,
      emit: (frame) => this.#emit(frame),
      lose: (packet) => {
        this.#counters.unresolved++;
        if (packet) host.unreachable(packet);
      },
    });
    const readable: UnderlyingDefaultSource<Uint8Array> = {
      start: (controller) => {
        this.#reader = controller;
      },
      cancel: (reason) => this.#end(() => this.#writer.error(reason)),
    };
    this.readable = new ReadableStream(readable, { highWaterMark: queue });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#writer = controller;
      },
      write: (frame) => this.#link.receive(frame),
      close: () => this.#end(() => this.#reader.close()),
      abort: (reason) => this.#end(() => this.#reader.error(reason)),
    });
  }

  get counters(): PortCounters {
    return { ...this.#counters };
  }

  /** Sends a packet out by this port. */
  transmit(packet: Uint8Array): void {
    if (this.#open) this.#link.transmit(packet);
  }

  /** Unplugs the port: its reader comes to an end, its writer to an error. Closing or cancelling either does it, too. */
  close(): void {
    this.#end(() => {
      this.#reader.close();
      this.#writer.error(new TypeError("the port is closed"));
    });
  }

  #accept(packet: Uint8Array): void {
    if (this.#host.arrive(packet)) this.#counters.received++;
    else this.#counters.ignored++;
  }

  /** As a network card does: what nobody fetches is thrown away, so that one slow reader stops nobody else. */
  #emit(frame: Uint8Array): void {
    if (!this.#open) return;
    if ((this.#reader.desiredSize ?? 0) <= 0) {
      this.#counters.dropped++;
      return;
    }
    this.#counters.sent++;
    this.#reader.enqueue(frame);
  }

  #end(tell: () => void): void {
    if (!this.#open) return;
    this.#host.closing();
    this.#open = false;
    tell();
    this.#link.close();
  }
}
