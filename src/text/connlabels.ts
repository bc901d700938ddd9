/** connlabel.conf(5): names for the labels of connections, which are numbered from 0 to 127. */
import { parseNumber } from "./number.js";

const NUMBER = /^\+?(?:0[xX][0-9a-fA-F]+|[0-9]+)/;
const NAME = /^[A-Za-z0-9 -]+$/;

/**
 * Reads /etc/xtables/connlabel.conf as iptables and conntrack-tools do: a number and a name a line, which may have
 * letters, digits, "-" and blanks in it. Of two names for a number, or numbers for a name, the first one counts.
 * @param leftOut is told of lines that those tools pass over silently: comments and blank lines are not among them
 */
export function parseConnlabels(
  text: string,
  leftOut: (number: number, line: string) => void = () => {},
): Map<number, string> {
  const names = new Map<number, string>();
  const known = new Set<string>();
  for (const [i, line] of text.split("\n").entries()) {
    const entry = line.trim();
    if (entry === "" || entry.startsWith("#")) continue;
    const [number = ""] = NUMBER.exec(entry) ?? [];
    const name = entry.slice(number.length).trim();
    const label = parseNumber(number, 0, 127);
    if (label === undefined || !NAME.test(name) || names.has(label) || known.has(name)) {
      leftOut(i + 1, line);
      continue;
    }
    names.set(label, name);
    known.add(name);
  }
  return names;
}

/** Number of a label that is called so; else the text is a number from 0 to 127 itself. Undefined: neither. */
export function labelOf(text: string, names: ReadonlyMap<number, string>): number | undefined {
  for (const [label, name] of names) if (name === text) return label;
  return parseNumber(text, 0, 127);
}
