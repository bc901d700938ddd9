import type { Lesson } from "../lesson.js";
import { ftpActive, ftpPassive, irc, tftp } from "./helpers.js";
import { generic, icmpErrorTcp, icmpErrorUdp, icmpPing, tableFull, udp, untracked } from "./plain.js";
import { notrack } from "./raw.js";
import { tcpClose, tcpOpen, tcpPickup, tcpReset, tcpWindow } from "./tcp.js";
import { wayForwarded, wayIn, wayOut } from "./way.js";

/** In the order in which the tutorial has them. */
export const LESSONS: readonly Lesson[] = [
  tcpOpen,
  tcpClose,
  tcpReset,
  tcpPickup,
  tcpWindow,
  udp,
  icmpPing,
  icmpErrorTcp,
  icmpErrorUdp,
  generic,
  ftpActive,
  ftpPassive,
  irc,
  tftp,
  untracked,
  notrack,
  wayForwarded,
  wayIn,
  wayOut,
  tableFull,
];
