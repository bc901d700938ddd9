import { extension } from "../extension.js";
import { invertible } from "../option.js";
import { given, printAddressRange, words } from "../printers.js";
import { readAddressRange } from "../readers.js";
import { list } from "../sight.js";
import type { AddressRange, Inverted } from "../values.js";

export interface IprangeMatch {
  readonly name: "iprange";
  readonly source?: Inverted<AddressRange>;
  readonly destination?: Inverted<AddressRange>;
}

const options = {
  "src-range": invertible((word, { family }) => readAddressRange(word, family)),
  "dst-range": invertible((word, { family }) => readAddressRange(word, family)),
};

export const iprange = extension<IprangeMatch, typeof options>({
  name: "iprange",
  options,
  required: [["src-range", "dst-range"]],

  build(given) {
    const { "src-range": source, "dst-range": destination } = given;
    return {
      name: "iprange",
      ...(source && { source: { ...source.value, invert: source.invert } }),
      ...(destination && { destination: { ...destination.value, invert: destination.invert } }),
    };
  },

  seen({ source, destination }, sight) {
    return list(source && `source ${sight.source}`, destination && `destination ${sight.destination}`);
  },

  print({ source, destination }) {
    return words(
      given("--src-range", source, printAddressRange),
      given("--dst-range", destination, printAddressRange),
    );
  },
});
