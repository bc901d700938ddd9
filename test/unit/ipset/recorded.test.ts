/** Sets and elements as ipset and the kernel took them: what is saved, what is refused. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { ConntrackError } from "../../../src/errors.js";
import { parseIpsets } from "../../../src/ipset/parse.js";
import { printIpsets } from "../../../src/ipset/print.js";

/** See record.py. */
interface Recorded {
  readonly lines: readonly string[];
  readonly saved?: readonly string[];
  readonly refused?: true;
}

const recording = gunzipSync(readFileSync(new URL("recorded.jsonl.gz", import.meta.url))).toString();
const recorded = recording
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded);

/** Deliberate, by the last line. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([
  ["add a 1.2.3", "1.2.0.3 in Linux, although people mean 1.2.3.0"],
  ["add a 0.0.0.1-255.255.255.254", "Linux calls the set full after a few networks"],
  ["add a 1.2.3.4,80,5.6.7.8/32", "the prefix of a host is none"],
  ['add "a b" 1.2.3.4', "printed by ipset so that it could not read it again"],
]);

/** Sorted, without what changes with time. */
function judge(lines: readonly string[]): string[] | "refused" {
  let printed: string;
  try {
    printed = printIpsets(parseIpsets(lines.join("\n")));
  } catch (error) {
    if (!(error instanceof ConntrackError) || error.code !== "CT_BAD_SET") throw error;
    return "refused";
  }
  expect(printIpsets(parseIpsets(printed))).toBe(printed);
  return printed
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.replace(/ bucketsize \d+/, "").replace(/^(add .*) timeout [1-9]\d*/, "$1 timeout N"))
    .sort();
}

function agrees({ lines, saved, refused }: Recorded): boolean {
  const linux = refused ? "refused" : [...(saved ?? [])].sort();
  return JSON.stringify(judge(lines)) === JSON.stringify(linux);
}

it("sets are saved or refused as on Linux", () => {
  expect(recorded.length).toBeGreaterThan(350);
  expect(recorded.filter(({ refused }) => refused).length).toBeGreaterThan(100);
  const wrong = recorded.filter((one) => !DIFFERENT.has(one.lines.at(-1) ?? "") && !agrees(one));
  expect(wrong.map(({ lines, saved }) => ({ lines, linux: saved ?? "refused", here: judge(lines) }))).toEqual(
    [],
  );
});

it("differs where it says so, and only there", () => {
  const different = recorded.filter((one) => DIFFERENT.has(one.lines.at(-1) ?? "") && !agrees(one));
  expect(different.map(({ lines }) => lines.at(-1)).sort()).toEqual([...DIFFERENT.keys()].sort());
});
