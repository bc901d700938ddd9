import { formatIp, prefixLength, prefixMask } from "../../text/ip-address.js";
import { extension } from "../extension.js";

import { flag, invertible, option } from "../option.js";
import { words } from "../printers.js";
import { addressLength, readMask, U32_MAX, uint } from "../readers.js";
import type { AddressBytes } from "../values.js";

export interface ConnlimitMatch {
  readonly name: "connlimit";
  /** "above": more than `limit` connections; "upto": that many or fewer. */
  readonly comparison: "above" | "upto";
  readonly limit: number;
  readonly address: "source" | "destination";
  readonly mask: AddressBytes;
}

const options = {
  "connlimit-upto": invertible(uint(0, U32_MAX)),
  "connlimit-above": invertible(uint(0, U32_MAX)),
  "connlimit-mask": option((word, { family }) => readMask(word, family)),
  "connlimit-saddr": flag(),
  "connlimit-daddr": flag(),
};

export const connlimit = extension<ConnlimitMatch, typeof options>({
  name: "connlimit",
  options,
  required: [["connlimit-above", "connlimit-upto"]],
  exclusive: [
    ["connlimit-above", "connlimit-upto"],
    ["connlimit-saddr", "connlimit-daddr"],
  ],

  build(given, { family }) {
    const above = given["connlimit-above"];
    const one = above ?? given["connlimit-upto"];
    const length = addressLength(family);
    return {
      name: "connlimit",
      comparison: (above !== undefined) === (one?.invert ?? false) ? "upto" : "above",
      limit: one?.value ?? 0,
      address: given["connlimit-daddr"] ? "destination" : "source",
      mask: given["connlimit-mask"]?.value ?? prefixMask(length * 8, length),
    };
  },

  seen({ address }, sight, { a }) {
    return `${a} connection${a === 1n ? "" : "s"} of ${sight[address]}`;
  },

  print({ comparison, limit, address, mask }) {
    return words(
      `--connlimit-${comparison} ${limit}`,
      `--connlimit-mask ${prefixLength(mask) ?? formatIp(mask)}`,
      address === "source" ? "--connlimit-saddr" : "--connlimit-daddr",
    );
  },
});
