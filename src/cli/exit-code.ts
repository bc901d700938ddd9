/** How the process ends. */
export enum ExitCode {
  OK = 0,
  /** Something was not as the user expected it to be: --fail-on, test. */
  UNEXPECTED = 1,
  /** A wrong option, argument, setting or ruleset. */
  USAGE = 2,
  /** Input that is missing, cut off, damaged or of an unknown kind. */
  UNREADABLE = 3,
  /** As shells have it: 128 and the number of SIGINT. */
  INTERRUPTED = 130,
}
