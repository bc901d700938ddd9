/** The bundled helpers, by the names that `CT --helper` knows. */
import { ConntrackError } from "../errors.js";
import { amanda } from "./amanda.js";
import { ftp } from "./ftp.js";
import { h245 } from "./h323/h245-control.js";
import { q931 } from "./h323/q931.js";
import { ras } from "./h323/ras.js";
import type { Helper } from "./helper.js";
import { irc } from "./irc.js";
import { netbiosNs } from "./netbios-ns.js";
import { pptp } from "./pptp.js";
import { sane } from "./sane.js";
import { sipTcp, sipUdp } from "./sip/index.js";
import { snmp } from "./snmp.js";
import { tftp } from "./tftp.js";

export type {
  Endpoints,
  Expect,
  ExpectationClass,
  ExpectResult,
  GreCalls,
  Helper,
  HelperContext,
  PendingExpectation,
} from "./helper.js";

export const BUNDLED: readonly Helper[] = [
  amanda,
  ftp,
  h245,
  irc,
  netbiosNs,
  pptp,
  q931,
  ras,
  sane,
  sipUdp,
  sipTcp,
  snmp,
  tftp,
];

/** @throws ConntrackError CT_BAD_OPTION for a name that is not bundled */
export function bundledHelper(name: string, protocol: "tcp" | "udp" | undefined): Helper {
  const found = BUNDLED.find(
    (helper) => helper.name === name && (protocol === undefined || helper.protocol === protocol),
  );
  if (!found) {
    const names = BUNDLED.map((helper) => helper.name).join(", ");
    throw new ConntrackError(
      "CT_BAD_OPTION",
      `there is no helper ${name}${protocol ? ` for ${protocol}` : ""}; there are ${names}`,
    );
  }
  return found;
}
