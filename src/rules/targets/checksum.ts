export interface ChecksumTarget {
  readonly name: "CHECKSUM";
}
