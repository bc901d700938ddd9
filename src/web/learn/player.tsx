/** Plays a lesson step by step. */
import { useEffect, useState } from "preact/hooks";
import { language, text } from "../text/index.js";
import type { Lab } from "./lab.js";
import { LabView } from "./lab-view.js";
import { type Lesson, play } from "./lesson.js";

export function Player({ lesson }: { lesson: Lesson }) {
  const t = text.value;
  const spoken = language.value;
  const [step, setStep] = useState(1);
  const [lab, setLab] = useState<Lab>();
  const steps = lesson.steps();
  useEffect(() => {
    let current = true;
    void play(lesson, step).then((played) => {
      if (current) setLab(played);
    });
    return () => {
      current = false;
    };
  }, [lesson, step]);
  const words = steps[step - 1]?.words[spoken];
  return (
    <article class="lesson">
      <header>
        <h2>{lesson.title[spoken]}</h2>
        <p>{lesson.words[spoken]}</p>
      </header>
      <div class="step">
        <div class="buttons">
          <button type="button" class="button" disabled={step === 1} onClick={() => setStep(step - 1)}>
            {t.previousStep}
          </button>
          <button
            type="button"
            class="button primary"
            disabled={step === steps.length}
            onClick={() => setStep(step + 1)}
          >
            {t.nextStep}
          </button>
          <span class="note">{t.stepOf(step, steps.length)}</span>
          <button type="button" class="quiet" disabled={step === 1} onClick={() => setStep(1)}>
            {t.restart}
          </button>
        </div>
        <p aria-live="polite">{words}</p>
      </div>
      {lab && <LabView lab={lab} />}
    </article>
  );
}
