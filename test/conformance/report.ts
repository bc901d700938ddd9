import type { Difference } from "./compare.js";
import type { ScenarioResult, StepDifference } from "./replay.js";

export interface Totals {
  scenarios: number;
  agreeScenarios: number;
  steps: number;
  agreeSteps: number;
}

/** Adds up results, over all and by group. */
export class Tally {
  readonly totals: Totals = emptyTotals();
  readonly #groups = new Map<string, Totals>();

  add(result: ScenarioResult): void {
    let group = this.#groups.get(result.group);
    if (!group) {
      group = emptyTotals();
      this.#groups.set(result.group, group);
    }
    for (const totals of [this.totals, group]) {
      totals.scenarios++;
      totals.steps += result.steps;
      totals.agreeSteps += result.steps - result.differing.length;
      if (result.differing.length === 0) totals.agreeScenarios++;
    }
  }

  get allAgree(): boolean {
    return this.totals.steps > 0 && this.totals.agreeScenarios === this.totals.scenarios;
  }

  /** A table with a line per group. */
  print(): string {
    const rows = [["group", "scenarios", "agree", "steps", "agree", ""]];
    for (const [name, totals] of [...this.#groups, ["all", this.totals] as const]) {
      const { scenarios, agreeScenarios, steps, agreeSteps } = totals;
      // Rounded down: only what agrees in full is 100.0 %.
      const tenths = Math.floor((1000 * agreeSteps) / steps);
      const percent = steps === 0 ? "" : `${(tenths / 10).toFixed(1)} %`;
      rows.push([name, ...[scenarios, agreeScenarios, steps, agreeSteps].map(String), percent]);
    }
    const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
    const line = (row: string[]) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");
    return rows.map(line).join("\n");
  }
}

function emptyTotals(): Totals {
  return { scenarios: 0, agreeScenarios: 0, steps: 0, agreeSteps: 0 };
}

/** One line: the scenario, its first differing step, and the first thing that differs there. */
export function summaryLine(result: ScenarioResult): string {
  const first = result.differing[0]!;
  const more = result.differing.length - 1;
  const rest = more > 0 ? ` (and ${more} more ${more === 1 ? "step" : "steps"})` : "";
  return `${result.name} step ${first.step}: ${first.what}: ${differenceText(first.differences[0]!)}${rest}`;
}

/** Every differing step with all that differs in it. */
export function detailLines({ name, differing }: ScenarioResult): string[] {
  return differing.flatMap(({ step, what, differences }) => [
    `${name} step ${step}: ${what}`,
    ...differences.map((difference) => `    ${differenceText(difference)}`),
  ]);
}

/** The same for programs. */
export function jsonLine({ name, steps, differing }: ScenarioResult, all: boolean): string {
  const told: StepDifference[] = all ? differing : differing.slice(0, 1);
  return JSON.stringify({ name, steps, differ: differing.length, differing: told });
}

function differenceText({ aspect, kernel, ours }: Difference): string {
  return `${aspect}: kernel ${kernel}, ours ${ours}`;
}
