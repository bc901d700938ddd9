import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Learn } from "./learn/learn.js";
import { Explore } from "./panels/explore.js";
import { failure, mode, openFile } from "./store.js";
import { language, text } from "./text/index.js";

const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

const stored = localStorage.getItem("theme");
const theme = signal<Theme>(THEMES.find((name) => name === stored) ?? "auto");
const dragged = signal(false);

export function App() {
  const t = text.value;
  useEffect(() => {
    document.documentElement.dataset.theme = theme.value;
    localStorage.setItem("theme", theme.value);
    document.title = t.title;
  });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping a file has a button beside it
    <div
      class={`app ${dragged.value ? "dragged" : ""}`}
      onDragOver={(event) => {
        event.preventDefault();
        dragged.value = true;
      }}
      onDragLeave={() => {
        dragged.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        dragged.value = false;
        const file = event.dataTransfer?.files[0];
        if (!file) return;
        mode.value = "explore";
        void openFile(file);
      }}
    >
      <a class="skip" href="#main">
        {t.skip}
      </a>
      <header class="top">
        <h1>
          <svg viewBox="0 0 16 16" width="22" height="22" aria-hidden="true">
            <path d="M1 8h4l2-5 2 10 2-5h4" fill="none" stroke="currentColor" stroke-width="1.8" />
          </svg>
          {t.title}
        </h1>
        <nav aria-label={t.title}>
          {(["explore", "learn"] as const).map((name) => (
            <button
              key={name}
              type="button"
              class="tab"
              aria-current={mode.value === name ? "page" : undefined}
              onClick={() => {
                mode.value = name;
              }}
            >
              {t[name]}
            </button>
          ))}
        </nav>
        <div class="top-end">
          <label class="quiet">
            <span class="hidden">{t.theme}</span>
            <select
              value={theme.value}
              onChange={(event) => {
                theme.value = event.currentTarget.value as Theme;
              }}
            >
              {THEMES.map((name) => (
                <option key={name} value={name}>
                  {t.themes[name]}
                </option>
              ))}
            </select>
          </label>
          <button
            type="button"
            class="quiet"
            lang={t.languageTo}
            onClick={() => {
              language.value = language.value === "en" ? "zh" : "en";
            }}
          >
            {t.language}
          </button>
        </div>
      </header>
      <div role="alert" class="alerts">
        {failure.value && (
          <p class="failure">
            <strong>{t.failed}:</strong> {failure.value}
            <button
              type="button"
              class="quiet"
              onClick={() => {
                failure.value = "";
              }}
            >
              {t.dismiss}
            </button>
          </p>
        )}
      </div>
      <main id="main" tabIndex={-1}>
        {mode.value === "explore" ? <Explore /> : <Learn />}
      </main>
    </div>
  );
}
