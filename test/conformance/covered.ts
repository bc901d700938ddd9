import { groupOf, type Scenario } from "./recording.js";
import { readRuleset } from "./rules.js";

/**
 * The groups that must agree with the kernel in full, per recording that the repository carries. A group is added
 * with the feature that it needs.
 */
export const COVERED: Record<string, readonly string[]> = {
  curated: [
    "tcp",
    "tcp6",
    "udp",
    "udp6",
    "icmp",
    "icmp6",
    "proto",
    "proto6",
    "udplite",
    "udplite6",
    "ip4",
    "ip6",
    "ext6",
    "timeout",
    "sctp",
    "sctp6",
    "icmp-error",
    "icmp6-error",
    "full",
    "drop",
    "cmd",
    "tftp",
    "tftp6",
    "ftp",
    "ftp6",
    "irc",
    "amanda",
    "sane",
    "netbios-ns",
    "snmp",
    "sip",
    "sip6",
    "pptp",
    "frag4",
    "frag6",
  ],
  "ip-layer": ["ip-layer"],
  commands: ["commands"],
  timeouts: ["timeouts"],
  "helpers-ftp": ["helpers-ftp"],
  "helpers-irc": ["helpers-irc"],
  "helpers-amanda": ["helpers-amanda"],
  "helpers-sane": ["helpers-sane"],
  "helpers-broadcast": ["helpers-broadcast"],
  "helpers-pptp": ["pptp"],
  "helpers-h323": ["helpers-h323"],
  nat: ["nat"],
  fragments: ["fragments"],
  random: ["random"],
  "helpers-sip": ["helpers-sip", "helpers-sip6"],
  rules: [],
  "random-rules": [],
  "early-drop": ["full"],
};

/** Within a covered group, scenarios that need rules wait for these. */
export function isCovered(recording: string, scenario: Scenario): boolean {
  if (!COVERED[recording]?.includes(groupOf(scenario.name))) return false;
  return readRuleset(scenario.rules).needs === undefined;
}
