export { parseIpsets } from "../ipset/parse.js";
export { printIpsets } from "../ipset/print.js";
export type { HashSettings, IpSet, SetElement, SetPart, SetValue } from "../ipset/sets.js";
export { SourceError, type SourceErrorCode } from "../text/source.js";
export type { Match } from "./matches/index.js";
export { type ParseOptions, parseRuleset } from "./parse.js";
export { type PrintOptions, printRuleset } from "./print.js";
export { UnsupportedRuleError } from "./rule-error.js";
export type { Chain, HookName, Rule, RuleFamily, Ruleset, Table, TableName } from "./ruleset.js";
export type { Target } from "./targets/index.js";
export type {
  AddressBytes,
  AddressRange,
  BigRange,
  InterfacePattern,
  Inverted,
  Masked,
  Network,
  Range,
} from "./values.js";
