/** Which rules were matched by a packet, over all specifications that try the same rulesets. */
import type { Firewall } from "../index.js";

interface RuleCount {
  readonly table: string;
  readonly text: string;
  readonly packets: bigint;
}

interface Covered {
  readonly rules: readonly RuleCount[];
  readonly matched: Set<number>;
}

export class Coverage {
  /** By their text. */
  readonly #rulesets = new Map<string, Covered>();

  /** Before the first packet: saved rules may have counted before. Returns what to call behind the last one. */
  begin(firewall: Firewall): () => void {
    const rules = countsOf(firewall);
    const key = rules.map(({ table, text }) => `${table} ${text}`).join("\n");
    const covered = this.#rulesets.get(key) ?? { rules, matched: new Set() };
    this.#rulesets.set(key, covered);
    return () => {
      for (const [i, { packets }] of countsOf(firewall).entries()) {
        if (packets > (rules[i]?.packets ?? 0n)) covered.matched.add(i);
      }
    };
  }

  get all(): number {
    return this.#sum(({ rules }) => rules.length);
  }

  get matched(): number {
    return this.#sum(({ matched }) => matched.size);
  }

  /** The rules that were not, and how many were. */
  text(): string {
    const missed = [...this.#rulesets.values()].flatMap(({ rules, matched }) =>
      rules.filter((_, i) => !matched.has(i)).map(({ table, text }) => `not matched: ${table} ${text}\n`),
    );
    return `${missed.join("")}${this.matched} of ${this.all} rules were matched by a packet.\n`;
  }

  #sum(count: (covered: Covered) => number): number {
    return [...this.#rulesets.values()].reduce((sum, covered) => sum + count(covered), 0);
  }
}

function countsOf(firewall: Firewall): RuleCount[] {
  const { ipv4 = "", ipv6 = "" } = firewall.save({ counters: true });
  const rules: RuleCount[] = [];
  let table = "";
  for (const line of `${ipv4}${ipv6}`.split("\n")) {
    if (line.startsWith("*")) table = line.slice(1);
    const [, packets, text] = /^\[(\d+):\d+\] (-A .*)/.exec(line) ?? [];
    if (packets !== undefined && text !== undefined) rules.push({ table, text, packets: BigInt(packets) });
  }
  return rules;
}
