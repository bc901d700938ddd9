/** Flows from where they were put down: listings and snapshots. */
import { type ListedFlow, parseListing } from "../format/index.js";
import { Conntrack, type FlowFilter } from "../index.js";
import { UsageError } from "./fail.js";
import { readBytes } from "./files.js";
import { matcher } from "./filter.js";

/** What a snapshot begins with. */
const MAGIC = new TextEncoder().encode("CTWASM");

/** The flows that match. */
export async function readTable(file: string, filter: FlowFilter): Promise<Iterable<ListedFlow>> {
  const bytes = readBytes(file);
  if (MAGIC.every((byte, i) => bytes[i] === byte)) return (await Conntrack.restore(bytes)).flows(filter);
  if (filter.labels)
    throw new UsageError("listings do not tell labels by number: -l goes with snapshots and captures");
  return listed(new TextDecoder().decode(bytes), matcher(filter));
}

function* listed(text: string, matches: (flow: ListedFlow) => boolean): Generator<ListedFlow> {
  for (const flow of parseListing(text)) if (matches(flow)) yield flow;
}
