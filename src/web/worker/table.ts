/** The flows of a table at one moment, filtered and sorted; rows are made when they are looked at. */
import type { Conntrack, Flow } from "../../index.js";
import type { SortKey, TableQuery, TableRow } from "../model.js";
import { parseQuery, type Query } from "../query.js";
import { Keys } from "./keys.js";
import { orderOf } from "./order.js";
import { Turn } from "./turn.js";

export class Table {
  readonly #query: Query;
  readonly #flows: readonly Flow[];
  readonly #keys: Keys;
  #sort: SortKey = "none";
  /** Undefined: as the engine has them. */
  #order: Uint32Array | undefined;
  #descending = false;

  private constructor(query: Query, flows: readonly Flow[]) {
    this.#query = query;
    this.#flows = flows;
    this.#keys = new Keys(flows);
  }

  /**
   * The engine must stand still as long as the table is in use.
   * @param before a table of the same moment, for what it knows already
   * @throws Error for a filter that cannot be read
   */
  static async of(
    conntrack: Conntrack,
    { filter, sort, descending }: TableQuery,
    signal: AbortSignal,
    before?: Table,
  ): Promise<Table> {
    const query = parseQuery(filter);
    const turn = new Turn();
    let table = before;
    if (!table?.isOf(query)) {
      // Who types on narrows what there is.
      const some = before?.covers(query) ? before.#flows : conntrack.flows(query.filter);
      table = new Table(query, await matching(some, query.words, turn, signal));
    }
    await table.#arrange(sort, descending, turn, signal);
    return table;
  }

  get length(): number {
    return this.#flows.length;
  }

  rows(first: number, count: number): TableRow[] {
    const rows: TableRow[] = [];
    for (let i = first; i < Math.min(first + count, this.length); i++) {
      const flow = this.#at(i);
      rows.push({ id: flow.id, line: flow.line() });
    }
    return rows;
  }

  *[Symbol.iterator](): IterableIterator<Flow> {
    for (let i = 0; i < this.length; i++) yield this.#at(i);
  }

  /** Whether it shows what matches `query`. */
  isOf(query: Query): boolean {
    return JSON.stringify(query) === JSON.stringify(this.#query);
  }

  /** Whether whatever matches `query` is in this table. */
  covers(query: Query): boolean {
    const { filter, words } = this.#query;
    const within = (word: string) => query.words.some((wanted) => wanted.includes(word));
    return words.every(within) && JSON.stringify(filter) === JSON.stringify(query.filter);
  }

  #at(i: number): Flow {
    const place = this.#descending ? this.length - 1 - i : i;
    return this.#flows[this.#order ? (this.#order[place] as number) : place] as Flow;
  }

  async #arrange(sort: SortKey, descending: boolean, turn: Turn, signal: AbortSignal): Promise<void> {
    if (sort !== this.#sort) {
      const words = sort === "none" ? undefined : await this.#keys.of(sort, turn, signal);
      this.#order = words && (await orderOf(this.length, words, turn, signal));
      this.#sort = sort;
    }
    this.#descending = descending;
  }
}

async function matching(
  flows: Iterable<Flow>,
  words: readonly string[],
  turn: Turn,
  signal: AbortSignal,
): Promise<Flow[]> {
  const found: Flow[] = [];
  for (const flow of flows) {
    if (words.length === 0 || hasWords(flow, words)) found.push(flow);
    if (turn.due) await turn.pass(signal);
  }
  return found;
}

function hasWords(flow: Flow, words: readonly string[]): boolean {
  const line = flow.line().toLowerCase();
  return words.every((word) => line.includes(word));
}
