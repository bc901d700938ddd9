import { extension } from "../extension.js";
import { flag } from "../option.js";

export interface ChecksumTarget {
  readonly name: "CHECKSUM";
}

const options = { "checksum-fill": flag() };

/** Fills in a checksum that hardware would fill in later. */
export const checksum = extension<ChecksumTarget, typeof options>({
  name: "CHECKSUM",
  options,
  required: [["checksum-fill"]],
  tables: ["mangle"],

  build() {
    return { name: "CHECKSUM" };
  },

  print() {
    return "--checksum-fill";
  },
});
