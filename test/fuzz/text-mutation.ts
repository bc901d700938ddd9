/** Damaged text: what people mistype, what programs cut off, and what nobody would write. */
import fc from "fast-check";

/** Words that stand for something in rules or sets. */
const WORDS = [
  "!",
  "-A",
  "-I",
  "-D",
  "-R",
  "-N",
  "-X",
  "-F",
  "-P",
  "-E",
  "-m",
  "-p",
  "-j",
  "-g",
  "-s",
  "-d",
  "-i",
  "-o",
  "-f",
  "-c",
  "--",
  "-",
  "=",
  "INPUT",
  "FORWARD",
  "user",
  "ACCEPT",
  "DROP",
  "tcp",
  "udp",
  "1",
  "0",
  "-1",
  "65536",
  "4294967296",
  "18446744073709551616",
  "0x",
  "1e9",
  "::",
  "::1",
  "1.2.3.4",
  "0.0.0.0/0",
  "1.2.3.4/33",
  "src,dst",
  "*filter",
  "*nat",
  "COMMIT",
  ":INPUT",
  "[0:0]",
  '"',
  "\\",
  "\t",
  "\r",
  "\0",
  "\u{1F600}",
  "NaN",
  "__proto__",
  "constructor",
  "toString",
  "create",
  "add",
  "del",
  "swap",
  "hash:ip",
  "hash:net,iface",
  "timeout",
  "comment",
  "range",
  "0.0.0.0-255.255.255.255",
];

const word = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.nat().map(String),
);

type Change = (text: string, at: number) => string;

/** One change, at a place between 0 and 1. */
const change: fc.Arbitrary<Change> = fc.oneof(
  word.map(
    (inserted): Change =>
      (text, at) =>
        `${text.slice(0, at)}${inserted}${text.slice(at)}`,
  ),
  word.map(
    (inserted): Change =>
      (text, at) =>
        replaceWord(text, at, inserted),
  ),
  fc.constant<Change>((text, at) => replaceWord(text, at, "")),
  fc.constant<Change>((text, at) => `${text.slice(0, at)}${text.slice(at + 1)}`),
  fc.constant<Change>((text, at) => text.slice(0, at)),
  fc.nat(60).map(
    (length): Change =>
      (text, at) =>
        text.slice(0, at) + text.slice(at, at + length) + text.slice(at),
  ),
  fc.constant<Change>((text, at) => swapLines(text, at)),
);

function replaceWord(text: string, at: number, inserted: string): string {
  const from = text.lastIndexOf(" ", at) + 1;
  const to = text.slice(at).search(/[\s]/);
  return `${text.slice(0, from)}${inserted}${to < 0 ? "" : text.slice(at + to)}`;
}

function swapLines(text: string, at: number): string {
  const lines = text.split("\n");
  const i = Math.min(text.slice(0, at).split("\n").length - 1, lines.length - 2);
  if (i >= 0) lines.splice(i, 2, lines[i + 1] ?? "", lines[i] ?? "");
  return lines.join("\n");
}

/** One of these texts with a few changes. */
export function damaged(texts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom(...texts),
      fc.array(fc.tuple(change, fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1, maxLength: 6 }),
    )
    .map(([text, changes]) => {
      return changes.reduce((text, [change, at]) => change(text, Math.floor(at * text.length)), text);
    });
}
