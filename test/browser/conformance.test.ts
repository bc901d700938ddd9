import { expect, it } from "vitest";
import * as module from "../../src/index.js";
import { summaryLine } from "../conformance/report.js";
import { COVERED_RECORDINGS, recordingUrl, replayCovered } from "../conformance/slice.js";

it.each(COVERED_RECORDINGS)("agrees with the kernel in a browser: %s", async (recording) => {
  const { body } = await fetch(recordingUrl(recording));
  if (!body) throw new Error(`no recording ${recording}`);
  const results = [...(await replayCovered(module, recording, body)).values()].flat();
  expect(results.length).toBeGreaterThan(0);
  expect(results.filter(({ differing }) => differing.length > 0).map(summaryLine)).toEqual([]);
});
