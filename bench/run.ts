import { cpus } from "node:os";
import { expire } from "./expire.js";
import { hit } from "./hit.js";
import { life } from "./life.js";
import { mem } from "./mem.js";
import { nat } from "./nat.js";
import { type Options, readOptions, USAGE } from "./options.js";
import { pause } from "./pause.js";
import { pcap } from "./pcap.js";
import { type Row, tableLine, type Workload } from "./rows.js";
import { shards } from "./shards.js";
import { size } from "./size.js";
import { snapshot } from "./snapshot.js";

const WORKLOADS: Record<Workload, (options: Options) => AsyncGenerator<Row>> = {
  hit,
  life,
  expire,
  pause,
  mem,
  size,
  pcap,
  nat,
  shards,
  snapshot,
};

/** The JS Map tracker with another table takes part in one workload: enough to see what that changes. */
function optionsFor(workload: Workload, options: Options): Options {
  if (workload === "hit") return options;
  return { ...options, contestants: options.contestants.filter((name) => name !== "jsHash") };
}

function machine(): string {
  const all = cpus();
  return `${all[0]?.model.trim() ?? "unknown processor"} (${all.length}), node ${process.version}, V8 ${process.versions.v8}`;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(USAGE);
    return;
  }
  if (!options.json) console.log(machine());
  const rows: Row[] = [];
  for (const workload of options.workloads) {
    const found: Row[] = [];
    for await (const row of WORKLOADS[workload](optionsFor(workload, options))) {
      found.push(row);
      // Long runs show that they are alive; standard output stays clean for the tables.
      process.stderr.write(
        `${row.workload}, ${row.flows} flows${row.batch ? `, batch ${row.batch}` : ""}: done\n`,
      );
    }
    if (!options.json) console.table(found.map(tableLine));
    rows.push(...found);
  }
  if (options.json) console.log(JSON.stringify(rows));
}

await main();
