/** Every lesson, played on the engine: what its words claim has to be so. */
import { describe, expect, it } from "vitest";
import { Lab } from "../../../src/web/learn/lab.js";
import { take } from "../../../src/web/learn/lesson.js";
import { LESSONS } from "../../../src/web/learn/lessons/index.js";

describe.each(LESSONS)("lesson $id", (lesson) => {
  it("shows what it says", async () => {
    const lab = await Lab.create(lesson);
    for (const [i, step] of lesson.steps().entries()) {
      const entry = take(lab, step);
      const { flows, expectations, ...expected } = step.expected ?? {};
      const seen = {
        ctState: entry?.record.ctState,
        reason: entry?.record.reason,
        verdict: entry?.record.verdict,
        way: entry?.way,
        state: entry?.record.after?.state,
        timeout: entry?.record.after?.timeout,
        assured: entry?.record.after?.assured,
      };
      expect(seen, `step ${i + 1}: ${step.words.en}`).toMatchObject(expected);
      if (flows !== undefined) expect(lab.table(), `step ${i + 1}`).toHaveLength(flows);
      if (expectations !== undefined) expect(lab.expectations(), `step ${i + 1}`).toHaveLength(expectations);
    }
  });

  it("is told in both languages", () => {
    const long = [lesson.words, ...lesson.steps().map((step) => step.words)].filter(
      ({ en }) => en.length > 30,
    );
    expect(lesson.title.zh).not.toBe("");
    for (const { zh } of long) expect(zh).toMatch(/[\u4e00-\u9fff]/);
  });
});
