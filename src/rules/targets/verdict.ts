export interface VerdictTarget {
  readonly name: "ACCEPT" | "DROP" | "RETURN";
}
