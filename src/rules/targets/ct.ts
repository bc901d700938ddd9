export type CtEventName =
  | "new"
  | "related"
  | "destroy"
  | "reply"
  | "assured"
  | "protoinfo"
  | "helper"
  | "mark"
  | "natseqinfo"
  | "secmark"
  | "label";

/** A zone's number, or the one that the packet's mark names. */
export type CtZone = number | "mark";

/** Also what `NOTRACK` means: `notrack` alone. */
export interface CtTarget {
  readonly name: "CT";
  readonly notrack: boolean;
  /** The directions that the zone counts for. */
  readonly zone?: { readonly zone: CtZone; readonly direction: "both" | "original" | "reply" };
  readonly helper?: string;
  readonly timeout?: string;
  /** Undefined: all events. */
  readonly events?: readonly CtEventName[];
  /** Undefined: all events of expectations. */
  readonly expectationEvents?: readonly "new"[];
}
