/** Status bits of a flow: the IPS_ values that ctnetlink shows. */
export enum Status {
  EXPECTED = 0x1,
  SEEN_REPLY = 0x2,
  ASSURED = 0x4,
  CONFIRMED = 0x8,
  SRC_NAT = 0x10,
  DST_NAT = 0x20,
  SEQ_ADJUST = 0x40,
  SRC_NAT_DONE = 0x80,
  DST_NAT_DONE = 0x100,
  DYING = 0x200,
  FIXED_TIMEOUT = 0x400,
  TEMPLATE = 0x800,
  NAT_CLASH = 0x1000,
  HELPER = 0x2000,
}

/** Either end is another one in replies. */
export const TRANSLATED = Status.SRC_NAT | Status.DST_NAT;
