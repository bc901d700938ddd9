/** Lessons on the live engine, and a bench to build packets by hand. */
import { useEffect } from "preact/hooks";
import { lesson } from "../store.js";
import { language, text } from "../text/index.js";
import { Bench } from "./bench.js";
import { LESSONS } from "./lessons/index.js";
import { Player } from "./player.js";

const BENCH = "bench";

export function Learn() {
  const t = text.value;
  const chosen = lesson.value || LESSONS[0]!.id;
  const found = LESSONS.find(({ id }) => id === chosen);
  useEffect(() => {
    document
      .querySelector(`[data-lesson="${chosen}"]`)
      ?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [chosen]);
  const entry = (id: string, title: string) => (
    <li key={id}>
      <button
        type="button"
        data-lesson={id}
        aria-current={id === chosen ? "true" : undefined}
        onClick={() => {
          lesson.value = id;
        }}
      >
        {title}
      </button>
    </li>
  );
  return (
    <div class="learn">
      <nav aria-label={t.lessons}>
        <h2>{t.lessons}</h2>
        <ol>{LESSONS.map(({ id, title }) => entry(id, title[language.value]))}</ol>
        <h2>{t.byHand}</h2>
        <ul>{entry(BENCH, t.bench)}</ul>
      </nav>
      {found ? <Player key={found.id} lesson={found} /> : <Bench />}
    </div>
  );
}
