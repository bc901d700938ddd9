const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** "5m" in milliseconds; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * UNITS[unit as keyof typeof UNITS];
}
