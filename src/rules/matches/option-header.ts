import type { Inverted } from "../values.js";

/** IPv6: the hop-by-hop (`hbh`) and destination (`dst`) options headers. */
export interface OptionHeaderMatch {
  readonly name: "hbh" | "dst";
  /** Of the header, in bytes. */
  readonly length?: Inverted<{ readonly bytes: number }>;
  /** These options, in this order. `length` is that of an option's data; undefined: any. */
  readonly options: readonly { readonly type: number; readonly length?: number }[];
}
