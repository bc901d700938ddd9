export interface TraceTarget {
  readonly name: "TRACE";
}
