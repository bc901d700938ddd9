/**
 * Who is on the line: Ethernet addresses by IP addresses, asked for when they are needed. There are no timers: a packet
 * that finds its neighbour unknown, or long not heard of, asks again.
 */
import type { Mac } from "./frame.js";

interface Neighbour {
  readonly address: readonly number[];
  mac: Mac | undefined;
  /** When it was last heard of, and last asked for; ms. */
  heard: number;
  asked: number;
  unanswered: number;
  readonly waiting: { readonly packet: Uint8Array; readonly send: Send }[];
}

type Send = (mac: Mac, packet: Uint8Array) => void;

/** Neighbours at most, as Linux keeps them (gc_thresh3), and packets that wait for one of them. */
const MOST_NEIGHBOURS = 1024;
const MOST_WAITING = 64;
/** Milliseconds between questions, and after which one that is known is asked for again. */
const PATIENCE = 1000;
const LIFETIME = 60_000;
/** So many unanswered questions, and a neighbour is forgotten. */
const MOST_QUESTIONS = 3;

export class Neighbours {
  readonly #ask: (address: readonly number[]) => void;
  /** In the order in which they were last heard of or asked for. */
  readonly #all = new Map<string, Neighbour>();

  constructor(ask: (address: readonly number[]) => void) {
    this.#ask = ask;
  }

  /** Sends a packet to the neighbour, as soon as it is known where it is. */
  deliver(address: readonly number[], packet: Uint8Array, now: number, send: Send): void {
    const neighbour = this.#find(address, now);
    if (neighbour.mac) send(neighbour.mac, packet);
    else if (neighbour.waiting.length < MOST_WAITING) neighbour.waiting.push({ packet, send });
    if (neighbour.mac && now - neighbour.heard < LIFETIME) return;
    if (neighbour.unanswered > 0 && now - neighbour.asked < PATIENCE) return;
    if (neighbour.unanswered >= MOST_QUESTIONS) {
      this.#all.delete(address.join());
      return;
    }
    neighbour.unanswered++;
    neighbour.asked = now;
    this.#ask(address);
  }

  /** Notes where a neighbour is: one that was asked for or is known, or with `unasked` any. */
  learn(address: readonly number[], mac: Mac, now: number, unasked: boolean): void {
    if (!unasked && !this.#all.has(address.join())) return;
    const neighbour = this.#find(address, now);
    neighbour.mac = mac;
    neighbour.heard = now;
    neighbour.unanswered = 0;
    for (const { packet, send } of neighbour.waiting.splice(0)) send(mac, packet);
  }

  #find(address: readonly number[], now: number): Neighbour {
    const key = address.join();
    const known = this.#all.get(key);
    if (known) return known;
    if (this.#all.size >= MOST_NEIGHBOURS) this.#all.delete(this.#all.keys().next().value as string);
    const neighbour = { address, mac: undefined, heard: now, asked: now, unanswered: 0, waiting: [] };
    this.#all.set(key, neighbour);
    return neighbour;
  }
}
