export type HashlimitKey = "srcip" | "srcport" | "dstip" | "dstport";

export interface HashlimitMatch {
  readonly name: "hashlimit";
  /** "upto": matches while the bucket has credit; "above": when it has not. */
  readonly comparison: "upto" | "above";
  /**
   * packets: `cost` is the time a packet costs, in microseconds; bytes: the rate in bytes a second. `burst` is in
   * packets or bytes.
   */
  readonly rate:
    | { readonly unit: "packets"; readonly cost: number; readonly burst: number }
    | { readonly unit: "bytes"; readonly bytesPerSecond: number; readonly burst: number };
  /** What one bucket stands for; none: all packets share one. */
  readonly mode: readonly HashlimitKey[];
  /** Rules with the same name share their table. */
  readonly table: string;
  readonly sourcePrefix: number;
  readonly destinationPrefix: number;
  /** Buckets of the table; undefined: by memory. */
  readonly size?: number;
  /** Most entries; undefined: as many as the kernel likes. */
  readonly max?: number;
  /** Milliseconds. */
  readonly expire?: number;
  readonly gcInterval: number;
}
