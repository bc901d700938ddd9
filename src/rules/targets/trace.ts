import { extension } from "../extension.js";

export interface TraceTarget {
  readonly name: "TRACE";
}

const options = {};

export const trace = extension<TraceTarget, typeof options>({
  name: "TRACE",
  options,
  tables: ["raw"],

  build() {
    return { name: "TRACE" };
  },

  print() {
    return "";
  },
});
