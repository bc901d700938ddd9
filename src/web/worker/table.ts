/** The flows of a table at one moment, filtered and sorted; rows are made when they are looked at. */
import type { Conntrack, Flow } from "../../index.js";
import type { SortKey, TableQuery, TableRow } from "../model.js";
import { parseQuery } from "../query.js";
import { Turn } from "./turn.js";

export class Table {
  readonly #flows: readonly Flow[];

  private constructor(flows: readonly Flow[]) {
    this.#flows = flows;
  }

  /**
   * The engine must stand still as long as the table is in use.
   * @throws Error for a filter that cannot be read
   */
  static async of(conntrack: Conntrack, query: TableQuery, signal: AbortSignal): Promise<Table> {
    const { filter, words } = parseQuery(query.filter);
    const turn = new Turn();
    let flows: Flow[] = [];
    for (const flow of conntrack.flows(filter)) {
      if (words.length === 0 || hasWords(flow, words)) flows.push(flow);
      if (turn.due) await turn.pass(signal);
    }
    if (query.sort !== "none") flows = await sorted(flows, query.sort, turn, signal);
    if (query.descending) flows.reverse();
    return new Table(flows);
  }

  get length(): number {
    return this.#flows.length;
  }

  rows(first: number, count: number): TableRow[] {
    return this.#flows.slice(first, first + count).map((flow) => ({ id: flow.id, line: flow.line() }));
  }

  *[Symbol.iterator](): IterableIterator<Flow> {
    yield* this.#flows;
  }
}

function hasWords(flow: Flow, words: readonly string[]): boolean {
  const line = flow.line().toLowerCase();
  return words.every((word) => line.includes(word));
}

/** Keys are made once; where they are equal, the table's own order stays. */
async function sorted(flows: Flow[], by: SortKey, turn: Turn, signal: AbortSignal): Promise<Flow[]> {
  const keyOf = KEYS[by];
  const keys: (number | string)[] = [];
  for (const flow of flows) {
    keys.push(keyOf(flow));
    if (turn.due) await turn.pass(signal);
  }
  const order = Uint32Array.from(flows, (_, i) => i);
  order.sort((a, b) => {
    const [x, y] = [keys[a] as number, keys[b] as number];
    return x < y ? -1 : x > y ? 1 : a - b;
  });
  return Array.from(order, (i) => flows[i] as Flow);
}

const KEYS: Readonly<Record<SortKey, (flow: Flow) => number | string>> = {
  none: () => 0,
  protocol: (flow) => flow.protocolNumber,
  timeout: (flow) => flow.timeout,
  state: (flow) => flow.state ?? "",
  src: (flow) => addressKey(flow.original.src),
  dst: (flow) => addressKey(flow.original.dst),
  sport: (flow) => flow.original.sport ?? flow.original.icmpId ?? -1,
  dport: (flow) => flow.original.dport ?? -1,
};

/** IPv4 in front of IPv6, both by value. */
function addressKey(text: string): string {
  if (!text.includes(":")) return text.replace(/\d+/g, (byte) => byte.padStart(3, "0"));
  const [head = "", tail = ""] = text.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(Math.max(0, missing)).fill("0"), ...groups(tail)];
  return `v6${all.map((group) => group.padStart(4, "0")).join("")}`;
}
