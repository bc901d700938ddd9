import { extension } from "../extension.js";
import { option } from "../option.js";
import { words } from "../printers.js";
import { uint } from "../readers.js";
import type { RuleFamily } from "../ruleset.js";

/** `ttl` of IPv4, `hl` (hop limit) of IPv6. */
export interface HopLimitMatch {
  readonly name: "ttl" | "hl";
  readonly comparison: "eq" | "ne" | "lt" | "gt";
  readonly value: number;
}

function define<const Name extends "ttl" | "hl">(name: Name, family: RuleFamily) {
  const value = uint(0, 255);
  const options = {
    [`${name}-eq`]: option(value, { aliases: [name], invertible: true }),
    [`${name}-lt`]: option(value),
    [`${name}-gt`]: option(value),
  };
  const all = Object.keys(options);
  return extension<HopLimitMatch, typeof options>({
    name,
    family,
    options,
    required: [all],
    exclusive: [all],

    build(given) {
      const [eq, lt, gt] = all.map((option) => given[option]);
      return {
        name,
        comparison: eq ? (eq.invert ? "ne" : "eq") : lt ? "lt" : "gt",
        value: (eq ?? lt ?? gt)?.value ?? 0,
      };
    },

    seen(_, { hopLimit }) {
      return `${name === "ttl" ? "TTL" : "hop limit"} ${hopLimit}`;
    },

    print({ comparison, value }) {
      return words(
        comparison === "ne" && "!",
        `--${name}-${comparison === "ne" ? "eq" : comparison} ${value}`,
      );
    },
  });
}

export const ttl = define("ttl", "ipv4");
export const hl = define("hl", "ipv6");
