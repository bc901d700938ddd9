import { formatIp } from "../../text/ip-address.js";
import { splitWord } from "../../text/source.js";
import { extension } from "../extension.js";
import { flag, invertible, option, type Reader } from "../option.js";
import { given, partial, printRange, words } from "../printers.js";
import { range, readAddress, U32_MAX, uint } from "../readers.js";
import { ruleError } from "../rule-error.js";
import { known, list } from "../sight.js";
import type { AddressBytes, Inverted, Range } from "../values.js";

/** IPv6: the routing header. */
export interface RtMatch {
  readonly name: "rt";
  readonly type?: Inverted<{ readonly number: number }>;
  readonly segmentsLeft: Inverted<Range>;
  /** Of the header, in bytes. */
  readonly length?: Inverted<{ readonly bytes: number }>;
  /** Type 0: the reserved field must be zero. */
  readonly reserved: boolean;
  /** Type 0: exactly these addresses, or with `notStrict` these among others, in this order. */
  readonly addresses: readonly AddressBytes[];
  readonly notStrict: boolean;
}

const MOST_ADDRESSES = 16;

const addresses: Reader<AddressBytes[]> = (word, { family }) => {
  const parts = splitWord(word, ",");
  if (parts.length > MOST_ADDRESSES) throw ruleError(word, `there is room for ${MOST_ADDRESSES} addresses`);
  return parts.map((part) => readAddress(part, family));
};

const options = {
  "rt-type": invertible(uint(0, U32_MAX)),
  "rt-segsleft": invertible(range(U32_MAX)),
  "rt-len": invertible(uint(0, U32_MAX)),
  "rt-0-res": flag(),
  "rt-0-addrs": option(addresses),
  "rt-0-not-strict": flag(),
};

export const rt = extension<RtMatch, typeof options>({
  name: "rt",
  family: "ipv6",
  options,

  build(given) {
    const { "rt-type": type, "rt-segsleft": segments, "rt-len": length } = given;
    const { "rt-0-res": reserved, "rt-0-addrs": list, "rt-0-not-strict": notStrict } = given;
    const ofType0 = reserved ?? list;
    if (ofType0 && (type?.value !== 0 || type.invert))
      throw ruleError(ofType0.word, `${ofType0.word.text} needs --rt-type 0`);
    if (notStrict && !list) throw ruleError(notStrict.word, "--rt-0-not-strict needs --rt-0-addrs");
    return {
      name: "rt",
      ...(type && { type: { number: type.value, invert: type.invert } }),
      segmentsLeft: segments
        ? { ...segments.value, invert: segments.invert }
        : { min: 0, max: U32_MAX, invert: false },
      ...(length && { length: { bytes: length.value, invert: length.invert } }),
      reserved: reserved !== undefined,
      addresses: list?.value ?? [],
      notStrict: notStrict !== undefined,
    };
  },

  seen({ type, length, reserved, addresses }, sight, { a }) {
    const at = Number(a);
    if (at === 0) return "no routing header";
    const bytes = ((sight.u8(at + 1) ?? 0) + 1) * 8;
    const there = Array.from({ length: Math.floor((bytes - 8) / 16) }, (_, i) => {
      const from = at + 8 + 16 * i;
      return formatIp([...sight.fields.bytes.subarray(from, from + 16)]);
    });
    return list(
      type && `type ${known(sight.u8(at + 2))}`,
      `segments left ${known(sight.u8(at + 3))}`,
      length && `length ${bytes}`,
      reserved && `reserved ${known(sight.u32(at + 4))}`,
      addresses.length > 0 && `addresses ${there.join(",") || "none"}`,
    );
  },

  print({ type, segmentsLeft, length, reserved, addresses, notStrict }) {
    return words(
      given("--rt-type", type, ({ number }) => number),
      given("--rt-segsleft", partial(segmentsLeft, U32_MAX), printRange),
      given("--rt-len", length, ({ bytes }) => bytes),
      reserved && "--rt-0-res",
      addresses.length > 0 && `--rt-0-addrs ${addresses.map(formatIp).join(",")}`,
      notStrict && "--rt-0-not-strict",
    );
  },
});
