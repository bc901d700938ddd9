import { extension } from "../extension.js";

/** As CT with `notrack`. */
export interface NotrackTarget {
  readonly name: "NOTRACK";
}

const options = {};

export const notrack = extension<NotrackTarget, typeof options>({
  name: "NOTRACK",
  options,
  tables: ["raw"],

  build() {
    return { name: "NOTRACK" };
  },

  print() {
    return "";
  },
});
