import { extension } from "../extension.js";
import { flag, invertible } from "../option.js";
import { given, partial, printRange, words } from "../printers.js";
import { range, U32_MAX, uint } from "../readers.js";
import { known, list } from "../sight.js";
import type { Inverted, Range } from "../values.js";

/** IPv6: the fragment header. */
export interface FragMatch {
  readonly name: "frag";
  readonly id: Inverted<Range>;
  /** Has no effect, in Linux as here: the header has no length of its own. */
  readonly length?: Inverted<{ readonly bytes: number }>;
  /** The reserved fields must be zero. */
  readonly reserved: boolean;
  readonly first: boolean;
  /** More fragments follow, or this is the last one. */
  readonly more: boolean;
  readonly last: boolean;
}

const options = {
  fragid: invertible(range(U32_MAX)),
  fraglen: invertible(uint(0, U32_MAX)),
  fragres: flag(),
  fragfirst: flag(),
  fragmore: flag(),
  fraglast: flag(),
};

export const frag = extension<FragMatch, typeof options>({
  name: "frag",
  family: "ipv6",
  options,
  exclusive: [["fragmore", "fraglast"]],

  build({ fragid, fraglen, fragres, fragfirst, fragmore, fraglast }) {
    return {
      name: "frag",
      id: fragid ? { ...fragid.value, invert: fragid.invert } : { min: 0, max: U32_MAX, invert: false },
      ...(fraglen && { length: { bytes: fraglen.value, invert: fraglen.invert } }),
      reserved: fragres !== undefined,
      first: fragfirst !== undefined,
      more: fragmore !== undefined,
      last: fraglast !== undefined,
    };
  },

  seen({ reserved, first, more, last }, sight, { a }) {
    const at = Number(a);
    if (at === 0) return "no fragment header";
    const word = sight.u16(at + 2) ?? 0;
    return list(
      `id ${known(sight.u32(at + 4))}`,
      reserved && `reserved ${sight.u8(at + 1) ?? 0} and ${(word >> 1) & 3}`,
      (first || more || last) && `offset ${word & 0xfff8}, ${word & 1 ? "more follow" : "the last one"}`,
    );
  },

  print({ id, length, reserved, first, more, last }) {
    return words(
      given("--fragid", partial(id, U32_MAX), printRange),
      given("--fraglen", length, ({ bytes }) => bytes),
      reserved && "--fragres",
      first && "--fragfirst",
      more && "--fragmore",
      last && "--fraglast",
    );
  },
});
