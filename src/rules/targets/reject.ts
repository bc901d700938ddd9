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

const UNREACHABLE4 = 3;
const UNREACHABLE6 = 1;

type ErrorType = Exclude<RejectType, "tcp-reset">;

/** Type and code of the ICMP errors (IANA). */
export const REJECT_ERRORS: { readonly [T in ErrorType]: readonly [type: number, code: number] } = {
  "icmp-net-unreachable": [UNREACHABLE4, 0],
  "icmp-host-unreachable": [UNREACHABLE4, 1],
  "icmp-proto-unreachable": [UNREACHABLE4, 2],
  "icmp-port-unreachable": [UNREACHABLE4, 3],
  "icmp-net-prohibited": [UNREACHABLE4, 9],
  "icmp-host-prohibited": [UNREACHABLE4, 10],
  "icmp-admin-prohibited": [UNREACHABLE4, 13],
  "icmp6-no-route": [UNREACHABLE6, 0],
  "icmp6-adm-prohibited": [UNREACHABLE6, 1],
  "icmp6-addr-unreachable": [UNREACHABLE6, 3],
  "icmp6-port-unreachable": [UNREACHABLE6, 4],
  "icmp6-policy-fail": [UNREACHABLE6, 5],
  "icmp6-reject-route": [UNREACHABLE6, 6],
};

/** What a packet that REJECT has sent is called; undefined for one of another kind. */
export function rejectTypeOf(packet: Uint8Array): RejectType | undefined {
  const six = (packet[0] ?? 0) >> 4 === 6;
  const protocol = packet[six ? 6 : 9];
  if (protocol === Protocol.TCP) return "tcp-reset";
  if (protocol !== (six ? Protocol.ICMPV6 : Protocol.ICMP)) return undefined;
  const at = six ? 40 : ((packet[0] ?? 0) & 15) * 4;
  const found = Object.entries(REJECT_ERRORS).find(
    ([name, [type, code]]) =>
      name.startsWith("icmp6") === six && type === packet[at] && code === packet[at + 1],
  );
  return found?.[0] as ErrorType | undefined;
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
