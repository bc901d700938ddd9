/** Flows from where they were put down: listings and snapshots. */
import { readFileSync } from "node:fs";
import { type ListedFlow, parseListing } from "../format/index.js";
import { Conntrack, type FlowFilter } from "../index.js";
import { InputError } from "./fail.js";
import { matcher } from "./filter.js";

/** What a snapshot begins with. */
const MAGIC = new TextEncoder().encode("CTWASM");

/** `file`: a path, or "-" for standard input. */
export function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file === "-" ? 0 : file);
  } catch (error) {
    throw new InputError((error as Error).message);
  }
}

/** The flows that match. */
export async function readTable(file: string, filter: FlowFilter): Promise<Iterable<ListedFlow>> {
  const bytes = readBytes(file);
  if (MAGIC.every((byte, i) => bytes[i] === byte)) return (await Conntrack.restore(bytes)).flows(filter);
  return listed(new TextDecoder().decode(bytes), matcher(filter));
}

function* listed(text: string, matches: (flow: ListedFlow) => boolean): Generator<ListedFlow> {
  for (const flow of parseListing(text)) if (matches(flow)) yield flow;
}
