import { Protocol } from "../../../assembly/shared/protocol.js";
import { extension } from "../extension.js";
import { invertible } from "../option.js";
import { given, printRange, words } from "../printers.js";
import { ascending, range as readRange } from "../readers.js";
import type { Range } from "../values.js";

export interface TcpmssMatch {
  readonly name: "tcpmss";
  readonly invert: boolean;
  readonly range: Range;
}

const options = { mss: invertible(ascending(readRange(65535))) };

export const tcpmss = extension<TcpmssMatch, typeof options>({
  name: "tcpmss",
  options,
  required: [["mss"]],
  protocols: [Protocol.TCP],

  build({ mss }) {
    return { name: "tcpmss", invert: mss?.invert ?? false, range: mss?.value ?? { min: 0, max: 65535 } };
  },

  seen(_, _sight, { a, b }) {
    return a === 0n ? "no MSS option" : `MSS ${b}`;
  },

  print(match) {
    return words(given("--mss", match, ({ range }) => printRange(range)));
  },
});
