/** Kinds of events, as ctnetlink's three multicast groups. */
export enum EventKind {
  NEW = 1,
  UPDATE = 2,
  DESTROY = 3,
  EXP_NEW = 4,
  EXP_DESTROY = 5,
}

/** What changed (IPCT_ bits, as in `CT --ctevents`). Bit n is event n. */
export enum EventBit {
  NEW = 0x1,
  RELATED = 0x2,
  DESTROY = 0x4,
  REPLY = 0x8,
  ASSURED = 0x10,
  PROTOINFO = 0x20,
  HELPER = 0x40,
  MARK = 0x80,
  SEQADJ = 0x100,
  SECMARK = 0x200,
  LABEL = 0x400,
  SYNPROXY = 0x800,
}
