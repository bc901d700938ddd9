import { extension } from "../extension.js";
import { option, type Reader } from "../option.js";
import { words } from "../printers.js";
import { badArgument } from "../rule-error.js";

export interface ClassifyTarget {
  readonly name: "CLASSIFY";
  /** skb priority: major << 16 | minor. */
  readonly priority: number;
}

/** MAJOR:MINOR, hexadecimal. */
const priority: Reader<number> = (word) => {
  const [, major = "", minor = ""] = /^(?:0x)?([0-9a-f]{1,4}):(?:0x)?([0-9a-f]{1,4})$/i.exec(word.text) ?? [];
  if (major === "") throw badArgument(word, "two hexadecimal numbers of 16 bits joined by a colon");
  return ((Number.parseInt(major, 16) << 16) | Number.parseInt(minor, 16)) >>> 0;
};

const options = { "set-class": option(priority) };

export const classify = extension<ClassifyTarget, typeof options>({
  name: "CLASSIFY",
  options,
  required: [["set-class"]],
  hooks: ["FORWARD", "OUTPUT", "POSTROUTING"],

  build(given) {
    return { name: "CLASSIFY", priority: given["set-class"]?.value ?? 0 };
  },

  print({ priority }) {
    const [major, minor] = [priority >>> 16, priority & 0xffff].map((half) =>
      half.toString(16).padStart(4, "0"),
    );
    return words("--set-class", `${major}:${minor}`);
  },
});
