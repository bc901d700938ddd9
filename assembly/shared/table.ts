/** The tables of iptables, in the order in which a hook's packets meet them. */
export enum Table {
  RAW = 0,
  MANGLE = 1,
  NAT = 2,
  FILTER = 3,
  SECURITY = 4,
  COUNT = 5,
}

/** Packet.table: the table, and the hook in the bits above; NO_TABLE when none was asked. */
export const TABLE_BITS = 3;
export const NO_TABLE = 0xff;
