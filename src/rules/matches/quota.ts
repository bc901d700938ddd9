import { parseBigNumber } from "../../text/number.js";
import { extension } from "../extension.js";
import { invertible, type Reader } from "../option.js";
import { given, words } from "../printers.js";
import { badArgument } from "../rule-error.js";

export interface QuotaMatch {
  readonly name: "quota";
  readonly invert: boolean;
  readonly bytes: bigint;
}

const bytes: Reader<bigint> = (word) => {
  const value = word.text.includes("-") ? undefined : parseBigNumber(word.text);
  if (value === undefined) throw badArgument(word, "a number of bytes");
  return value;
};

const options = { quota: invertible(bytes) };

export const quota = extension<QuotaMatch, typeof options>({
  name: "quota",
  options,
  required: [["quota"]],

  build({ quota }) {
    return { name: "quota", invert: quota?.invert ?? false, bytes: quota?.value ?? 0n };
  },

  seen(_, { fields: { length } }, { a }) {
    return `${a} bytes left, packet of ${length}`;
  },

  print(match) {
    return words(given("--quota", match, ({ bytes }) => `${bytes}`));
  },
});
