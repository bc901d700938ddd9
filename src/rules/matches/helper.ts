export interface HelperMatch {
  readonly name: "helper";
  readonly invert: boolean;
  /** Empty: any helper. */
  readonly helper: string;
}
