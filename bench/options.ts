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
  /** Undefined: the workload's own choice. */
  pcapPackets: number | undefined;
}

const WORKLOADS: readonly Workload[] = [
  "hit",
  "life",
  "expire",
  "pause",
  "mem",
  "size",
  "pcap",
  "nat",
  "shards",
  "snapshot",
];
const CONTESTANTS: readonly ContestantName[] = ["ours", "floor", "jsMap", "jsHash"];

export const USAGE = `npm run bench -- [options]

  --only hit,life,...          workloads: ${WORKLOADS.join(", ")}
  --contestants ours,...       contestants: ${CONTESTANTS.join(", ")}
  --flows 1000,65536           numbers of flows, instead of each workload's own
  --pcap-packets 5000000       packets in the capture of pcap, instead of a million
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

function positive(given: string): number {
  const value = Number(given);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`not a number of flows or packets: ${given}`);
  return value;
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
      "pcap-packets": { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    json: values.json,
    quick: values.quick,
    workloads: choose(values.only, WORKLOADS),
    contestants: choose(values.contestants, CONTESTANTS),
    flows: values.flows?.split(",").map(positive),
    pcapPackets: values["pcap-packets"] === undefined ? undefined : positive(values["pcap-packets"]),
  };
}
