/** By which device packets of a capture enter a machine: the one that leads to where they come from. */
import ipaddr from "ipaddr.js";
import { dissect } from "../packet/index.js";
import type { CapturedPackets } from "../pcap/index.js";
import { UsageError } from "./fail.js";
import type { MachineFlags } from "./machine.js";

interface Way {
  readonly network: [ipaddr.IPv4 | ipaddr.IPv6, number];
  /** Undefined: the machine itself. */
  readonly device: string | undefined;
}

const DEFAULTS = ["0.0.0.0/0", "::/0"];
/** Addresses whose way is remembered. */
const MOST = 1 << 16;

export class Entry {
  readonly #ways: Way[] = [];
  readonly #known = new Map<string, string | undefined>();
  readonly #first: string;

  /** @throws UsageError without interfaces, or with a network that is none */
  constructor({ interface: interfaces = {}, route = [] }: MachineFlags) {
    const [first] = Object.keys(interfaces);
    if (first === undefined)
      throw new UsageError("--rules need the machine's devices: --interface NAME=ADDRESS/BITS");
    this.#first = first;
    for (const [device, addresses] of Object.entries(interfaces)) {
      for (const text of addresses) {
        this.#add(text, device);
        this.#add(text.replace(/\/.*/, text.includes(":") ? "/128" : "/32"), undefined);
      }
    }
    for (const { to, dev } of route)
      for (const text of to === "default" ? DEFAULTS : [to]) this.#add(text, dev);
    this.#ways.sort((a, b) => b.network[1] - a.network[1]);
  }

  #add(text: string, device: string | undefined): void {
    if (!ipaddr.isValidCIDR(text))
      throw new UsageError(`${text} is no address with its bits, as 10.0.0.1/24`);
    this.#ways.push({ network: ipaddr.parseCIDR(text), device });
  }

  /** Of packet i; what is no IP packet enters by the first device. */
  deviceOf({ bytes, offsets, lengths, linkTypes }: CapturedPackets, i: number): string | undefined {
    const offset = offsets[i] ?? 0;
    const src = dissect(bytes.subarray(offset, offset + (lengths[i] ?? 0)), linkTypes[i])?.src;
    if (src === undefined) return this.#first;
    if (!this.#known.has(src)) {
      if (this.#known.size === MOST) this.#known.clear();
      this.#known.set(src, this.#look(src));
    }
    return this.#known.get(src);
  }

  #look(src: string): string | undefined {
    const address = ipaddr.parse(src);
    const way = this.#ways.find(
      ({ network: [to, bits] }) => to.kind() === address.kind() && address.match(to, bits),
    );
    return way ? way.device : this.#first;
  }
}
