import type { Flow } from "./flow.js";

/** Where flows are found by their tuple; `low`, `high` and `ports` are those of Flow. */
export interface FlowTable {
  readonly size: number;
  find(low: number, high: number, ports: number): Flow | undefined;
  /** Adds a flow whose tuple is not in the table. */
  insert(flow: Flow): void;
  /** Removes a flow that is in the table. */
  remove(flow: Flow): void;
  /** All flows; the table may change meanwhile. */
  flows(): Generator<Flow, undefined>;
}
