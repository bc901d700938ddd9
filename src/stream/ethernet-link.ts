/** Frames around packets, and the neighbours on the line: what asks for the router's address is answered here. */
import { parseAddress } from "../address.js";
import { ConntrackError } from "../errors.js";
import type { Network } from "../network.js";
import { answerTo, ask, type Heard, hearArp } from "./arp.js";
import { frameOf, type Mac, macOf, macText } from "./frame.js";
import { advertisement, hearNeighbour, multicastMac, solicitation } from "./neighbour-discovery.js";
import { Neighbours } from "./neighbours.js";
import type { Link } from "./packet-router.js";

export interface EthernetOptions {
  /** The device's own address, as 02:00:00:00:00:01. */
  readonly mac: string;
  /** Where packets go that are for no network of the device, one address for each family that there is. */
  readonly gateways?: readonly string[];
}

const ETHERNET_HEADER = 14;
const IPV4 = 0x0800;
const ARP = 0x0806;
const IPV6 = 0x86dd;
const BROADCAST: Mac = Uint8Array.of(255, 255, 255, 255, 255, 255);

export class EthernetLink implements Link {
  readonly #network: Network;
  readonly #device: string;
  readonly #mac: Mac;
  readonly #gateways: ReadonlyMap<"ipv4" | "ipv6", readonly number[]>;
  readonly #emit: (frame: Uint8Array) => void;
  readonly #neighbours: Neighbours;

  /** @throws ConntrackError CT_BAD_OPTION */
  constructor(network: Network, device: string, options: EthernetOptions, emit: (frame: Uint8Array) => void) {
    this.#network = network;
    this.#device = device;
    this.#mac = macOf(options.mac);
    if ((this.#mac[0] ?? 0) & 1)
      throw new ConntrackError("CT_BAD_OPTION", `${options.mac} is a group's address`);
    const gateways = (options.gateways ?? []).map(parseAddress);
    this.#gateways = new Map(gateways.map(({ family, address }) => [family, address]));
    this.#emit = emit;
    this.#neighbours = new Neighbours((address) => this.#ask(address));
  }

  receive(frame: Uint8Array, now: number): Uint8Array | undefined {
    if (frame.length < ETHERNET_HEADER || !this.#isOurs(frame)) return undefined;
    const type = ((frame[12] ?? 0) << 8) | (frame[13] ?? 0);
    const content = frame.subarray(ETHERNET_HEADER);
    if (type === ARP) {
      const heard = hearArp(content);
      if (heard) this.#hear(heard, now);
      return undefined;
    }
    if (type !== IPV4 && type !== IPV6) return undefined;
    const heard = type === IPV6 ? hearNeighbour(content) : undefined;
    if (!heard) return content;
    this.#hear(heard, now);
    return undefined;
  }

  transmit(packet: Uint8Array, now: number): void {
    const six = (packet[0] ?? 0) >> 4 === 6;
    const destination = Array.from(six ? packet.subarray(24, 40) : packet.subarray(16, 20));
    const send = (mac: Mac, waiting: Uint8Array) => this.#send(mac, six ? IPV6 : IPV4, waiting);
    const group = this.#groupMac(destination);
    if (group) send(group, packet);
    else this.#neighbours.deliver(this.#nextHop(destination), packet, now, send);
  }

  #isOurs(frame: Uint8Array): boolean {
    const group = ((frame[0] ?? 0) & 1) !== 0;
    return group || macText(frame.subarray(0, 6)) === macText(this.#mac);
  }

  /** Whoever asks is known from then on; who answers is, if he was asked for. */
  #hear({ asker, target, mac, answers, wants }: Heard, now: number): void {
    if (!answers && wants && this.#owns(wants)) {
      if (target && mac) this.#neighbours.learn(target, mac, now, true);
      this.#answer(wants, asker, mac);
    } else if (target && mac) {
      this.#neighbours.learn(target, mac, now, false);
    }
  }

  #answer(own: readonly number[], asker: readonly number[] | undefined, mac: Mac | undefined): void {
    const to = mac ?? BROADCAST;
    if (own.length === 4) {
      if (asker) this.#send(to, ARP, answerTo({ own, mac: this.#mac, asker, to }));
      return;
    }
    // Who has no address yet is answered so that all hear it (RFC 4861 section 7.2.4).
    const packet = advertisement(own, asker, this.#mac);
    this.#send(asker && mac ? mac : multicastMac(packet.subarray(24, 40)), IPV6, packet);
  }

  #ask(address: readonly number[]): void {
    const own = this.#network.addressFor(this.#device, address);
    if (own && address.length === 4) {
      this.#send(BROADCAST, ARP, ask({ own, mac: this.#mac, address }));
    } else if (own) {
      const packet = solicitation(own, address, this.#mac);
      this.#send(multicastMac(packet.subarray(24, 40)), IPV6, packet);
    }
  }

  #owns(address: readonly number[]): boolean {
    return this.#network.isAddressOf(this.#device, address);
  }

  /** Without a gateway everybody is a neighbour. */
  #nextHop(destination: readonly number[]): readonly number[] {
    if (this.#network.isOnLink(this.#device, destination)) return destination;
    return this.#gateways.get(destination.length === 4 ? "ipv4" : "ipv6") ?? destination;
  }

  /** Of broadcasts and groups (RFC 1112 section 6.4, RFC 2464 section 7). */
  #groupMac(destination: readonly number[]): Mac | undefined {
    const [first = 0, second = 0, third = 0, fourth = 0] = destination;
    if (destination.length === 16)
      return first === 0xff ? multicastMac(Uint8Array.from(destination)) : undefined;
    if (first >= 224 && first < 240) return Uint8Array.of(0x01, 0x00, 0x5e, second & 0x7f, third, fourth);
    return this.#network.isBroadcastOf(this.#device, destination) ? BROADCAST : undefined;
  }

  #send(to: Mac, type: number, content: Uint8Array): void {
    this.#emit(frameOf(to, this.#mac, type, content));
  }
}
