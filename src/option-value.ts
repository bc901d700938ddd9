/** What callers give for numbers, checked. */
import { ConntrackError } from "./errors.js";

/** `what` names the call and the option. @throws ConntrackError CT_BAD_OPTION */
export function wholeNumber(what: string, value: number, max: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  throw badOption(what, value, `a whole number from 0 to ${max}`);
}

export function badOption(what: string, value: unknown, expected: string): ConntrackError {
  const got = typeof value === "number" ? value : JSON.stringify(value);
  return new ConntrackError("CT_BAD_OPTION", `${what}: expected ${expected}, got ${got}`);
}
