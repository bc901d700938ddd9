import { Protocol } from "../../../assembly/shared/protocol.js";
import { ICMP_TYPES, ICMP6_TYPES, type IcmpTypeName } from "../../text/icmp-types.js";
import { parseNumber } from "../../text/number.js";
import { splitWord } from "../../text/source.js";
import { extension } from "../extension.js";
import { invertible, type Reader } from "../option.js";
import { given, words } from "../printers.js";
import { named, ruleError } from "../rule-error.js";
import { known, type Sight } from "../sight.js";
import type { Range } from "../values.js";

/** `icmp` with IPv4, `icmp6` with IPv6. */
export interface IcmpMatch {
  readonly name: "icmp" | "icmp6";
  readonly invert: boolean;
  /** Undefined: any. */
  readonly type?: number;
  readonly code: Range;
}

type TypeAndCode = Pick<IcmpMatch, "type" | "code">;

const ANY_CODE: Range = { min: 0, max: 255 };
/** With IPv4 this type number means any. */
const ANY_ICMP = 255;

function reader(names: readonly IcmpTypeName[], any: number | undefined): Reader<TypeAndCode> {
  return (word) => {
    const start = word.text.toLowerCase();
    const exact = names.find(({ name }) => name.toLowerCase() === start);
    const begun = names.filter(({ name }) => name.toLowerCase().startsWith(start));
    const found = exact ?? begun[0];
    if (found && !exact && begun.length > 1) {
      const choice = begun
        .slice(0, 2)
        .map(({ name }) => name)
        .join(" or ");
      throw ruleError(word, `${named(word.text)} is ambiguous`, choice);
    }
    if (found) {
      return {
        ...(found.type !== undefined && { type: found.type }),
        code: found.code === undefined ? ANY_CODE : { min: found.code, max: found.code },
      };
    }
    const [typeWord, codeWord, more] = splitWord(word, "/");
    const type = typeWord && parseNumber(typeWord.text, 0, 255);
    const code = codeWord && parseNumber(codeWord.text, 0, 255);
    if (type === undefined || (codeWord && code === undefined) || more) {
      throw ruleError(
        word,
        `${named(word.text)} is no type of ICMP`,
        "TYPE, TYPE/CODE or a name such as echo-request",
      );
    }
    if (type === any) return { code: ANY_CODE };
    return { type, code: code === undefined ? ANY_CODE : { min: code, max: code } };
  };
}

function print({ type, code }: TypeAndCode): string {
  if (type === undefined) return "any";
  return code.min === code.max ? `${type}/${code.min}` : `${type}`;
}

function seenType(sight: Sight, names: readonly IcmpTypeName[]): string {
  const [type, code] = [sight.transport8(0), sight.transport8(1)];
  const found = names.find((one) => one.type === type && one.code === undefined);
  return `type ${known(type)}/${known(code)}${found ? ` (${found.name})` : ""}`;
}

const options4 = { "icmp-type": invertible(reader(ICMP_TYPES, ANY_ICMP)) };
const options6 = { "icmpv6-type": invertible(reader(ICMP6_TYPES, undefined)) };

export const icmp = extension<IcmpMatch, typeof options4>({
  name: "icmp",
  family: "ipv4",
  options: options4,
  required: [["icmp-type"]],
  protocols: [Protocol.ICMP],

  build({ "icmp-type": type }) {
    return { name: "icmp", invert: type?.invert ?? false, ...(type?.value ?? { code: ANY_CODE }) };
  },

  seen(_, sight) {
    return seenType(sight, ICMP_TYPES);
  },

  print(match) {
    return words(given("--icmp-type", match, print));
  },
});

export const icmp6 = extension<IcmpMatch, typeof options6>({
  name: "icmp6",
  aliases: ["icmpv6", "ipv6-icmp"],
  family: "ipv6",
  options: options6,
  required: [["icmpv6-type"]],
  protocols: [Protocol.ICMPV6],

  build({ "icmpv6-type": type }) {
    return { name: "icmp6", invert: type?.invert ?? false, ...(type?.value ?? { code: ANY_CODE }) };
  },

  seen(_, sight) {
    return seenType(sight, ICMP6_TYPES);
  },

  print(match) {
    return words(given("--icmpv6-type", match, print));
  },
});
