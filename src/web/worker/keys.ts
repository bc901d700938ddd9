/** What flows are sorted by, as words: see order.ts. */
import ipaddr from "ipaddr.js";
import type { Flow } from "../../index.js";
import type { SortKey } from "../model.js";
import type { Words } from "./order.js";
import type { Turn } from "./turn.js";

type Column = Exclude<SortKey, "none">;

/** Keys of a table's flows: made when one of them is asked for, together with those that are read of a flow with it. */
export class Keys {
  readonly #flows: readonly Flow[];
  readonly #known = new Map<Column, Words>();

  constructor(flows: readonly Flow[]) {
    this.#flows = flows;
  }

  async of(by: Column, turn: Turn, signal: AbortSignal): Promise<Words> {
    if (!this.#known.has(by)) {
      for (const [column, words] of await this.#read(by, turn, signal)) this.#known.set(column, words);
    }
    return this.#known.get(by) as Words;
  }

  async #read(by: Column, turn: Turn, signal: AbortSignal): Promise<[Column, Words][]> {
    const each = async (read: (flow: Flow, i: number) => void) => {
      for (const [i, flow] of this.#flows.entries()) {
        read(flow, i);
        if (turn.due) await turn.pass(signal);
      }
    };
    const rows = this.#flows.length;
    const word = new Uint32Array(rows);
    switch (by) {
      case "protocol":
        await each((flow, i) => {
          word[i] = flow.protocolNumber;
        });
        return [[by, [word]]];
      case "timeout":
        await each((flow, i) => {
          word[i] = flow.timeout;
        });
        return [[by, [word]]];
      case "state": {
        const names = new Names();
        await each((flow, i) => {
          word[i] = names.numberOf(flow.state ?? "");
        });
        const ranks = names.ranks();
        return [[by, [word.map((name) => ranks[name] as number)]]];
      }
      default: {
        const dport = new Uint32Array(rows);
        const src = new Addresses(rows);
        const dst = new Addresses(rows);
        await each(({ original }, i) => {
          // What has no ports comes first.
          word[i] = (original.sport ?? original.icmpId ?? -1) + 1;
          dport[i] = (original.dport ?? -1) + 1;
          src.set(i, original.src);
          dst.set(i, original.dst);
        });
        return [
          ["sport", [word]],
          ["dport", [dport]],
          ["src", src.words()],
          ["dst", dst.words()],
        ];
      }
    }
  }
}

/** Numbers for names as they come. */
class Names {
  readonly #numbers = new Map<string, number>();

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  /** By number: the name's place in the alphabet. */
  ranks(): number[] {
    const names = [...this.#numbers.keys()];
    const sorted = names.toSorted();
    return names.map((name) => sorted.indexOf(name));
  }
}

/** Addresses by value, those of IPv4 in front of all others. */
class Addresses {
  readonly #low: Uint32Array;
  /** The upper words of IPv6 addresses, and whether it is one; most tables need none of it. */
  #high: Uint32Array[] = [];

  constructor(rows: number) {
    this.#low = new Uint32Array(rows);
  }

  set(row: number, text: string): void {
    if (!text.includes(":")) {
      this.#low[row] = ipv4Value(text);
      return;
    }
    if (this.#high.length === 0)
      this.#high = Array.from({ length: 4 }, () => new Uint32Array(this.#low.length));
    const view = new DataView(Uint8Array.from(ipaddr.parse(text).toByteArray()).buffer);
    this.#low[row] = view.getUint32(12);
    for (const [i, offset] of [8, 4, 0].entries()) this.#high[i]![row] = view.getUint32(offset);
    this.#high[3]![row] = 1;
  }

  words(): Words {
    return [this.#low, ...this.#high];
  }
}

const ZERO = 48;
const DOT = 46;

function ipv4Value(text: string): number {
  let value = 0;
  let byte = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      value = (value << 8) | byte;
      byte = 0;
    } else byte = 10 * byte + code - ZERO;
  }
  return ((value << 8) | byte) >>> 0;
}
