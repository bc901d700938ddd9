/** The machine that the rules are for: its devices, and by which of them a captured packet reached it. */
import ipaddr from "ipaddr.js";
import type { FirewallOptions } from "../../index.js";
import { ANYWHERE, arrivalsOf, BY_ITSELF } from "../arrivals.js";
import type { Rules } from "../model.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** A device's number in `devices`, or LOCAL: the machine sent the packet itself. */
export type Arrival = number;
export const LOCAL: Arrival = -1;

/** More senders than that are looked up anew. */
const MOST_KNOWN = 100_000;

export class Machine {
  readonly devices: readonly string[];
  readonly options: Pick<FirewallOptions, "interfaces" | "routes">;
  /** Where the visitor says that packets enter: the first one that fits counts. */
  readonly #chosen: readonly { readonly from: [Address, number] | undefined; readonly arrival: Arrival }[];
  readonly #networks: readonly { readonly device: number; readonly own: Address; readonly bits: number }[];
  readonly #default: number;
  readonly #known = new Map<string, Arrival>();

  /**
   * @param rules devices: a line a device, its name, its addresses with prefix lengths, and "default" where all else is;
   * arrivals: see arrivals.ts. What these do not name comes by the device in whose network its source is.
   * @throws Error that names the line
   */
  constructor({ devices: text, arrivals }: Pick<Rules, "devices" | "arrivals">) {
    const devices: string[] = [];
    const interfaces: Record<string, string[]> = {};
    const networks: { device: number; own: Address; bits: number }[] = [];
    let fallback = -1;
    for (const line of text.split("\n")) {
      const [name, ...words] = line.trim().split(/\s+/);
      if (!name) continue;
      const device = devices.push(name) - 1;
      interfaces[name] = [];
      for (const word of words) {
        if (word === "default") fallback = device;
        else {
          const [own, bits] = cidr(word, line);
          interfaces[name].push(word);
          networks.push({ device, own, bits });
        }
      }
    }
    if (fallback < 0) throw new Error('devices: one of them has to be the "default" for all other addresses');
    this.devices = devices;
    this.#chosen = arrivalsOf(arrivals).map(({ from, by }) => {
      const arrival = by === BY_ITSELF ? LOCAL : devices.indexOf(by);
      if (by !== BY_ITSELF && arrival < 0) throw new Error(`arrivals: there is no device "${by}"`);
      return { from: from === ANYWHERE ? undefined : range(from), arrival };
    });
    this.#networks = networks.sort((a, b) => b.bits - a.bits);
    this.#default = fallback;
    this.options = { interfaces, routes: [{ to: "default", dev: devices[fallback] as string }] };
  }

  /** By which device a packet from this address comes. */
  arrivalOf(source: string): Arrival {
    const known = this.#known.get(source);
    if (known !== undefined) return known;
    const arrival = this.#find(ipaddr.parse(source));
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(source, arrival);
    return arrival;
  }

  #find(source: Address): Arrival {
    const chosen = this.#chosen.find(({ from }) => from === undefined || isIn(source, from));
    if (chosen) return chosen.arrival;
    const sameKind = this.#networks.filter(({ own }) => own.kind() === source.kind());
    if (sameKind.some(({ own }) => own.toString() === source.toString())) return LOCAL;
    const network = sameKind.find(({ own, bits }) => isIn(source, [own, bits]));
    return network?.device ?? this.#default;
  }
}

function isIn(address: Address, [network, bits]: [Address, number]): boolean {
  return address.kind() === network.kind() && address.match(network as ipaddr.IPv4 & ipaddr.IPv6, bits);
}

/** One address is a range, too. */
function range(text: string): [Address, number] {
  try {
    if (text.includes("/")) return ipaddr.parseCIDR(text);
    const address = ipaddr.parse(text);
    return [address, 8 * address.toByteArray().length];
  } catch {
    throw new Error(`arrivals: "${text}" is neither an address nor a network`);
  }
}

function cidr(word: string, line: string): [Address, number] {
  try {
    return ipaddr.parseCIDR(word);
  } catch {
    throw new Error(`devices: "${word}" in "${line.trim()}" is no address with a prefix length`);
  }
}
