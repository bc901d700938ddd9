import { extension } from "../extension.js";
import { quoted } from "../lexer.js";
import { option } from "../option.js";
import { words } from "../printers.js";
import { text, U32_MAX, uint } from "../readers.js";

export interface NflogTarget {
  readonly name: "NFLOG";
  readonly group: number;
  /** Up to 63 bytes. */
  readonly prefix: string;
  /** Bytes of the packet to copy; undefined: all. */
  readonly size?: number;
  /** Has no effect, in Linux as here. */
  readonly range?: number;
  /** Packets that wait before they are handed on; 0: as the receiver likes. */
  readonly threshold: number;
}

const options = {
  "nflog-group": option(uint(0, 65535)),
  "nflog-prefix": option(text(1, 63)),
  "nflog-size": option(uint(0, U32_MAX)),
  "nflog-range": option(uint(0, U32_MAX)),
  "nflog-threshold": option(uint(0, 65535)),
};

export const nflog = extension<NflogTarget, typeof options>({
  name: "NFLOG",
  options,
  exclusive: [["nflog-size", "nflog-range"]],

  build(given) {
    const { "nflog-size": size, "nflog-range": range } = given;
    return {
      name: "NFLOG",
      group: given["nflog-group"]?.value ?? 0,
      prefix: given["nflog-prefix"]?.value ?? "",
      ...(size && { size: size.value }),
      ...(range && range.value > 0 && { range: range.value }),
      threshold: given["nflog-threshold"]?.value ?? 0,
    };
  },

  print({ group, prefix, size, range, threshold }) {
    return words(
      prefix !== "" && `--nflog-prefix ${quoted(prefix)}`,
      group !== 0 && `--nflog-group ${group}`,
      size !== undefined && `--nflog-size ${size}`,
      range !== undefined && `--nflog-range ${range}`,
      threshold !== 0 && `--nflog-threshold ${threshold}`,
    );
  },
});
