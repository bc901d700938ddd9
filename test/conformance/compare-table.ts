import { AGREED, type Comparer, type Difference, differs, near } from "./compare.js";
import { isHashDependent } from "./loose.js";

/** What varies between two listings of the same entries, apart from the rest of the line. */
interface Line {
  seconds: number;
  /** Age, printed for entries with a timestamp. */
  age: number;
}

// name, number, name, number, then the seconds left; the reference count comes last
const LINE = /^(\S+ +\d+ \S+ +\d+ )(-?\d+ )?(.*) use=\d+$/;
const AGE = /\bdelta-time=(\d+)/;

/** The listing, line by line in any order: all of a line but `use=`, and seconds to within one. */
export const compareTable: Comparer = ({ scenario, step, conntrack, time }) => {
  if (!step.table || isHashDependent(scenario)) return AGREED;
  const kernel = parse(step.table);
  const ours = parse(conntrack.procNetNfConntrack({ time }).split("\n"));
  const found: Difference[] = [];
  for (const [key, theirs] of kernel) {
    const line = ours.get(key);
    if (!line) found.push(...differs("table", print(key, theirs), "no such line"));
    else if (!near(theirs.seconds, line.seconds) || !near(theirs.age, line.age)) {
      found.push(...differs("table", print(key, theirs), print(key, line)));
    }
  }
  for (const [key, line] of ours) {
    // the kernel lists a moment after the packet: what has less than a second left may be gone by then
    if (!kernel.has(key) && line.seconds > 0)
      found.push(...differs("table", "no such line", print(key, line)));
  }
  return found;
};

function parse(lines: readonly string[]): Map<string, Line> {
  const table = new Map<string, Line>();
  for (const text of lines) {
    if (text === "") continue;
    const parts = LINE.exec(text);
    const age = AGE.exec(text);
    const key = parts ? `${parts[1]}${parts[2] ? "_ " : ""}${parts[3]!.replace(AGE, "delta-time=_")}` : text;
    table.set(key, { seconds: Number(parts?.[2] ?? 0), age: Number(age?.[1] ?? 0) });
  }
  return table;
}

function print(key: string, line: Line): string {
  return key.replace(" _ ", ` ${line.seconds} `).replace("delta-time=_", `delta-time=${line.age}`);
}

/** Expectations, line by line in any order; seconds to within one. */
export const compareExpectations: Comparer = ({ step, conntrack, time }) => {
  if (!step.table) return AGREED;
  const recorded = step.expect ?? [];
  if (!conntrack.procNetNfConntrackExpect) {
    return recorded.length === 0 ? AGREED : differs("expect", recorded, "expectations are not built yet");
  }
  const kernel = [...recorded].sort(byRest);
  const ours = conntrack
    .procNetNfConntrackExpect({ time })
    .split("\n")
    .filter((line) => line !== "")
    .sort(byRest);
  const same =
    kernel.length === ours.length &&
    kernel.every((line, i) => rest(line) === rest(ours[i]!) && near(seconds(line), seconds(ours[i]!)));
  return same ? AGREED : differs("expect", kernel, ours);
};

const seconds = (line: string) => Number.parseInt(line, 10);
const rest = (line: string) => line.slice(line.indexOf(" "));
const byRest = (a: string, b: string) =>
  rest(a) < rest(b) ? -1 : rest(a) > rest(b) ? 1 : seconds(a) - seconds(b);
