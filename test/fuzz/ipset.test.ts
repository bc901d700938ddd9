/** Damaged sets: an error of ours, or sets that print and read again. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ConntrackError } from "../../src/errors.js";
import { parseIpsets } from "../../src/ipset/parse.js";
import { printIpsets } from "../../src/ipset/print.js";
import { damaged } from "./text-mutation.js";

const RUNS = Number(process.env.FUZZ_RUNS ?? 3000);
const recording = new URL("../unit/ipset/recorded.jsonl.gz", import.meta.url);
const texts = gunzipSync(readFileSync(recording))
  .toString()
  .trim()
  .split("\n")
  .map((line) => `${(JSON.parse(line) as { lines: string[] }).lines.join("\n")}\n`);

function check(text: string): void {
  let printed: string;
  try {
    printed = printIpsets(parseIpsets(text));
  } catch (error) {
    if (!(error instanceof ConntrackError)) throw error;
    expect(error.code).toBe("CT_BAD_SET");
    return;
  }
  expect(printIpsets(parseIpsets(printed))).toBe(printed);
}

it("damaged sets", () => {
  fc.assert(fc.property(damaged(texts), check), { numRuns: RUNS });
});

it("any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 100 }), (text) => {
      check(text);
      check(`create a hash:ip,port ${text}\nadd a ${text}\n`);
    }),
    { numRuns: RUNS },
  );
});

it("a few lines cannot ask for more elements than there is room for", () => {
  const many = "create a hash:ip maxelem 4294967295\nadd a 16.0.0.0/4\n";
  expect(() => parseIpsets(many)).toThrow(/these are 268435456 elements, and there is room for 4194304/);
  const pairs = "create a hash:ip,port maxelem 4294967295\nadd a 10.0.0.0/16,0-65535\n";
  expect(() => parseIpsets(pairs)).toThrow(/these are 4294967296 elements/);
});
