/**
 * Options that cannot be read. What the error has to point at stands between « and ».
 * For each option of each match and target there is one at least, which malformed.test.ts checks.
 */
export interface Malformed {
  readonly family: "ipv4" | "ipv6";
  readonly extension: string;
  readonly rule: string;
}

export function rows(family: Malformed["family"], extension: string, text: string): Malformed[] {
  return text
    .trim()
    .split("\n")
    .map((line) => ({ family, extension, rule: line.trim() }));
}
