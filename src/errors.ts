/** The stable `code` of every error this package throws. */
export type ErrorCode =
  /** An option, argument or filter has a wrong type or value. */
  | "CT_BAD_OPTION"
  /** A sysctl name that does not exist, is read-only, or a value outside its range. */
  | "CT_BAD_SYSCTL"
  /** A capture file that is truncated, corrupt or not a capture at all. */
  | "CT_BAD_CAPTURE"
  /** Rules that iptables-restore or the kernel would refuse, or that ask for what is not supported (SourceError). */
  | "CT_BAD_RULE"
  /** Sets that ipset would refuse, or of a type that is not supported (SourceError). */
  | "CT_BAD_SET"
  /** A line that is no flow as /proc or conntrack prints one. */
  | "CT_BAD_LISTING"
  /** Bytes that are no snapshot, or one that is damaged, cut off, or of a version that is not known here. */
  | "CT_BAD_SNAPSHOT"
  /** The engine module could not be loaded or instantiated, or memory could not be reserved. */
  | "CT_ENGINE"
  /** A worker of a ShardedConntrack could not be started or has died, or they have been closed. */
  | "CT_WORKER"
  /** A flow view was read after its flow had been destroyed. */
  | "CT_FLOW_GONE";

/** Base class of all errors of this package. Packets never cause one. */
export class ConntrackError extends Error {
  /** Stable, for programs; the message is for people and may change. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.name = new.target.name;
    this.code = code;
  }
}
