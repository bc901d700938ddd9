/** Options of iptables itself: commands, what every rule may have, and what iptables-restore refuses. */

export const COMMANDS = [
  "append",
  "delete",
  "insert",
  "replace",
  "flush",
  "zero",
  "new-chain",
  "delete-chain",
  "rename-chain",
  "policy",
] as const;
export type CommandName = (typeof COMMANDS)[number];

export interface CoreOption {
  readonly name: string;
  readonly short?: string;
  readonly aliases?: readonly string[];
  /** "optional": the next word, unless it begins with a hyphen. */
  readonly argument?: "required" | "optional";
  readonly invertible?: boolean;
  /** Why it cannot be used here. */
  readonly refused?: string;
}

const NOT_HERE = "is no command that iptables-restore takes";
const NOT_FOR_RULES = "has no meaning for a rule";

export const CORE_OPTIONS: readonly CoreOption[] = [
  { name: "append", short: "A", argument: "required" },
  { name: "delete", short: "D", argument: "required" },
  { name: "insert", short: "I", argument: "required" },
  { name: "replace", short: "R", argument: "required" },
  { name: "flush", short: "F", argument: "optional" },
  { name: "zero", short: "Z", argument: "optional" },
  { name: "new-chain", short: "N", argument: "required" },
  { name: "delete-chain", short: "X", argument: "optional" },
  { name: "rename-chain", short: "E", argument: "required" },
  { name: "policy", short: "P", argument: "required" },
  { name: "check", short: "C", argument: "required", refused: NOT_HERE },
  { name: "list", short: "L", refused: NOT_HERE },
  { name: "list-rules", short: "S", refused: NOT_HERE },
  { name: "help", short: "h", refused: NOT_HERE },
  { name: "version", short: "V", refused: NOT_HERE },
  { name: "source", short: "s", aliases: ["src"], argument: "required", invertible: true },
  { name: "destination", short: "d", aliases: ["dst"], argument: "required", invertible: true },
  { name: "protocol", short: "p", argument: "required", invertible: true },
  { name: "in-interface", short: "i", argument: "required", invertible: true },
  { name: "out-interface", short: "o", argument: "required", invertible: true },
  { name: "fragments", short: "f", invertible: true },
  { name: "match", short: "m", argument: "required" },
  { name: "jump", short: "j", argument: "required" },
  { name: "goto", short: "g", argument: "required" },
  { name: "set-counters", short: "c", argument: "required" },
  { name: "ipv4", short: "4" },
  { name: "ipv6", short: "6" },
  { name: "verbose", short: "v" },
  {
    name: "table",
    short: "t",
    argument: "required",
    refused: "cannot be used: a line with * names the table",
  },
  { name: "numeric", short: "n", refused: NOT_FOR_RULES },
  { name: "exact", short: "x", refused: NOT_FOR_RULES },
  { name: "line-numbers", refused: NOT_FOR_RULES },
  { name: "wait", short: "w", refused: NOT_FOR_RULES },
  { name: "wait-interval", short: "W", refused: NOT_FOR_RULES },
  { name: "modprobe", short: "M", argument: "required", refused: NOT_FOR_RULES },
];
