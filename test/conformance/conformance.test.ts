import { createReadStream, existsSync } from "node:fs";
import { Readable } from "node:stream";
import { beforeAll, describe, expect, it } from "vitest";
import * as module from "../../src/index.js";
import { COVERED } from "./covered.js";
import { readRecording } from "./recording.js";
import { replayScenario, type ScenarioResult } from "./replay.js";
import { summaryLine } from "./report.js";
import { COVERED_RECORDINGS, recordingUrl, replayCovered } from "./slice.js";

const PATIENCE = 120_000;
/** Captures of real traffic are not part of the repository. */
const CAPTURES = new URL("../../../shared/kernel-traces/captures.jsonl.gz", import.meta.url);

function open(url: URL): ReadableStream<Uint8Array> {
  return Readable.toWeb(createReadStream(url)) as ReadableStream<Uint8Array>;
}

describe.each(COVERED_RECORDINGS)("recording %s", (recording) => {
  let results = new Map<string, ScenarioResult[]>();

  beforeAll(async () => {
    results = await replayCovered(module, recording, open(recordingUrl(recording)));
  }, PATIENCE);

  it.each(COVERED[recording]!)("agrees with the kernel: %s", (group) => {
    const replayed = results.get(group) ?? [];
    expect(replayed.length, "scenarios replayed").toBeGreaterThan(0);
    expect(replayed.filter(({ differing }) => differing.length > 0).map(summaryLine)).toEqual([]);
  });
});

describe("recording captures", () => {
  it.skipIf(!existsSync(CAPTURES))(
    "agrees with the kernel",
    async () => {
      const { header, scenarios } = await readRecording(open(CAPTURES));
      const failed: string[] = [];
      for await (const scenario of scenarios) {
        const result = await replayScenario(module, scenario, header);
        if (result.differing.length > 0) failed.push(summaryLine(result));
      }
      expect(failed).toEqual([]);
    },
    PATIENCE,
  );
});
