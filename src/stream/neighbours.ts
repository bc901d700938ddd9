/** Whose Ethernet address is whose: learned from ARP or neighbour discovery, asked for when it is needed. */
import type { Mac } from "./mac.js";

/** Linux's values: gc_thresh3, unres_qlen, retrans_time_ms, mcast_solicit, base_reachable_time_ms. */
const MAX_NEIGHBOURS = 1024;
const MAX_WAITING = 101;
const RETRY_AFTER = 1000;
const TRIES = 3;
const REACHABLE_FOR = 30_000;

interface Neighbour {
  readonly address: Uint8Array;
  /** Undefined as long as nobody has answered. */
  mac: Mac | undefined;
  /** When the address was last confirmed, when it was last asked for, and how often in vain. */
  confirmed: number;
  asked: number;
  tries: number;
  /** Packets for it, as long as it has not answered. */
  readonly waiting: Uint8Array[];
}

/** What neighbours need of their link. */
export interface NeighbourLink {
  clock(): number;
  /** Asks for an address: the one who last had it, or everybody. */
  ask(address: Uint8Array, last?: Mac): void;
  send(packet: Uint8Array, to: Mac): void;
  /** Nobody has answered for the packet's next hop. */
  unreachable(packet: Uint8Array): void;
  /** There is no room for the packet to wait. */
  overflow(packet: Uint8Array): void;
}

export class Neighbours {
  readonly #link: NeighbourLink;
  /** In the order in which they were last used. */
  readonly #known = new Map<string, Neighbour>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(link: NeighbourLink) {
    this.#link = link;
  }

  /** Sends a packet to a neighbour, now or when its Ethernet address has become known. */
  send(packet: Uint8Array, address: Uint8Array): void {
    const neighbour = this.#use(address);
    if (neighbour.mac) {
      this.#link.send(packet, neighbour.mac);
      this.#confirm(neighbour, neighbour.mac);
      return;
    }
    if (neighbour.waiting.length === MAX_WAITING)
      this.#link.overflow(neighbour.waiting.shift() as Uint8Array);
    neighbour.waiting.push(packet);
    if (neighbour.tries === 0) this.#ask(neighbour);
  }

  /** What somebody says of himself; `create`: also when nothing is known of him yet. */
  learn(address: Uint8Array, mac: Mac, create: boolean): void {
    const neighbour = create ? this.#use(address) : this.#known.get(keyOf(address));
    if (!neighbour) return;
    neighbour.mac = mac;
    neighbour.confirmed = this.#link.clock();
    neighbour.tries = 0;
    for (const packet of neighbour.waiting.splice(0)) this.#link.send(packet, mac);
  }

  /** The Ethernet address that is known of a neighbour. */
  macOf(address: Uint8Array): Mac | undefined {
    return this.#known.get(keyOf(address))?.mac;
  }

  /** Forgets all, and whatever waits. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#known.clear();
  }

  #use(address: Uint8Array): Neighbour {
    const key = keyOf(address);
    const found = this.#known.get(key);
    if (found) {
      this.#known.delete(key);
      this.#known.set(key, found);
      return found;
    }
    if (this.#known.size === MAX_NEIGHBOURS) this.#forgetOldest();
    const made = { address, mac: undefined, confirmed: 0, asked: 0, tries: 0, waiting: [] };
    this.#known.set(key, made);
    return made;
  }

  #forgetOldest(): void {
    for (const [key, { waiting }] of this.#known) {
      for (const packet of waiting) this.#link.overflow(packet);
      this.#known.delete(key);
      return;
    }
  }

  /** Of one whose address is old, the neighbour itself is asked; in the end everybody. */
  #confirm(neighbour: Neighbour, mac: Mac): void {
    const now = this.#link.clock();
    if (now - neighbour.confirmed < REACHABLE_FOR || now - neighbour.asked < RETRY_AFTER) return;
    if (neighbour.tries === TRIES) {
      neighbour.mac = undefined;
      neighbour.tries = 0;
      return;
    }
    this.#ask(neighbour, mac);
  }

  #ask(neighbour: Neighbour, last?: Mac): void {
    neighbour.tries++;
    neighbour.asked = this.#link.clock();
    this.#link.ask(neighbour.address, last);
    if (!last) this.#wait();
  }

  #wait(): void {
    if (this.#timer !== undefined) return;
    const timer = setTimeout(() => this.#retry(), RETRY_AFTER);
    this.#timer = timer;
    // Waiting for an answer keeps no program running.
    if (typeof timer === "object") timer.unref();
  }

  /** Asks again for those who have not answered, or gives them up. */
  #retry(): void {
    this.#timer = undefined;
    for (const [key, neighbour] of [...this.#known]) {
      if (neighbour.mac || neighbour.tries === 0) continue;
      if (neighbour.tries < TRIES) {
        this.#ask(neighbour);
        continue;
      }
      this.#known.delete(key);
      for (const packet of neighbour.waiting) this.#link.unreachable(packet);
    }
  }
}

function keyOf(address: Uint8Array): string {
  return address.join(".");
}
