/** The verbs there are, each loaded when it is needed. */
import type { Command } from "commander";

export interface Verb {
  readonly name: string;
  load(): Promise<Command>;
}

export const VERBS: readonly Verb[] = [
  { name: "replay", load: async () => (await import("./replay.js")).replayCommand() },
  { name: "list", load: async () => (await import("./list.js")).listCommand() },
  { name: "events", load: async () => (await import("./events.js")).eventsCommand() },
  { name: "stats", load: async () => (await import("./stats.js")).statsCommand() },
  { name: "count", load: async () => (await import("./stats.js")).countCommand() },
  { name: "explain", load: async () => (await import("./explain.js")).explainCommand() },
  { name: "whatif", load: async () => (await import("./whatif.js")).whatifCommand() },
  { name: "test", load: async () => (await import("./test.js")).testCommand() },
  { name: "check", load: async () => (await import("./check.js")).checkCommand() },
  { name: "convert", load: async () => (await import("./convert.js")).convertCommand() },
  { name: "completion", load: async () => (await import("./completion.js")).completionCommand(VERBS) },
];
