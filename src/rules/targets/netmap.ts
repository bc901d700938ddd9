import { prefixLength } from "../../text/ip-address.js";
import { extension } from "../extension.js";
import { option } from "../option.js";
import { printNetwork, words } from "../printers.js";
import { network } from "../readers.js";
import { ruleError } from "../rule-error.js";
import type { Network } from "../values.js";

/** Bits of the mask come from `to`, the others from the packet's address. */
export interface NetmapTarget {
  readonly name: "NETMAP";
  readonly to: Network;
}

const options = {
  to: option((word, context) => {
    const to = network(word, context);
    if (prefixLength(to.mask) === undefined)
      throw ruleError(word, "the mask has holes", "a network with a prefix length");
    return to;
  }),
};

export const netmap = extension<NetmapTarget, typeof options>({
  name: "NETMAP",
  options,
  required: [["to"]],
  tables: ["nat"],
  hooks: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],

  build({ to }) {
    return { name: "NETMAP", to: to?.value ?? { address: [], mask: [] } };
  },

  print({ to }) {
    return words("--to", printNetwork(to));
  },
});
