import type { Network } from "../values.js";

/** Bits of the mask come from `to`, the others from the packet's address. */
export interface NetmapTarget {
  readonly name: "NETMAP";
  readonly to: Network;
}
