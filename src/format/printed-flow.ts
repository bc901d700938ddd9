/** What flows are printed of. Every FlowInfo is one, and so is what conntrack.printedFlows() walks. */
import type { Address } from "../address.js";
import type { FlowTuple } from "../flow.js";
import type { ListedFlow } from "./listed-flow.js";

/** One direction, its addresses as text or where their bytes lie. */
export interface PrintedTuple extends Omit<FlowTuple, "src" | "dst"> {
  readonly src: Address;
  readonly dst: Address;
}

/** A flow of the table. */
export interface PrintedFlow extends Omit<ListedFlow, "original" | "reply"> {
  readonly original: PrintedTuple;
  readonly reply: PrintedTuple;
}
