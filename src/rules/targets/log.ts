export interface LogTarget {
  readonly name: "LOG";
  /** syslog severity, 0 to 7. */
  readonly level: number;
  /** Up to 29 bytes. */
  readonly prefix: string;
  readonly tcpSequence: boolean;
  readonly tcpOptions: boolean;
  readonly ipOptions: boolean;
  readonly uid: boolean;
  readonly macDecode: boolean;
}
