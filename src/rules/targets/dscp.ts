import { extension } from "../extension.js";
import { dscpClass } from "../matches/dscp.js";
import { option } from "../option.js";
import { hexByte, words } from "../printers.js";
import { uint } from "../readers.js";

export interface DscpTarget {
  readonly name: "DSCP";
  /** 0 to 63. */
  readonly dscp: number;
}

const options = { "set-dscp": option(uint(0, 63)), "set-dscp-class": option(dscpClass) };

export const dscp = extension<DscpTarget, typeof options>({
  name: "DSCP",
  options,
  required: [["set-dscp", "set-dscp-class"]],
  exclusive: [["set-dscp", "set-dscp-class"]],
  tables: ["mangle"],

  build(given) {
    return { name: "DSCP", dscp: (given["set-dscp"] ?? given["set-dscp-class"])?.value ?? 0 };
  },

  print({ dscp }) {
    return words("--set-dscp", hexByte(dscp));
  },
});
