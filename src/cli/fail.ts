/** How a verb ends: errors become a line on standard error and an exit code. */
import { ConntrackError } from "../index.js";
import { ExitCode } from "./exit-code.js";

/** A wrong option, argument or combination of them. */
export class UsageError extends Error {}

/** Input that cannot be read. */
export class InputError extends Error {}

/** The same error, saying where it was found. */
export function placed(error: unknown, place: string): Error {
  const text = `${place}: ${(error as Error).message}`;
  return error instanceof InputError ? new InputError(text) : new UsageError(text);
}

const USAGE_CODES: ReadonlySet<string> = new Set([
  "CT_BAD_OPTION",
  "CT_BAD_SYSCTL",
  "CT_BAD_RULE",
  "CT_BAD_SET",
]);

/** Says what went wrong, and which exit code that is. Errors that are nobody's fault but ours are thrown on. */
export function report(error: unknown): ExitCode {
  if (error instanceof UsageError) {
    say(error.message);
    return ExitCode.USAGE;
  }
  if (error instanceof InputError) {
    say(error.message);
    return ExitCode.UNREADABLE;
  }
  if (error instanceof ConntrackError && error.code !== "CT_ENGINE") {
    say(`${error.code}: ${error.message}`);
    return USAGE_CODES.has(error.code) ? ExitCode.USAGE : ExitCode.UNREADABLE;
  }
  if (error instanceof Error && "syscall" in error) {
    say(error.message);
    return ExitCode.UNREADABLE;
  }
  throw error;
}

/** A line for people. */
export function say(text: string): void {
  process.stderr.write(`ctwasm: ${text}\n`);
}

/** Wraps what a verb does into commander's action. */
export function verb<T extends unknown[]>(
  run: (...args: T) => Promise<ExitCode>,
): (...args: T) => Promise<void> {
  return async (...args) => {
    process.exitCode = await run(...args).catch(report);
  };
}
