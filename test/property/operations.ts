/** What may happen to a table, as data that fast-check makes up, shrinks and prints. */
import fc from "fast-check";
import { connection, type Side } from "./connections.js";
import { GRE } from "./packet-builder.js";
import { type Action, CLOSE_TIMEOUT, TIMEOUT } from "./table-model.js";
import type { TableRun } from "./table-run.js";

/** Few, so that their packets meet. */
const CONNECTIONS = 45;

export type Operation =
  | readonly ["packets", [i: number, side: Side, action: Action][]]
  | readonly ["wait", ms: number]
  | readonly ["delete", i: number]
  | readonly ["set timeout", i: number, seconds: number]
  | readonly ["insert", i: number, seconds: number]
  | readonly ["count", counting: boolean]
  | readonly ["flush" | "check" | "clear"];

export function perform(run: TableRun, operation: Operation): void {
  switch (operation[0]) {
    case "packets":
      for (const packet of operation[1]) run.send(...packet);
      break;
    case "wait":
      run.wait(operation[1]);
      break;
    case "delete":
      run.delete(operation[1]);
      break;
    case "set timeout":
      run.setTimeout(operation[1], operation[2]);
      break;
    case "insert":
      run.insert(operation[1], operation[2]);
      break;
    case "count":
      run.count(operation[1]);
      break;
    default:
      run[operation[0]]();
  }
}

const anyConnection = fc.nat({ max: CONNECTIONS - 1 });
/** A GRE flow takes its timeouts from its first packet, so that one which is put in has none, as in Linux. */
const insertable = anyConnection.filter((i) => connection(i).protocol !== GRE);
const anySide = fc.constantFrom<Side>(0, 1);
const anyAction = fc.constantFrom<Action>("next", "next", "next", "next", "stray", "reset");
const packets = fc.array(fc.tuple(anyConnection, anySide, anyAction), { minLength: 1, maxLength: 20 });

/** The last tick of a timeout and the first behind it among others, and a clock that is set back. */
const ms = fc.oneof(
  fc.nat({ max: 100 }),
  fc.nat({ max: 2 * CLOSE_TIMEOUT * 1000 }),
  ...[TIMEOUT, CLOSE_TIMEOUT].map((seconds) => fc.constantFrom(seconds * 1000 - 4, seconds * 1000)),
  fc.integer({ min: -20_000, max: 0 }),
);

const anyOperation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.constant("packets" as const), packets) },
  { weight: 6, arbitrary: fc.tuple(fc.constant("wait" as const), ms) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("delete" as const), anyConnection) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constant("set timeout" as const), anyConnection, fc.nat({ max: 200 })),
  },
  { weight: 2, arbitrary: fc.tuple(fc.constant("insert" as const), insertable, fc.nat({ max: 200 })) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("count" as const), fc.boolean()) },
  { weight: 2, arbitrary: fc.constant(["flush"] as const) },
  { weight: 3, arbitrary: fc.constant(["check"] as const) },
  { weight: 1, arbitrary: fc.constant(["clear"] as const) },
);

export const operations: fc.Arbitrary<Operation[]> = fc.array(anyOperation, { maxLength: 150, size: "max" });
/** Packets that a batch holds. */
export const capacities: fc.Arbitrary<number> = fc.integer({ min: 1, max: 64 });
