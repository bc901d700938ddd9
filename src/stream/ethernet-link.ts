/**
 * Ethernet: frames to and from the machine's own card. Finds neighbours and answers them, by ARP and by neighbour
 * discovery, of which rules see nothing. Frames with a VLAN tag are not for this card.
 */
import type { Network } from "../network.js";
import { addressesOf } from "./addresses.js";
import { readArp, writeArp } from "./arp.js";
import type { Link, LinkHost } from "./link.js";
import { BROADCAST, groupMac, isGroup, linkLocalAddress, type Mac, sameBytes } from "./mac.js";
import {
  type Addressed,
  advertise,
  isNeighbourDiscovery,
  isUnspecified,
  readNeighbourDiscovery,
  type Solicitation,
  solicit,
} from "./neighbour-discovery.js";
import { type NeighbourLink, Neighbours } from "./neighbours.js";

const HEADER = 14;

enum EtherType {
  IPV4 = 0x0800,
  ARP = 0x0806,
  IPV6 = 0x86dd,
}

export class EthernetLink implements Link, NeighbourLink {
  readonly #host: LinkHost;
  readonly #network: Network;
  readonly #device: string;
  readonly #mac: Mac;
  readonly #linkLocal: Uint8Array;
  readonly #neighbours: Neighbours;
  readonly clock: () => number;

  constructor(host: LinkHost, network: Network, device: string, mac: Mac, clock: () => number) {
    this.#host = host;
    this.#network = network;
    this.#device = device;
    this.#mac = mac;
    this.#linkLocal = linkLocalAddress(mac);
    this.clock = clock;
    this.#neighbours = new Neighbours(this);
  }

  receive(frame: Uint8Array): void {
    if (!this.#take(frame)) this.#host.ignore();
  }

  /** False for what is nothing for this machine. */
  #take(frame: Uint8Array): boolean {
    const toGroup = isGroup(frame);
    const sender = frame.slice(6, 12);
    if (frame.length <= HEADER || isGroup(sender)) return false;
    if (!toGroup && !sameBytes(frame.subarray(0, 6), this.#mac)) return false;
    const payload = frame.subarray(HEADER);
    switch (((frame[12] as number) << 8) | (frame[13] as number)) {
      case EtherType.ARP:
        return this.#receiveArp(payload);
      case EtherType.IPV4:
        return this.#receivePacket(payload, 4, toGroup);
      case EtherType.IPV6:
        return isNeighbourDiscovery(payload)
          ? this.#discover(payload, sender)
          : this.#receivePacket(payload, 6, toGroup);
      default:
        return false;
    }
  }

  /** RFC 1122 section 3.3.6: what comes to all has to be for all; else each of them would pass it on. */
  #receivePacket(packet: Uint8Array, version: number, toGroup: boolean): boolean {
    if (packet.length < (version === 4 ? 20 : 40) || (packet[0] as number) >> 4 !== version) return false;
    if (toGroup && !this.#network.isGroup(addressesOf(packet).destination)) return false;
    this.#host.accept(packet);
    return true;
  }

  transmit(packet: Uint8Array): void {
    const destination = addressesOf(packet).destination;
    const network = this.#network;
    if (!network.isGroup(destination)) this.#neighbours.send(packet, network.nextHop(destination));
    else if (network.isMulticast(destination)) this.send(packet, groupMac(destination));
    else this.send(packet, BROADCAST);
  }

  close(): void {
    this.#neighbours.clear();
  }

  // --- what neighbours need

  ask(address: Uint8Array, last?: Mac): void {
    if (address.length === 16) {
      this.#tell(solicit(address, { address: this.#linkLocal, mac: this.#mac }, last));
      return;
    }
    const sender = this.#network.sourceFor(address) ?? new Uint8Array(4);
    const request = writeArp({ request: true, senderMac: this.#mac, sender, target: address });
    this.#emit(request, last ?? BROADCAST, EtherType.ARP);
  }
  send(packet: Uint8Array, to: Mac): void {
    this.#emit(packet, to, (packet[0] as number) >> 4 === 6 ? EtherType.IPV6 : EtherType.IPV4);
  }
  unreachable(packet: Uint8Array): void {
    this.#host.lose(packet);
  }
  overflow(): void {
    this.#host.lose();
  }

  #tell({ packet, to }: Addressed): void {
    this.#emit(packet, to, EtherType.IPV6);
  }

  #emit(payload: Uint8Array, to: Mac, type: EtherType): void {
    const frame = new Uint8Array(HEADER + payload.length);
    frame.set(to);
    frame.set(this.#mac, 6);
    frame[12] = type >> 8;
    frame[13] = type & 0xff;
    frame.set(payload, HEADER);
    this.#host.emit(frame);
  }

  /** RFC 826, and the probes of RFC 5227, whose sender has no address yet. */
  #receiveArp(payload: Uint8Array): boolean {
    const message = readArp(payload);
    if (!message || isGroup(message.senderMac)) return false;
    const { request, sender, senderMac, target } = message;
    const forUs = this.#network.isOwn(target);
    if (this.#network.isNeighbour(sender, this.#device)) {
      this.#neighbours.learn(sender, senderMac, request && forUs);
    } else if (!isUnspecified(sender)) {
      return false;
    }
    if (request && forUs) {
      const answer = writeArp(
        { request: false, senderMac: this.#mac, sender: target, target: sender },
        senderMac,
      );
      this.#emit(answer, senderMac, EtherType.ARP);
    }
    return true;
  }

  /** RFC 4861 sections 7.2.3 to 7.2.5. */
  #discover(packet: Uint8Array, sender: Mac): boolean {
    const message = readNeighbourDiscovery(packet);
    if (!message || (message.mac && isGroup(message.mac))) return false;
    if (message.kind === "solicitation") return this.#answer(message, sender);
    const { target, mac, solicited, override } = message;
    const known = this.#neighbours.macOf(target);
    if (!mac) {
      if (known && solicited) this.#neighbours.learn(target, known, false);
    } else if (override || !known || sameBytes(known, mac)) {
      this.#neighbours.learn(target, mac, false);
    }
    return true;
  }

  #answer(message: Solicitation, sender: Mac): boolean {
    const { source, target, mac } = message;
    if (!sameBytes(target, this.#linkLocal) && !this.#network.isOwn(target)) return false;
    if (mac && this.#isNeighbour6(source)) this.#neighbours.learn(source, mac, true);
    this.#tell(advertise(message, this.#mac, mac ?? sender));
    return true;
  }

  #isNeighbour6(address: Uint8Array): boolean {
    const linkLocal = address[0] === 0xfe && ((address[1] as number) & 0xc0) === 0x80;
    return linkLocal || this.#network.isNeighbour(address, this.#device);
  }
}
