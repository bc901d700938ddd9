/** The machine's devices, addresses and routes, as rules and NAT see them. */
import { Family } from "../assembly/shared/protocol.js";
import { RouteType } from "../assembly/shared/route-type.js";
import { parseAddress, parseAddressRange, parseInterfaceAddress } from "./address.js";
import type { Engine } from "./engine/engine.js";
import { ConntrackError } from "./errors.js";

export interface RouteOption {
  /** A network in CIDR notation, or "default" for all destinations of both families. */
  readonly to: string;
  readonly dev: string;
  /** The router that it leads to, an address of one of the device's networks; default none: destinations are neighbours. */
  readonly via?: string;
  /** The machine's own address for what leaves by this route (MASQUERADE); default the one beside `via`, or the first one of the device. */
  readonly src?: string;
}

export interface NetworkOptions {
  /**
   * The machine's own devices with their addresses and networks, such as { tun0: ["10.1.0.1/16"] }. "lo" is there
   * without being named.
   */
  readonly interfaces?: Readonly<Record<string, readonly string[]>>;
  /** Beside the connected networks; the longest prefix wins, the earlier one of equals. */
  readonly routes?: readonly RouteOption[];
  /**
   * The largest packet of a device in bytes, at least 68; default 1500, of "lo" 65536. IPv4 packets that are longer and
   * may be fragmented leave in pieces, others are dropped. Below 1280, it is 1280 for IPv6. Captures from machines whose
   * cards join TCP segments need as much as the longest of those.
   */
  readonly mtu?: Readonly<Record<string, number>>;
  /** Multicast groups that the machine has joined, beside 224.0.0.1 and ff02::1. */
  readonly groups?: readonly string[];
}

interface Route {
  readonly family: "ipv4" | "ipv6";
  readonly address: readonly number[];
  readonly mask: readonly number[];
  readonly type: RouteType;
  readonly device: number;
  readonly source: readonly number[];
  /** The router on the way. */
  readonly via?: readonly number[] | undefined;
}

/** Bytes of a device's name in Linux, its end included. */
const NAME_SIZE = 16;
const DEFAULT_MTU = 1500;
const LOOPBACK_MTU = 65536;
const FULL = (family: "ipv4" | "ipv6") => new Array<number>(family === "ipv4" ? 4 : 16).fill(0xff);
const NOTHING = { ipv4: new Array<number>(4).fill(0), ipv6: new Array<number>(16).fill(0) };

export class Network {
  readonly #engine: Engine;
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [""];
  #mtu: Readonly<Record<string, number>> = {};
  /** The machine's own addresses. */
  #own: readonly Route[] = [];
  /** As the engine has them. */
  #routes: readonly Route[] = [];

  /** @throws ConntrackError CT_BAD_OPTION */
  constructor(engine: Engine, options: NetworkOptions) {
    this.#engine = engine;
    // The engine knows the loopback device by its number, 1.
    this.numberOf("lo");
    this.replace(options);
  }

  /**
   * Puts other addresses and routes in the place of all there are. What has been masqueraded as an address that is gone
   * ends, and so does all that was by a device that has none any more.
   * @throws ConntrackError CT_BAD_OPTION
   */
  replace(options: NetworkOptions): void {
    const mtus = options.mtu ?? {};
    for (const [name, mtu] of Object.entries(mtus)) checkMtu(name, mtu);
    const routes = this.#connected({ lo: ["127.0.0.1/8", "::1/128"], ...options.interfaces });
    for (const group of ["224.0.0.1", "ff02::1", ...(options.groups ?? [])]) {
      const { family, address } = parseInterfaceAddress(group);
      routes.push({
        family,
        address,
        mask: FULL(family),
        type: RouteType.MULTICAST,
        device: 0,
        source: NOTHING[family],
      });
    }
    for (const route of options.routes ?? []) routes.push(...this.#routesFor(route, routes));
    this.#mtu = mtus;
    for (const [name, number] of this.#numbers) this.#writeMtu(name, number);
    this.#routes = longestFirst(routes);
    this.#write(this.#routes);
    const before = this.#own;
    this.#own = routes.filter(({ type }) => type === RouteType.LOCAL);
    for (const gone of before) this.#endMasquerade(gone);
  }

  #endMasquerade({ device, family, address }: Route): void {
    const rest = this.#own.filter((own) => own.device === device);
    const same = (own: Route) => own.family === family && own.address.every((byte, i) => byte === address[i]);
    if (rest.some(same)) return;
    const bytes = new Uint8Array(16);
    bytes.set(address);
    const words = new DataView(bytes.buffer);
    const word = (i: number) => words.getUint32(4 * i, true);
    const number = rest.length === 0 ? 0 : family === "ipv4" ? Family.IPV4 : Family.IPV6;
    this.#engine.call.endMasquerade(device, number, word(0), word(1), word(2), word(3));
  }

  /** The number of a device, made known if it is new. @throws ConntrackError CT_BAD_OPTION */
  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const bytes = new TextEncoder().encode(name);
    if (bytes.length === 0 || bytes.length >= NAME_SIZE) {
      throw new ConntrackError(
        "CT_BAD_OPTION",
        `device ${JSON.stringify(name)}: expected a name of 1 to ${NAME_SIZE - 1} bytes`,
      );
    }
    const number = this.#names.length;
    const record = this.#engine.call.deviceRecord(number) >>> 0;
    this.#engine.placed++;
    this.#engine.refresh();
    if (!record) throw new ConntrackError("CT_BAD_OPTION", `device ${name}: too many devices`);
    this.#engine.u8.set(bytes, record);
    this.#writeMtu(name, number);
    this.#numbers.set(name, number);
    this.#names.push(name);
    return number;
  }

  #writeMtu(name: string, number: number): void {
    const mtu = this.#mtu[name] ?? (name === "lo" ? LOOPBACK_MTU : DEFAULT_MTU);
    const record = this.#engine.call.deviceRecord(number) >>> 0;
    this.#engine.u32[(record + NAME_SIZE) >>> 2] = mtu;
  }

  /** The name of a device by its number; undefined for 0. */
  nameOf(number: number): string | undefined {
    return this.#names[number] || undefined;
  }

  /** Whether there is a device of this name. */
  has(name: string): boolean {
    return this.#numbers.has(name);
  }

  // Questions of those who hand packets on. Addresses are 4 or 16 bytes.

  /** The neighbour that packets to `address` go to: itself, or the router on the way. */
  nextHop(address: Uint8Array): Uint8Array {
    const via = this.#routeTo(address)?.via;
    return via ? Uint8Array.from(via) : address;
  }
  /** The machine's own address towards another one, undefined when it has none there. */
  sourceFor(address: Uint8Array): Uint8Array | undefined {
    const source = this.#routeTo(address)?.source;
    return source?.some((byte) => byte !== 0) ? Uint8Array.from(source) : undefined;
  }
  /** Whether it is one of the machine's own, those of "lo" left out. */
  isOwn(address: Uint8Array): boolean {
    const route = this.#routeTo(address);
    return route?.type === RouteType.LOCAL && this.nameOf(route.device) !== "lo";
  }
  /** Whether it lies in a network that the device is connected to. */
  isNeighbour(address: Uint8Array, device: string): boolean {
    const route = this.#routeTo(address);
    return route?.type === RouteType.UNICAST && !route.via && this.nameOf(route.device) === device;
  }
  isMulticast(address: Uint8Array): boolean {
    const first = address[0] as number;
    return address.length === 4 ? first >> 4 === 0xe : first === 0xff;
  }
  /** Whether it is a multicast or broadcast address. */
  isGroup(address: Uint8Array): boolean {
    return this.isMulticast(address) || this.#routeTo(address)?.type === RouteType.BROADCAST;
  }

  #routeTo(address: Uint8Array): Route | undefined {
    return this.#routes.find((route) => contains(route, address));
  }

  /** What addresses of its own give a machine: themselves, their networks and those networks' broadcast addresses. */
  #connected(interfaces: Readonly<Record<string, readonly string[]>>): Route[] {
    const routes: Route[] = [];
    for (const [name, addresses] of Object.entries(interfaces)) {
      const device = this.numberOf(name);
      for (const text of addresses) {
        const { family, address, mask } = parseInterfaceAddress(text);
        const source = address;
        const network = address.map((byte, i) => byte & (mask[i] ?? 0));
        const own = { family, device, source };
        routes.push({ ...own, address, mask: FULL(family), type: RouteType.LOCAL });
        if (name === "lo" && family === "ipv4") {
          routes.push({ ...own, address: network, mask, type: RouteType.LOCAL });
          continue;
        }
        const bits = mask.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
        if (family === "ipv4" && bits <= 30) {
          const last = network.map((byte, i) => byte | (~(mask[i] ?? 0) & 0xff));
          routes.push({ ...own, address: last, mask: FULL(family), type: RouteType.BROADCAST });
        }
        // RFC 4291 section 2.6.1: a router answers to the network's own address.
        if (family === "ipv6" && bits < 127) {
          routes.push({ ...own, address: network, mask: FULL(family), type: RouteType.ANYCAST });
        }
        if (bits < address.length * 8)
          routes.push({ ...own, address: network, mask, type: RouteType.UNICAST });
      }
    }
    const all = { family: "ipv4", address: [255, 255, 255, 255], mask: FULL("ipv4"), device: 0 } as const;
    routes.push({ ...all, type: RouteType.BROADCAST, source: NOTHING.ipv4 });
    return routes;
  }

  #routesFor({ to, dev, src, via }: RouteOption, known: readonly Route[]): Route[] {
    const device = this.numberOf(dev);
    const router = via === undefined ? undefined : parseAddress(via);
    const all = to === "default" ? ["0.0.0.0/0", "::/0"] : [to];
    const ranges = all.map(parseAddressRange);
    const destinations =
      router && to === "default" ? ranges.filter(({ family }) => family === router.family) : ranges;
    return destinations.map(({ family, address, mask }) => {
      const ofDevice = known.filter((r) => r.device === device && r.family === family);
      const beside =
        router && ofDevice.find((r) => r.type === RouteType.UNICAST && contains(r, router.address));
      if (router && (!beside || beside.via)) {
        throw new ConntrackError("CT_BAD_OPTION", `route to ${to}: ${via} is in no network of ${dev}`);
      }
      const first = beside ?? ofDevice.find((r) => r.type === RouteType.LOCAL);
      const given = src === undefined ? undefined : parseInterfaceAddress(src);
      if (given && given.family !== family && to !== "default") {
        throw new ConntrackError("CT_BAD_OPTION", `route to ${to}: its source ${src} is of another family`);
      }
      const source = given?.family === family ? given.address : (first?.source ?? NOTHING[family]);
      return { family, address, mask, type: RouteType.UNICAST, device, source, via: router?.address };
    });
  }

  #write(sorted: readonly Route[]): void {
    const start = this.#engine.call.setRoutes(sorted.length) >>> 0;
    this.#engine.placed++;
    this.#engine.refresh();
    if (!start) throw new ConntrackError("CT_BAD_OPTION", `${sorted.length} routes are too many`);
    const { u8, u16, layout } = this.#engine;
    sorted.forEach(({ family, address, mask, type, device, source }, i) => {
      const at = start + i * layout.ROUTE_SIZE;
      u8.fill(0, at, at + layout.ROUTE_SIZE);
      u8.set(address, at + layout.ROUTE_TO);
      u8.set(mask, at + layout.ROUTE_MASK);
      u8.set(source, at + layout.ROUTE_SOURCE);
      u8[at + layout.ROUTE_FAMILY] = family === "ipv4" ? Family.IPV4 : Family.IPV6;
      u8[at + layout.ROUTE_TYPE] = type;
      u16[(at + layout.ROUTE_DEVICE) >>> 1] = device;
    });
  }
}

function checkMtu(name: string, mtu: number): void {
  if (Number.isInteger(mtu) && mtu >= 68 && mtu <= 0xffffffff) return;
  throw new ConntrackError("CT_BAD_OPTION", `mtu of ${name}: expected at least 68 bytes, got ${mtu}`);
}

/** Longest prefix first; local and broadcast addresses, being whole ones, come before all networks. */
function longestFirst(routes: readonly Route[]): Route[] {
  const length = ({ mask, family }: Route) =>
    mask.reduce((sum, byte) => sum + byte, 0) / (family === "ipv4" ? 4 : 16);
  return [...routes].sort((a, b) => length(b) - length(a));
}

function contains({ address, mask }: Route, other: ArrayLike<number>): boolean {
  if (address.length !== other.length) return false;
  for (let i = 0; i < address.length; i++) {
    if ((((other[i] as number) ^ (address[i] as number)) & (mask[i] as number)) !== 0) return false;
  }
  return true;
}
