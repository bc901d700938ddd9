export interface NflogTarget {
  readonly name: "NFLOG";
  readonly group: number;
  /** Up to 63 bytes. */
  readonly prefix: string;
  /** Bytes of the packet to copy; undefined: all. */
  readonly size?: number;
  /** Has no effect, in Linux as here. */
  readonly range?: number;
  readonly threshold: number;
}
