import type { Range } from "../values.js";

export interface U32Test {
  /**
   * How the value is found: four bytes at `start`, big-endian, then step by step; "@" adds the value to the base, and
   * reads again at base + `number`.
   */
  readonly start: number;
  readonly steps: readonly { readonly operation: "&" | "<<" | ">>" | "@"; readonly number: number }[];
  /** The value must lie in one of these. */
  readonly ranges: readonly Range[];
}

export interface U32Match {
  readonly name: "u32";
  readonly invert: boolean;
  /** All must hold. */
  readonly tests: readonly U32Test[];
}
