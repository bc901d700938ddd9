import { Protocol } from "../../../assembly/shared/protocol.js";
import { extension } from "../extension.js";
import { invertible } from "../option.js";
import { given, partial, printRange, words } from "../printers.js";
import { range, U32_MAX } from "../readers.js";
import { known } from "../sight.js";
import type { Inverted, Range } from "../values.js";

export interface EspMatch {
  readonly name: "esp";
  readonly spi: Inverted<Range>;
}

const options = { espspi: invertible(range(U32_MAX)) };

export const esp = extension<EspMatch, typeof options>({
  name: "esp",
  options,
  protocols: [Protocol.ESP],

  build({ espspi }) {
    return {
      name: "esp",
      spi: espspi ? { ...espspi.value, invert: espspi.invert } : { min: 0, max: U32_MAX, invert: false },
    };
  },

  seen(_, sight) {
    return `SPI ${known(sight.transport32(0))}`;
  },

  print({ spi }) {
    return words(given("--espspi", partial(spi, U32_MAX), printRange));
  },
});
