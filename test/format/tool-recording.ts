/** What record-conntrack-tool.py has written, and how its lines are compared. */
import { createReadStream, existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";

export interface ToolRecording {
  readonly name: string;
  /** Sysctls set beside the scenario's own. */
  readonly set: Readonly<Record<string, number>>;
  readonly proc: readonly string[];
  readonly proc_expect: readonly string[];
  readonly list: Readonly<Record<string, readonly string[]>>;
  readonly events: Readonly<Record<string, readonly string[]>>;
  readonly expect: readonly string[];
  readonly stats: readonly string[];
  readonly stat: readonly string[];
}

/** The lines of a JSON Lines file behind its header; none when there is no such file. */
export async function* linesOf<T>(file: URL): AsyncGenerator<T> {
  if (!existsSync(file)) return;
  const lines = createInterface({ input: createReadStream(file).pipe(createGunzip()) });
  let header = true;
  for await (const line of lines) {
    if (!header) yield JSON.parse(line) as T;
    header = false;
  }
}

export const toolRecording = (name: string) => new URL(`recordings/${name}.jsonl.gz`, import.meta.url);

/** What differs from one run to the next: seconds, dates, ids, and who caused an event. */
const VARIES: readonly (readonly [RegExp, string])[] = [
  [/( \[USERSPACE\] portid=\d+( progname=\w+)?)$/, ""],
  [/^\[\d+\.\d{6}\]\t/, "[_]\t"],
  [/^((?:\[_\]\t)?(?:\s*\[\w+\] )?(?:ipv[46] +\d+ )?[a-z]\w* +\d+ )\d+ /, "$1_ "],
  [/^(-. )-t \d+ /, "$1-t _ "],
  // The tool has no name for SCTP's last state.
  [/--state \(null\)/, "--state HEARTBEAT_SENT"],
  [/<timeout>\d+</, "<timeout>_<"],
  [/(^|\] )\d+ proto=/, "$1_ proto="],
  [/ id=\d+$/, " id=_"],
  [/<id>\d+</, "<id>_<"],
  [/delta-time=\d+/, "delta-time=_"],
  [/<deltatime>\d+</, "<deltatime>_<"],
  [/\[(start|stop)=\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\]/g, "[$1=_]"],
  [/<(start|stop)>\d+</g, "<$1>_<"],
];

export function withoutVariables(line: string): string {
  return VARIES.reduce((text, [pattern, by]) => text.replace(pattern, by), line);
}

/** Lines in an order of their own, what varies blanked: listings have no order. */
export function comparable(lines: Iterable<string>): string[] {
  return Array.from(lines, withoutVariables).sort();
}

/** A flow whose time was up: how long the tool went on listening is chance. */
const EXPIRED = [
  /\[DESTROY\] (ipv. +\d+ )?\w+ +\d+ [A-Zs]/,
  /^-D -u/,
  /<flow type="destroy">(?!.*<timeout>)/,
];

export function withoutExpired(lines: readonly string[]): string[] {
  const left = lines.filter((line) => !EXPIRED.some((pattern) => pattern.test(line)));
  // A document without flows is none.
  return left.some((line) => line.startsWith("<flow")) || !left.includes("</conntrack>") ? left : [];
}
