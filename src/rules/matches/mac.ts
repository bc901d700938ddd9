export interface MacMatch {
  readonly name: "mac";
  readonly invert: boolean;
  /** Six bytes. */
  readonly source: readonly number[];
}
