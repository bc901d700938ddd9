/** The expectations there are, one after the other. */
import type { Engine } from "./engine/engine.js";
import { ExpectationRecord } from "./engine/expectation-record.js";
import { LivingFlowRecord } from "./engine/flow-record.js";
import type { ListedExpectation } from "./format/conntrack-expect.js";
import type { HelperRunner } from "./helper-runner.js";

/** Changing the table between two of them is not foreseen: they are copied at once. */
export function listExpectations(engine: Engine, helpers: HelperRunner): ListedExpectation[] {
  const { call } = engine;
  const found: ListedExpectation[] = [];
  for (let at = call.nextExpectation(0) >>> 0; at; at = call.nextExpectation(at) >>> 0) {
    const record = new ExpectationRecord(engine, at);
    const { family, protocol, zone, timeout, tuple, mask, flags } = record;
    found.push({
      family,
      protocolNumber: protocol,
      zone,
      timeout,
      tuple,
      mask,
      master: { original: new LivingFlowRecord(engine, record.master.address).tuple(0) },
      flags,
      class: record.class,
      className: helpers.classNameOf(record.helper, record.class),
      helper: helpers.nameOf(record.helper),
    });
  }
  return found;
}
