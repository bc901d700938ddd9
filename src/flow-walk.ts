/** From flow to flow, while the table may change between two of them. */
import type { Engine } from "./engine/engine.js";
import { PrintedRecord } from "./engine/printed-record.js";
import { Flow } from "./flow.js";
import { type FlowFilter, writeFilter } from "./flow-filter.js";
import type { PrintedFlow } from "./format/printed-flow.js";
import type { HelperRunner } from "./helper-runner.js";

/** Flows that a walk finds in one call. */
const MOST_FOUND = 512;

/** Live flows that match, in no particular order. */
export function* walkFlows(
  engine: Engine,
  helpers: HelperRunner,
  filter: FlowFilter,
): IterableIterator<Flow> {
  const { layout } = engine;
  for (const found of walk(engine, filter)) {
    for (const address of found) {
      const generation = engine.u16[(address + layout.FLOW_GENERATION) >>> 1] ?? 0;
      const flow = new Flow(engine, helpers, address, generation);
      if (flow.alive) yield flow;
    }
  }
}

/** The same flows for what prints them: one object that is each of them in turn. */
export function* walkPrinted(
  engine: Engine,
  helpers: HelperRunner,
  filter: FlowFilter,
): IterableIterator<PrintedFlow> {
  const record = new PrintedRecord(engine, (number) => helpers.nameOf(number));
  for (const found of walk(engine, filter)) {
    for (const address of found) if (record.moveTo(address)) yield record;
  }
}

/** Addresses of flows that match: what lives there may be gone by the time one comes to it. */
function* walk(engine: Engine, filter: FlowFilter): IterableIterator<readonly number[]> {
  const { call } = engine;
  let extent = 0;
  let slot = 0;
  // Few match, perhaps: the first one is not kept waiting for others.
  let wanted = 1;
  for (;;) {
    // Others may have walked in between: filter and position are written anew each time.
    writeFilter(engine, filter);
    call.startWalk(extent, slot);
    const found: number[] = [];
    for (let flow = 1; found.length < wanted; ) {
      flow = call.nextFlow() >>> 0;
      if (!flow) break;
      found.push(flow);
    }
    extent = call.walkExtent();
    slot = call.walkSlot();
    yield found;
    if (found.length < wanted) return;
    wanted = Math.min(2 * wanted, MOST_FOUND);
  }
}
