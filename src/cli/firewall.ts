/** The machine as options say, with its rules. A file of its own: only what has rules loads their language. */
import { Firewall, type FirewallOptions, type RulesetTexts } from "../index.js";
import { connlabelsOf } from "./connlabels.js";
import { readText } from "./files.js";
import type { MachineFlags } from "./machine.js";

/** @throws ConntrackError CT_BAD_RULE ... with the place; InputError when a file cannot be read */
export async function createFirewall(
  { rules, rules6, ipset, connlabels, interface: interfaces, route }: MachineFlags,
  options: Pick<FirewallOptions, "sysctl" | "eventCapacity"> = {},
): Promise<Firewall> {
  const texts: RulesetTexts = {
    ...(rules !== undefined && { ipv4: readText(rules) }),
    ...(rules6 !== undefined && { ipv6: readText(rules6) }),
  };
  return Firewall.fromIptablesSave(texts, {
    ...options,
    connlabels: connlabelsOf({ connlabels }),
    ...(ipset !== undefined && { ipset: readText(ipset) }),
    ...(interfaces && { interfaces }),
    ...(route && { routes: route }),
  });
}
