/** `--pcap-out`: a capture of some packets. */
import { closeSync, openSync, writeSync } from "node:fs";
import { PcapWriter, type WritablePacket } from "../pcap/index.js";
import { InputError, UsageError } from "./fail.js";

export class PacketSink {
  readonly #file: string;
  readonly #descriptor: number;
  #writer: PcapWriter | undefined;
  #link = 0;

  constructor(file: string) {
    this.#file = file;
    try {
      this.#descriptor = openSync(file, "w");
    } catch (error) {
      throw new InputError((error as Error).message);
    }
  }

  /** The form has one link type for all packets: that of the first. */
  write(packet: WritablePacket & { readonly linkType: number }): void {
    if (!this.#writer) {
      this.#link = packet.linkType;
      this.#writer = new PcapWriter({ linkType: packet.linkType });
    }
    if (packet.linkType !== this.#link) {
      throw new UsageError(
        `${this.#file}: packets of link types ${this.#link} and ${packet.linkType} do not go into one capture`,
      );
    }
    this.#writer.write(packet);
    writeSync(this.#descriptor, this.#writer.take());
  }

  close(): void {
    // Without packets it is a capture all the same.
    if (!this.#writer) writeSync(this.#descriptor, new PcapWriter().take());
    closeSync(this.#descriptor);
  }
}
