/** The tables of iptables, in the order in which a hook's packets meet them. */
export enum Table {
  RAW = 0,
  MANGLE = 1,
  NAT = 2,
  FILTER = 3,
  SECURITY = 4,
  COUNT = 5,
}
