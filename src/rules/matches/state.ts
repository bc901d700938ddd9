import type { CtState } from "../../../assembly/shared/ct-state.js";

export interface StateMatch {
  readonly name: "state";
  readonly invert: boolean;
  /** Any of these; in canonical order. */
  readonly states: readonly (keyof typeof CtState)[];
}
