import { parseArgs } from "node:util";
import type { ContestantName } from "./contestant.js";
import type { Workload } from "./rows.js";

export interface Options {
  json: boolean;
  workloads: readonly Workload[];
  contestants: readonly ContestantName[];
  /** Undefined: every workload's own choice. */
  flows: readonly number[] | undefined;
  quick: boolean;
}

const WORKLOADS: readonly Workload[] = ["hit", "life", "expire", "mem"];
const CONTESTANTS: readonly ContestantName[] = ["ours", "floor", "jsMap", "jsHash"];

export const USAGE = `npm run bench -- [options]

  --only hit,life,...          workloads: ${WORKLOADS.join(", ")}
  --contestants ours,...       contestants: ${CONTESTANTS.join(", ")}
  --flows 1000,65536           numbers of flows, instead of each workload's own
  --quick                      few and short runs: to see that it works, not how fast
  --json                       the rows as JSON on standard output
`;

function choose<Name extends string>(given: string | undefined, known: readonly Name[]): readonly Name[] {
  if (given === undefined) return known;
  return given.split(",").map((name) => {
    const found = known.find((one) => one === name);
    if (found === undefined) throw new Error(`unknown: ${name} (known: ${known.join(", ")})`);
    return found;
  });
}

function flowNumbers(given: string): number[] {
  return given.split(",").map((text) => {
    const flows = Number(text);
    if (!Number.isSafeInteger(flows) || flows < 1) throw new Error(`not a number of flows: ${text}`);
    return flows;
  });
}

/** Undefined when help was asked for. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      contestants: { type: "string" },
      flows: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    json: values.json,
    quick: values.quick,
    workloads: choose(values.only, WORKLOADS),
    contestants: choose(values.contestants, CONTESTANTS),
    flows: values.flows === undefined ? undefined : flowNumbers(values.flows),
  };
}
