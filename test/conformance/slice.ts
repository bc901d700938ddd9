import type { ConntrackModule } from "./api.js";
import { COVERED, isCovered } from "./covered.js";
import { readRecording } from "./recording.js";
import { replayScenario, type ScenarioResult } from "./replay.js";

/** Recordings of which at least one group is covered. */
export const COVERED_RECORDINGS = Object.keys(COVERED).filter((name) => COVERED[name]!.length > 0);

/** Where a recording lies; `import.meta.url` makes this a file in Node and an address to fetch in a browser. */
export function recordingUrl(recording: string): URL {
  return new URL(`./recordings/${recording}.jsonl.gz`, import.meta.url);
}

/** Replays what is covered of one recording; the results by group. */
export async function replayCovered(
  module: ConntrackModule,
  recording: string,
  bytes: ReadableStream<Uint8Array>,
): Promise<Map<string, ScenarioResult[]>> {
  const { header, scenarios } = await readRecording(bytes);
  const results = new Map<string, ScenarioResult[]>();
  for await (const scenario of scenarios) {
    if (!isCovered(recording, scenario)) continue;
    const result = await replayScenario(module, scenario, header);
    const group = results.get(result.group);
    if (group) group.push(result);
    else results.set(result.group, [result]);
  }
  return results;
}
