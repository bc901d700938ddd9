/** What the page shows, and what changes it. The capture itself is with the worker. */
import { batch, computed, effect, signal } from "@preact/signals";
import { proxy, wrap } from "comlink";
import labUrl from "../../test/captures/lab.pcap?url";
import { BUNDLED, NO_VIEW, type Panel, readLink, type View, writeLink } from "./link.js";
import type { Life, Progress, Settings, Summary, TableInfo, TableQuery } from "./model.js";
import type { Session } from "./worker/session.js";

const worker = new Worker(new URL("./worker/index.ts", import.meta.url), { type: "module" });
export const session = wrap<Session>(worker);

export const mode = signal<View["mode"]>("explore");
export const panel = signal<Panel>(NO_VIEW.panel);
export const summary = signal<Summary | undefined>(undefined);
/** The same capture under the default settings: what others are compared with. */
export const baseline = signal<Summary | undefined>(undefined);
/** Of the shown table, in milliseconds since the Unix epoch. */
export const time = signal(0);
export const query = signal<TableQuery>({ filter: "", sort: "none", descending: false });
export const table = signal<TableInfo | undefined>(undefined);
export const filterError = signal("");
export const selected = signal<number | undefined>(undefined);
export const life = signal<Life | undefined | "missing">(undefined);
export const settings = signal<Settings>(NO_VIEW.settings);
export const progress = signal<Progress | undefined>(undefined);
export const failure = signal("");
export const lesson = signal("");
/** Name of a capture that a link speaks of and that has to be chosen. */
export const wanted = signal("");

let linked: View = NO_VIEW;

export const isOpen = computed(() => summary.value !== undefined);

/** Shows what the address says, and keeps the address up to date. */
export function start(): void {
  void session.onProgress(
    proxy((report: Progress) => {
      progress.value = report.done < 1 ? report : undefined;
    }),
  );
  readAddress();
  addEventListener("hashchange", () => {
    if (location.hash.slice(1) !== address.value) readAddress();
  });
  effect(() => {
    if (location.hash.slice(1) !== address.value) history.replaceState(null, "", `#${address.value}`);
  });
}

const address = computed(() => {
  const known = summary.value;
  return writeLink({
    mode: mode.value,
    capture: known?.name ?? linked.capture,
    at: known && time.value < known.lastTime ? time.value - known.firstTime : undefined,
    ...query.value,
    flow: selected.value,
    panel: panel.value,
    settings: settings.value,
    lesson: lesson.value,
  });
});

function readAddress(): void {
  linked = readLink(location.hash);
  batch(() => {
    mode.value = linked.mode;
    panel.value = linked.panel;
    lesson.value = linked.lesson;
    settings.value = linked.settings;
    query.value = { filter: linked.filter, sort: linked.sort, descending: linked.descending };
    wanted.value = linked.capture && linked.capture !== BUNDLED ? linked.capture : "";
  });
  if (linked.capture === BUNDLED && linked.mode === "explore") void openBundled();
}

export async function openBundled(): Promise<void> {
  await failing(async () => {
    const response = await fetch(labUrl);
    if (!response.ok) throw new Error(`${BUNDLED}: HTTP ${response.status}`);
    await open(BUNDLED, await response.blob());
  });
}

export async function openFile(file: File): Promise<void> {
  await failing(() => open(file.name, file));
}

async function open(name: string, blob: Blob): Promise<void> {
  // What a link says is for its own capture.
  if (linked.capture && linked.capture !== name) linked = NO_VIEW;
  batch(() => {
    if (summary.value) settings.value = { ...settings.value };
    summary.value = undefined;
    baseline.value = undefined;
    table.value = undefined;
    life.value = undefined;
    selected.value = undefined;
    progress.value = { what: "track", done: 0 };
  });
  try {
    const found = await session.open({ name, blob }, settings.value);
    if (found.packets === 0) throw new Error(found.error ?? `${name}: there are no packets in it`);
    batch(() => {
      summary.value = found;
      wanted.value = "";
      time.value =
        linked.at === undefined ? found.lastTime : Math.min(found.lastTime, found.firstTime + linked.at);
      if (Object.keys(settings.value.sysctl).length === 0) baseline.value = found;
    });
    const flow = linked.flow;
    linked = NO_VIEW;
    await refresh();
    selected.value = flow;
    await refreshLife();
  } finally {
    progress.value = undefined;
  }
}

/** Asks for the table of the moment that the slider stands at. */
export async function refresh(): Promise<void> {
  try {
    table.value = await session.show(time.value, query.value);
    filterError.value = "";
  } catch (error) {
    if (isAbort(error)) return;
    filterError.value = messageOf(error);
  } finally {
    progress.value = undefined;
  }
}

export function seek(to: number): void {
  const known = summary.value;
  if (!known) return;
  time.value = Math.min(known.lastTime, Math.max(known.firstTime, to));
  void refresh();
}

export async function seekNext(): Promise<void> {
  const next = await session.nextTime();
  if (next !== undefined) seek(next);
}

export function ask(change: Partial<TableQuery>): void {
  query.value = { ...query.value, ...change };
  void refresh();
}

/** Chooses a flow of the shown table. */
export async function select(id: number | undefined): Promise<void> {
  selected.value = id;
  if (id !== undefined) panel.value = "flow";
  await refreshLife();
}

/** Asks for the life of the chosen flow. */
async function refreshLife(): Promise<void> {
  const id = selected.value;
  life.value = undefined;
  if (id === undefined) return;
  await failing(async () => {
    const found = await session.life(id);
    if (selected.value === id) life.value = found ?? "missing";
  });
  progress.value = undefined;
}

/** Tracks the capture anew. */
export async function configure(change: Settings): Promise<void> {
  const before = settings.value;
  settings.value = change;
  await failing(
    async () => {
      const found = await session.configure(change);
      summary.value = found;
      if (Object.keys(change.sysctl).length === 0) baseline.value = found;
      await refresh();
      await refreshLife();
    },
    () => {
      settings.value = before;
    },
  );
  progress.value = undefined;
}

/** Runs what may fail; what was overtaken by something newer is no failure. */
export async function failing(work: () => Promise<void>, undo?: () => void): Promise<void> {
  try {
    failure.value = "";
    await work();
  } catch (error) {
    if (isAbort(error)) return;
    undo?.();
    failure.value = messageOf(error);
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export async function save(name: string, file: Promise<Blob>): Promise<void> {
  await failing(async () => {
    const url = URL.createObjectURL(await file);
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
    // The download has to have begun.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
  progress.value = undefined;
}
