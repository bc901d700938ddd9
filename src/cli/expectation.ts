/** What a specification expects to become of a packet, and how what became of it differs. */
import type { FirewallResult } from "../index.js";
import { dissect } from "../packet/index.js";
import { UsageError } from "./fail.js";
import { STATES } from "./packet-choice.js";
import { parseEnd } from "./packet-notation.js";

/** Undefined: anything will do. */
export interface Expected {
  readonly verdict?: string;
  readonly ctState?: string;
  readonly out?: string;
  readonly mark?: number;
  /** TABLE CHAIN NUMBER, or TABLE CHAIN policy. */
  readonly rule?: string;
  /** What a REJECT answers, as --reject-with calls it. */
  readonly with?: string;
  /** Hooks, joined by commas. */
  readonly path?: string;
  /** FROM > TO of the packet that leaves; ports only where they matter. */
  readonly as?: string;
}

export const VERDICTS = ["ACCEPT", "DROP", "REJECT", "STOLEN"];
const HOOKS = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"];

/** The words behind "=>". @throws UsageError */
export function parseExpectation(words: readonly string[]): Expected {
  const found: { -readonly [name in keyof Expected]: Expected[name] } = {};
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const upper = word.toUpperCase();
    const next = words[i + 1] ?? "";
    if (VERDICTS.includes(upper)) found.verdict = upper;
    else if (STATES.includes(upper)) found.ctState = upper;
    else if ((word === "out" || word === "with") && next !== "") found[word] = words[++i] as string;
    else if (word === "mark" && /^(\d+|0x[0-9a-f]+)$/i.test(next)) found.mark = Number(words[++i]);
    else if (word === "path" && isPath(next.toUpperCase().split(","))) {
      found.path = next.toUpperCase();
      i++;
    } else if (word === "as" && words[i + 2] === ">" && words[i + 3]) {
      found.as = `${next} > ${words[i + 3]}`;
      i += 3;
    } else if (word === "rule" && words[i + 3]) {
      found.rule = words.slice(i + 1, i + 4).join(" ");
      i += 3;
    } else {
      throw new UsageError(
        `${word} is no verdict, ct state, out DEVICE, mark N, rule TABLE CHAIN NUMBER, with TYPE, path HOOK,... or as FROM > TO`,
      );
    }
  }
  if (Object.keys(found).length === 0) throw new UsageError("nothing is expected behind =>");
  return found;
}

export function isPath(hooks: readonly string[]): boolean {
  return hooks.every((hook) => HOOKS.includes(hook));
}

/** What is not as expected, and why it is as it is. */
export function differences(expected: Expected, result: FirewallResult): string[] {
  const { rule } = result;
  const found: Record<keyof Expected, unknown> = {
    verdict: result.verdict,
    ctState: result.ctState,
    out: result.out ?? "none",
    mark: result.mark,
    rule: rule ? `${rule.table} ${rule.chain} ${rule.number || "policy"}` : "none",
    with: result.replies[0]?.with ?? "none",
    path: result.path.join(",") || "none",
    as: expected.as === undefined ? undefined : leavesAs(result, expected.as),
  };
  const wrong = (Object.keys(expected) as (keyof Expected)[]).filter(
    (name) => expected[name] !== found[name],
  );
  if (wrong.length === 0) return [];
  const texts = wrong.map((name) => `${name}: expected ${expected[name]}, was ${found[name]}`);
  // The rule itself says more than that it was a rule.
  const reason = result.reason === "RULE" ? "" : result.explain();
  const why = [rule ? `by ${rule.text} (${found.rule})` : "", reason].filter((part) => part !== "");
  return why.length > 0 ? [...texts, why.join(": ")] : texts;
}

/** The ends of the packet that leaves, with ports where the expectation has them. */
function leavesAs({ packets }: FirewallResult, expected: string): string {
  const packet = packets[0] && dissect(packets[0]);
  if (!packet) return "none";
  const { src, sport, dst, dport } = packet;
  const [from, to] = expected.split(" > ").map(parseEnd);
  return `${end(src, from?.[1] && sport)} > ${end(dst, to?.[1] && dport)}`;
}

function end(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
