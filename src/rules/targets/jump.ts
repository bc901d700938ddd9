import type { Extension } from "../extension.js";

/** To a user chain of the same table. */
export interface JumpTarget {
  readonly name: "jump";
  readonly chain: string;
  /** With -g: at the end of that chain evaluation goes on where this rule's chain was called. */
  readonly goto: boolean;
}

/** No option makes it: it is what -j and -g mean with the name of a chain. */
export const jump: Extension<JumpTarget> = {
  name: "jump",
  options: {},

  build() {
    throw new Error("a jump is built from the name of its chain");
  },

  print() {
    return "";
  },
};
