/** `--only`, `--fail-on`: packets by what became of them. */
import { InvalidArgumentError } from "commander";
import type { Batch } from "../index.js";

export const STATES = ["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"];
const VERDICTS: ReadonlyMap<string, string> = new Map([
  ["DROP", "DROP"],
  ["REJECT", "REJECT"],
  ["STOLEN", "STOLEN"],
  ["HELD", "STOLEN"],
]);

export interface PacketChoice {
  readonly text: string;
  readonly states: ReadonlySet<string>;
  readonly verdicts: ReadonlySet<string>;
  /** Codes of reasons. */
  readonly reasons: ReadonlySet<string>;
}

/** Commander's parser for a list such as `invalid,drop,TCP_SEQ_OVER`. */
export function parseChoice(text: string): PacketChoice {
  const states = new Set<string>();
  const verdicts = new Set<string>();
  const reasons = new Set<string>();
  for (const word of text.toUpperCase().split(",")) {
    const verdict = VERDICTS.get(word);
    if (STATES.includes(word)) states.add(word);
    else if (verdict) verdicts.add(verdict);
    else if (/^[A-Z0-9]+_[A-Z0-9_]+$|^FRAGMENT$/.test(word)) reasons.add(word);
    else {
      throw new InvalidArgumentError(
        `${word.toLowerCase()} is no ct state (${STATES.join(", ").toLowerCase()}), verdict (drop, reject, held) or code of a reason`,
      );
    }
  }
  return { text, states, verdicts, reasons };
}

export const DROPPED: PacketChoice = parseChoice("drop");

/** Packet i of a tracked batch is one of those. */
export function isChosen(choice: PacketChoice, batch: Batch, i: number): boolean {
  const verdict = batch.verdict(i);
  if (choice.verdicts.has(verdict)) return true;
  // What is dropped or held before tracking has no state that a rule could see.
  if (verdict === "ACCEPT" && choice.states.has(batch.ctState(i))) return batch.reason(i) !== "NOT_IP";
  if (choice.reasons.size === 0) return false;
  const reason = batch.reason(i);
  return reason !== undefined && choice.reasons.has(reason);
}
