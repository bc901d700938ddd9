import { createContestant, openFlows } from "./field.js";
import type { Options } from "./options.js";
import { Ring } from "./ring.js";
import { type Row, round } from "./rows.js";

const FLOWS = [65_536, 1_000_000, 10_000_000];
const QUICK_FLOWS = [65_536];

/** What a flow takes in memory, all tables counted. */
export async function* mem(options: Options): AsyncGenerator<Row> {
  const ring = new Ring();
  for (const flows of options.flows ?? (options.quick ? QUICK_FLOWS : FLOWS)) {
    const row: Row = {
      workload: "mem",
      flows,
      value: null,
      unit: "bytes/flow",
      floor: null,
      jsMap: null,
      spread: {},
    };
    // One at a time, so that the heap holds nothing of another.
    for (const name of options.contestants) {
      const contestant = await createContestant(name, flows);
      if (contestant === undefined) continue;
      openFlows([contestant], ring, flows, 1000);
      row[name === "ours" ? "value" : name] = round(contestant.tableBytes() / flows);
    }
    yield row;
  }
}
