import { SetSeen } from "../../../assembly/shared/counting-records.js";
import { parseBigNumber } from "../../text/number.js";
import { extension } from "../extension.js";
import { flag, type Given, type GivenOption, option, type Reader } from "../option.js";
import { given, words } from "../printers.js";
import { badArgument } from "../rule-error.js";
import { printSetUse, readSetUse, type SetUse } from "../set-dimensions.js";
import { list } from "../sight.js";

export interface SetCounterTest {
  readonly comparison: "eq" | "ne" | "lt" | "gt";
  readonly value: bigint;
}

export interface SetMatch extends SetUse {
  readonly name: "set";
  readonly invert: boolean;
  /** An element with "nomatch" counts as a match. */
  readonly returnNomatch: boolean;
  readonly updateCounters: boolean;
  readonly updateSubcounters: boolean;
  readonly packets?: SetCounterTest;
  readonly bytes?: SetCounterTest;
}

const number: Reader<bigint> = (word) => {
  const value = parseBigNumber(word.text);
  if (value === undefined) throw badArgument(word, "a number");
  return value;
};

const options = {
  "match-set": option(readSetUse, { aliases: ["set"], invertible: true }),
  "return-nomatch": flag(),
  "update-counters": flag({ invertible: true }),
  "update-subcounters": flag({ invertible: true }),
  "packets-eq": option(number, { invertible: true }),
  "packets-lt": option(number),
  "packets-gt": option(number),
  "bytes-eq": option(number, { invertible: true }),
  "bytes-lt": option(number),
  "bytes-gt": option(number),
};

function counterTest(given: Given<typeof options>, counter: "packets" | "bytes"): SetCounterTest | undefined {
  for (const comparison of ["eq", "lt", "gt"] as const) {
    const one: GivenOption<bigint> | undefined = given[`${counter}-${comparison}`];
    if (one) return { comparison: one.invert ? "ne" : comparison, value: one.value };
  }
  return undefined;
}

function printTest(counter: string, test: SetCounterTest | undefined): string | undefined {
  if (!test) return undefined;
  const { comparison, value } = test;
  return words(
    comparison === "ne" && "!",
    `--${counter}-${comparison === "ne" ? "eq" : comparison} ${value}`,
  );
}

export const set = extension<SetMatch, typeof options>({
  name: "set",
  options,
  required: [["match-set"]],
  exclusive: [
    ["packets-eq", "packets-lt", "packets-gt"],
    ["bytes-eq", "bytes-lt", "bytes-gt"],
  ],

  build(given) {
    const packets = counterTest(given, "packets");
    const bytes = counterTest(given, "bytes");
    return {
      name: "set",
      invert: given["match-set"]?.invert ?? false,
      ...(given["match-set"]?.value ?? { set: "", dimensions: [] }),
      returnNomatch: given["return-nomatch"] !== undefined,
      updateCounters: !given["update-counters"]?.invert,
      updateSubcounters: !given["update-subcounters"]?.invert,
      ...(packets && { packets }),
      ...(bytes && { bytes }),
    };
  },

  seen({ set, dimensions, packets, bytes }, sight, { a, b }) {
    const both = dimensions.includes("src") && dimensions.includes("dst");
    const who = both ? "packet" : dimensions[0] === "src" ? sight.source : sight.destination;
    if (a === 0n) return `${who} is not in ${set}`;
    if (a & BigInt(SetSeen.NOMATCH)) return `${who} is in ${set} with nomatch`;
    return list(
      `${who} is in ${set}`,
      packets && `${b} packets`,
      bytes && `${a >> BigInt(SetSeen.BYTES_SHIFT)} bytes`,
    );
  },

  print(match) {
    return words(
      given("--match-set", match, printSetUse),
      match.returnNomatch && "--return-nomatch",
      !match.updateCounters && "! --update-counters",
      !match.updateSubcounters && "! --update-subcounters",
      printTest("packets", match.packets),
      printTest("bytes", match.bytes),
    );
  },
});
