import { Protocol } from "../../../assembly/shared/protocol.js";
import { splitWord, type Word } from "../../text/source.js";
import { extension } from "../extension.js";
import { flag, invertible, option, type Reader } from "../option.js";
import { given, partial, printRange, words } from "../printers.js";
import { ascending, portRange, uint } from "../readers.js";
import { named, ruleError } from "../rule-error.js";
import { known, list, type Sight } from "../sight.js";
import type { Inverted, Masked, Range } from "../values.js";

export interface TcpMatch {
  readonly name: "tcp";
  readonly sourcePort?: Inverted<Range>;
  readonly destinationPort?: Inverted<Range>;
  /** Bits of the 14th byte of the header: holds when (flags & mask) === value. */
  readonly flags?: Inverted<Masked>;
  /** Kind of a TCP option that must be there. */
  readonly option?: Inverted<{ readonly kind: number }>;
}

export const TCP_SYN = 0x02;

/** In the order in which they are printed. */
const FLAGS = [
  ["FIN", 0x01],
  ["SYN", TCP_SYN],
  ["RST", 0x04],
  ["PSH", 0x08],
  ["ACK", 0x10],
  ["URG", 0x20],
] as const;
const ALL = 0x3f;
const SYN: Masked = { mask: 0x17, value: TCP_SYN };

function readFlags(word: Word): number {
  let bits = 0;
  for (const part of splitWord(word, ",")) {
    const name = part.text.toUpperCase();
    if (name === "" || name === "NONE") continue;
    const bit = name === "ALL" ? ALL : FLAGS.find(([flag]) => flag === name)?.[1];
    if (bit === undefined) {
      throw ruleError(
        part,
        `${named(part.text)} is no flag of TCP`,
        "a list of FIN, SYN, RST, PSH, ACK, URG, ALL or NONE",
      );
    }
    bits |= bit;
  }
  return bits;
}

const flags: Reader<Masked> = (word, { second }) => {
  return { mask: readFlags(word), value: readFlags(second("the flags that are set")) };
};

const options = {
  "source-port": option(ascending(portRange(Protocol.TCP)), { aliases: ["sport"], invertible: true }),
  "destination-port": option(ascending(portRange(Protocol.TCP)), { aliases: ["dport"], invertible: true }),
  syn: flag({ invertible: true }),
  "tcp-flags": invertible(flags),
  "tcp-option": invertible(uint(1, 255)),
};

export const tcp = extension<TcpMatch, typeof options>({
  name: "tcp",
  options,
  exclusive: [["syn", "tcp-flags"]],
  protocols: [Protocol.TCP],

  build(given) {
    const { "source-port": source, "destination-port": destination, syn, "tcp-option": kind } = given;
    const flags = given["tcp-flags"];
    return {
      name: "tcp",
      ...(source && { sourcePort: { ...source.value, invert: source.invert } }),
      ...(destination && { destinationPort: { ...destination.value, invert: destination.invert } }),
      ...(syn && { flags: { ...SYN, invert: syn.invert } }),
      ...(flags && { flags: { ...flags.value, invert: flags.invert } }),
      ...(kind && { option: { kind: kind.value, invert: kind.invert } }),
    };
  },

  seen(match, sight) {
    const flags = sight.transport8(FLAGS_AT);
    return list(
      sight.ports(match),
      match.flags && `flags ${known(flags === undefined ? undefined : printFlags(flags))}`,
      match.option && `options ${seenOptions(sight)}`,
    );
  },

  print({ sourcePort, destinationPort, flags, option }) {
    return words(
      given("--sport", partial(sourcePort, 65535), printRange),
      given("--dport", partial(destinationPort, 65535), printRange),
      given("--tcp-option", option, ({ kind }) => kind),
      flags && (flags.mask || flags.value || flags.invert)
        ? given("--tcp-flags", flags, ({ mask, value }) => `${printFlags(mask)} ${printFlags(value)}`)
        : undefined,
    );
  },
});

function printFlags(bits: number): string {
  return (
    FLAGS.filter(([, bit]) => bits & bit)
      .map(([name]) => name)
      .join(",") || "NONE"
  );
}

const FLAGS_AT = 13;
const HEADER = 20;

/** Kinds of the options, as far as they can be read. */
function seenOptions(sight: Sight): string {
  const end = ((sight.transport8(FLAGS_AT - 1) ?? 0) >> 4) * 4;
  const kinds: number[] = [];
  for (let at = HEADER; at < end; ) {
    const kind = sight.transport8(at);
    if (kind === undefined) break;
    kinds.push(kind);
    at += kind < 2 || at + 1 === end ? 1 : Math.max(sight.transport8(at + 1) ?? 1, 1);
  }
  return kinds.join(",") || "none";
}
