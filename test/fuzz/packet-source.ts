/** Packets out of a seed: valid ones, damaged ones and noise, under all link layers. */
import type { LinkType } from "../../assembly/shared/link-type.js";
import { randomNumbers } from "../property/harness.js";
import { FRAMINGS, ipCorpus } from "./corpus.js";

export type Random = (below: number) => number;

export interface FuzzPacket {
  /** Valid until the next packet is made. */
  bytes: Uint8Array;
  wireLength: number;
}

type Framing = (typeof FRAMINGS)[number][1];

const LONGEST = 2048;
const NASTY_BYTES = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 17, 20, 40, 43, 44, 47, 50, 51, 58, 59, 60, 0x45, 0x46, 0x4f,
];
const NASTY_WORDS = [
  0, 1, 4, 7, 8, 19, 20, 28, 39, 40, 41, 60, 0x3fff, 0x2000, 0x1fff, 0x7fff, 0x8000, 0xfffe, 0xffff,
];

export class PacketSource {
  readonly links: readonly LinkType[];
  readonly #random: Random;
  readonly #packets = ipCorpus();
  readonly #framings = new Map<LinkType, Framing[]>();
  readonly #scratch = new Uint8Array(2 * LONGEST);
  readonly #packet: FuzzPacket = { bytes: this.#scratch, wireLength: 0 };

  constructor(seed: number) {
    this.#random = randomNumbers(seed);
    for (const [link, framing] of FRAMINGS) {
      this.#framings.set(link, [...(this.#framings.get(link) ?? []), framing]);
    }
    this.links = [...this.#framings.keys()];
  }

  /** The next packet for a link type. */
  next(link: LinkType): FuzzPacket {
    const random = this.#random;
    let length = random(20) === 0 ? this.#noise() : this.#sample(link);
    for (let n = random(4); n > 0; n--) length = this.#mutate(length);
    this.#packet.bytes = this.#scratch.subarray(0, length);
    this.#packet.wireLength = random(16) === 0 ? length + random(LONGEST) : length;
    return this.#packet;
  }

  /** A valid packet, or one that only its addresses make invalid, in a frame. */
  #sample(link: LinkType): number {
    const random = this.#random;
    const packet = this.#pick();
    const framings = this.#framings.get(link)!;
    const six = packet[0] === 0x60;
    const header = framings[random(framings.length)]!(six);
    const scratch = this.#scratch;
    scratch.set(header);
    scratch.set(packet, header.length);
    if (random(3) === 0) {
      const source = header.length + (six ? 8 + 12 : 12);
      for (let i = 1; i < 4; i++) scratch[source + i] = random(256);
    }
    return header.length + packet.length;
  }

  #pick(): Uint8Array {
    return this.#packets[this.#random(this.#packets.length)]!;
  }

  #noise(): number {
    const random = this.#random;
    const length = random(random(4) === 0 ? LONGEST : 100);
    for (let i = 0; i < length; i++) this.#scratch[i] = random(256);
    // Nothing gets far without a version.
    if (length > 0 && random(2) === 0) this.#scratch[0] = random(2) ? 0x45 : 0x60;
    return length;
  }

  #mutate(length: number): number {
    const random = this.#random;
    const scratch = this.#scratch;
    if (length === 0) return 0;
    const at = random(length);
    switch (random(8)) {
      case 0:
        for (let n = 1 + random(4); n > 0; n--) scratch[random(length)]! ^= 1 << random(8);
        return length;
      case 1:
        scratch[at] = random(256);
        return length;
      case 2:
        scratch[at] = NASTY_BYTES[random(NASTY_BYTES.length)]!;
        return length;
      case 3: {
        const value = NASTY_WORDS[random(NASTY_WORDS.length)]!;
        scratch[at] = value >>> 8;
        scratch[at + 1] = value & 255;
        return length;
      }
      case 4:
        return at;
      case 5: {
        const more = Math.min(random(64), LONGEST - length);
        for (let i = 0; i < more; i++) scratch[length + i] = random(256);
        return length + more;
      }
      case 6: {
        // The rest of another packet.
        const other = this.#pick();
        const from = random(other.length);
        const rest = other.subarray(from, from + LONGEST - at);
        scratch.set(rest, at);
        return at + rest.length;
      }
      default: {
        const end = Math.min(length, at + random(16));
        scratch.fill(random(2) ? 0xff : 0, at, end);
        return length;
      }
    }
  }
}
