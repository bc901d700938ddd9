export type StatisticMatch = {
  readonly name: "statistic";
  readonly invert: boolean;
} & (
  | {
      readonly mode: "random";
      /** In units of 2^-31. */
      readonly probability: number;
    }
  | {
      readonly mode: "nth";
      /** Matches one packet of this many: that with number `packet`, from 0. */
      readonly every: number;
      readonly packet: number;
    }
);
