import { extension } from "../extension.js";
import { invertible, type Reader } from "../option.js";
import { given, words } from "../printers.js";
import { badArgument } from "../rule-error.js";

export interface MacMatch {
  readonly name: "mac";
  readonly invert: boolean;
  /** Six bytes. */
  readonly source: readonly number[];
}

const address: Reader<readonly number[]> = (word) => {
  if (!/^[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}$/i.test(word.text)) {
    throw badArgument(word, "six hexadecimal numbers joined by colons");
  }
  return word.text.split(":").map((part) => Number.parseInt(part, 16));
};

const options = { "mac-source": invertible(address) };

export const mac = extension<MacMatch, typeof options>({
  name: "mac",
  options,
  required: [["mac-source"]],
  hooks: ["PREROUTING", "INPUT", "FORWARD"],

  build({ "mac-source": source }) {
    return { name: "mac", invert: source?.invert ?? false, source: source?.value ?? [] };
  },

  seen(_, { fields: { ethernet } }) {
    return ethernet ? `source ${printMac([...ethernet.subarray(6, 12)])}` : "no Ethernet header";
  },

  print(match) {
    return words(given("--mac-source", match, ({ source }) => printMac(source)));
  },
});

function printMac(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}
