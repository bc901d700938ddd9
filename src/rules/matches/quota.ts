export interface QuotaMatch {
  readonly name: "quota";
  readonly invert: boolean;
  readonly bytes: bigint;
}
