/** IPv4: takes the ECN bits out of TCP headers. */
export interface EcnTarget {
  readonly name: "ECN";
  readonly tcpRemove: true;
}
