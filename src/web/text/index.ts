import { computed, effect, signal } from "@preact/signals";
import { en, type Text } from "./en.js";
import { zh } from "./zh.js";

export type Language = "en" | "zh";

export const language = signal<Language>(navigator.language.startsWith("zh") ? "zh" : "en");

/** The page's words in the chosen language. */
export const text = computed<Text>(() => (language.value === "zh" ? zh : en));

effect(() => {
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
});
