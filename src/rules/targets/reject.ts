import { Protocol } from "../../../assembly/shared/protocol.js";
import { extension } from "../extension.js";
import { option, type Reader } from "../option.js";
import { words } from "../printers.js";
import { named, ruleError } from "../rule-error.js";
import type { RuleFamily } from "../ruleset.js";

export type RejectType =
  | "icmp-net-unreachable"
  | "icmp-host-unreachable"
  | "icmp-proto-unreachable"
  | "icmp-port-unreachable"
  | "icmp-net-prohibited"
  | "icmp-host-prohibited"
  | "icmp-admin-prohibited"
  | "icmp6-no-route"
  | "icmp6-adm-prohibited"
  | "icmp6-addr-unreachable"
  | "icmp6-port-unreachable"
  | "icmp6-policy-fail"
  | "icmp6-reject-route"
  | "tcp-reset";

export interface RejectTarget {
  readonly name: "REJECT";
  readonly with: RejectType;
}

/** The first that a text is the beginning of is meant. */
const TYPES: Record<RuleFamily, readonly (readonly [type: RejectType, ...aliases: string[]])[]> = {
  ipv4: [
    ["icmp-net-unreachable", "net-unreach"],
    ["icmp-host-unreachable", "host-unreach"],
    ["icmp-proto-unreachable", "proto-unreach"],
    ["icmp-port-unreachable", "port-unreach"],
    ["icmp-net-prohibited", "net-prohib"],
    ["icmp-host-prohibited", "host-prohib"],
    ["tcp-reset", "tcp-rst"],
    ["icmp-admin-prohibited", "admin-prohib"],
  ],
  ipv6: [
    ["icmp6-no-route", "no-route"],
    ["icmp6-adm-prohibited", "adm-prohibited"],
    ["icmp6-addr-unreachable", "addr-unreach"],
    ["icmp6-port-unreachable", "port-unreach"],
    ["tcp-reset", "tcp-reset"],
    ["icmp6-policy-fail", "policy-fail"],
    ["icmp6-reject-route", "reject-route"],
  ],
};

const type: Reader<RejectType> = (word, { family }) => {
  const start = word.text.toLowerCase();
  const found = TYPES[family].find((names) => names.some((name) => name.startsWith(start)));
  if (!found || start === "") {
    const types = TYPES[family].map(([type]) => type).join(", ");
    throw ruleError(word, `${named(word.text)} is no type of rejection`, types);
  }
  return found[0];
};

const options = { "reject-with": option(type) };

export const reject = extension<RejectTarget, typeof options>({
  name: "REJECT",
  options,
  tables: ["filter"],
  hooks: ["INPUT", "FORWARD", "OUTPUT"],

  build(given, { family }) {
    const usual = family === "ipv4" ? "icmp-port-unreachable" : "icmp6-port-unreachable";
    return { name: "REJECT", with: given["reject-with"]?.value ?? usual };
  },

  refusal({ with: type }, { rule: { protocol } }) {
    const isTcp = protocol?.number === Protocol.TCP && !protocol.invert;
    return type === "tcp-reset" && !isTcp ? "tcp-reset needs -p tcp" : undefined;
  },

  print({ with: type }) {
    return words("--reject-with", type);
  },
});
