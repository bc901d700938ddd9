import { extension } from "../extension.js";
import { option } from "../option.js";
import { words } from "../printers.js";
import { uint } from "../readers.js";
import type { RuleFamily } from "../ruleset.js";

/** `TTL` with IPv4, `HL` (hop limit) with IPv6. */
export interface HopLimitTarget {
  readonly name: "TTL" | "HL";
  readonly operation: "set" | "inc" | "dec";
  readonly value: number;
}

function define<const Name extends "TTL" | "HL">(name: Name, family: RuleFamily) {
  const prefix = name.toLowerCase();
  const options = {
    [`${prefix}-set`]: option(uint(0, 255)),
    [`${prefix}-inc`]: option(uint(1, 255)),
    [`${prefix}-dec`]: option(uint(1, 255)),
  };
  const all = Object.keys(options);
  return extension<HopLimitTarget, typeof options>({
    name,
    family,
    options,
    required: [all],
    exclusive: [all],
    tables: ["mangle"],

    build(given) {
      const [set, inc, dec] = all.map((option) => given[option]);
      return { name, operation: set ? "set" : inc ? "inc" : "dec", value: (set ?? inc ?? dec)?.value ?? 0 };
    },

    print({ operation, value }) {
      return words(`--${prefix}-${operation}`, `${value}`);
    },
  });
}

export const ttl = define("TTL", "ipv4");
export const hl = define("HL", "ipv6");
