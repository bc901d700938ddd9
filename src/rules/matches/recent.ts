import { formatIp, prefixMask } from "../../text/ip-address.js";
import { extension } from "../extension.js";
import { quotedIfBlank } from "../lexer.js";
import { flag, option } from "../option.js";
import { words } from "../printers.js";
import { addressLength, readAddress, text, U32_MAX, uint } from "../readers.js";
import { ruleError } from "../rule-error.js";
import type { AddressBytes } from "../values.js";

export interface RecentMatch {
  readonly name: "recent";
  readonly invert: boolean;
  readonly operation: "set" | "rcheck" | "update" | "remove";
  /** Rules with the same name share their list. */
  readonly list: string;
  /** 0: not looked at. */
  readonly seconds: number;
  /** 0: not looked at. */
  readonly hitcount: number;
  readonly reap: boolean;
  readonly ttl: boolean;
  readonly address: "source" | "destination";
  readonly mask: AddressBytes;
}

/** What the kernel keeps of each address, at most. */
const MOST_STAMPS = 65535;
const OPERATIONS = ["set", "rcheck", "update", "remove"] as const;

const options = {
  set: flag({ invertible: true }),
  rcheck: flag({ invertible: true }),
  update: flag({ invertible: true }),
  remove: flag({ invertible: true }),
  seconds: option(uint(1, U32_MAX)),
  reap: flag(),
  hitcount: option(uint(0, U32_MAX)),
  rttl: flag(),
  name: option(text(1, 199)),
  rsource: flag(),
  rdest: flag(),
  mask: option((word, { family }) => readAddress(word, family)),
};

export const recent = extension<RecentMatch, typeof options>({
  name: "recent",
  options,
  required: [OPERATIONS],
  exclusive: [OPERATIONS, ["rttl", "set"], ["rttl", "remove"]],

  build(given, { family }) {
    const operation = OPERATIONS.find((one) => given[one]) ?? "set";
    const { seconds, reap, hitcount, rttl, name, rdest, mask } = given;
    if (reap && !seconds) throw ruleError(reap.word, "--reap needs --seconds");
    const length = addressLength(family);
    return {
      name: "recent",
      invert: given[operation]?.invert ?? false,
      operation,
      list: name?.value ?? "DEFAULT",
      seconds: seconds?.value ?? 0,
      hitcount: hitcount?.value ?? 0,
      reap: reap !== undefined,
      ttl: rttl !== undefined,
      address: rdest ? "destination" : "source",
      mask: mask?.value ?? prefixMask(length * 8, length),
    };
  },

  refusal({ operation, seconds, hitcount, list }) {
    if ((operation === "set" || operation === "remove") && (seconds > 0 || hitcount > 0)) {
      return `--${operation} goes without --seconds and --hitcount`;
    }
    if (hitcount > MOST_STAMPS) return `there are at most ${MOST_STAMPS} hits to count`;
    return /^\.{1,2}$|\//.test(list) ? "the name of a list cannot contain a slash" : undefined;
  },

  seen({ address, list, operation, hitcount, seconds }, sight, { a, b }) {
    const who = `${sight[address]} is`;
    if (a === 0n) return `${who} not in ${list}`;
    if (operation === "set" || operation === "remove" || hitcount + seconds === 0) return `${who} in ${list}`;
    // The engine stops counting at what is asked for.
    const most = b >= BigInt(Math.max(hitcount, 1)) ? " or more" : "";
    return `${who} in ${list}, ${b}${most} times${seconds > 0 ? ` in ${seconds} s` : ""}`;
  },

  print({ invert, operation, seconds, reap, hitcount, ttl, list, mask, address }) {
    return words(
      invert && "!",
      `--${operation}`,
      seconds > 0 && `--seconds ${seconds}`,
      reap && "--reap",
      hitcount > 0 && `--hitcount ${hitcount}`,
      ttl && "--rttl",
      `--name ${quotedIfBlank(list)}`,
      `--mask ${formatIp(mask)}`,
      address === "source" ? "--rsource" : "--rdest",
    );
  },
});
