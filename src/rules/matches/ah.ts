import { Protocol } from "../../../assembly/shared/protocol.js";
import { extension } from "../extension.js";
import { flag, invertible } from "../option.js";
import { given, partial, printRange, words } from "../printers.js";
import { range, U32_MAX, uint } from "../readers.js";
import { known, list, type Sight } from "../sight.js";
import type { Inverted, Range } from "../values.js";

export interface AhMatch {
  readonly name: "ah";
  readonly spi: Inverted<Range>;
  /** IPv6: length of the header in bytes. */
  readonly length?: Inverted<{ readonly bytes: number }>;
  /** IPv6: the reserved field must be zero. */
  readonly reserved: boolean;
}

const spi = { ahspi: invertible(range(U32_MAX)) };
const options = { ...spi, ahlen: invertible(uint(0, U32_MAX)), ahres: flag() };

const ANY: AhMatch["spi"] = { min: 0, max: U32_MAX, invert: false };

/** IPv4: the rule's protocol has to be AH. */
export const ah = extension<AhMatch, typeof spi>({
  name: "ah",
  family: "ipv4",
  options: spi,
  protocols: [Protocol.AH],

  build({ ahspi }) {
    return { name: "ah", spi: ahspi ? { ...ahspi.value, invert: ahspi.invert } : ANY, reserved: false };
  },

  seen(match, sight, { a }) {
    return seenHeader(match, sight, Number(a));
  },

  print({ spi }) {
    return words(given("--ahspi", partial(spi, U32_MAX), printRange));
  },
});

/** IPv6: AH is an extension header, behind which the protocol stands. */
export const ah6 = extension<AhMatch, typeof options>({
  name: "ah",
  family: "ipv6",
  options,

  build({ ahspi, ahlen, ahres }) {
    // A length of 0 stands for any.
    const length = ahlen && ahlen.value > 0 ? { bytes: ahlen.value, invert: ahlen.invert } : undefined;
    return {
      name: "ah",
      spi: ahspi ? { ...ahspi.value, invert: ahspi.invert } : ANY,
      ...(length && { length }),
      reserved: ahres !== undefined,
    };
  },

  seen(match, sight, { a }) {
    return seenHeader(match, sight, Number(a));
  },

  print({ spi, length, reserved }) {
    return words(
      given("--ahspi", partial(spi, U32_MAX), printRange),
      given("--ahlen", length, ({ bytes }) => bytes),
      reserved && "--ahres",
    );
  },
});

/** `at`: where the header begins, 0 for nowhere. */
function seenHeader({ length, reserved }: AhMatch, sight: Sight, at: number): string {
  if (at === 0) return "no authentication header";
  const words = sight.u8(at + 1);
  return list(
    `SPI ${known(sight.u32(at + 4))}`,
    length && `length ${known(words === undefined ? words : (words + 2) * 4)}`,
    reserved && `reserved ${known(sight.u16(at + 2))}`,
  );
}
