/** What lies between a port and its network: bare IP packets, or frames around them. */

/** What a link needs of its port. */
export interface LinkHost {
  /** An IP packet has arrived. */
  accept(packet: Uint8Array): void;
  /** What has arrived is nothing for this machine. */
  ignore(): void;
  /** Gives a frame to the network. */
  emit(frame: Uint8Array): void;
  /** A packet could not be sent, because its next hop has not answered; `packet` if that is to be told its sender. */
  lose(packet?: Uint8Array): void;
}

export interface Link {
  receive(frame: Uint8Array): void;
  transmit(packet: Uint8Array): void;
  close(): void;
}

/** IP packets as they are, as a TUN device has them. */
export class BareLink implements Link {
  readonly #host: LinkHost;

  constructor(host: LinkHost) {
    this.#host = host;
  }

  receive(packet: Uint8Array): void {
    this.#host.accept(packet);
  }
  transmit(packet: Uint8Array): void {
    this.#host.emit(packet);
  }
  close(): void {}
}
