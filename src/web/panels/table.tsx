/** The connection table as conntrack prints it. Rows come from the worker when they are in sight. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { stateColour } from "../colours.js";
import type { SortKey, TableRow } from "../model.js";
import { ask, filterError, query, save, select, selected, session, summary, table } from "../store.js";
import { text } from "../text/index.js";
import { partsOf } from "./line.js";

const ROW = 26;
const PAGE = 100;
/** Browsers know no element taller than some ten million pixels: beyond, scrolling is scaled. */
const TALLEST = 8_000_000;

const pages = signal<ReadonlyMap<number, readonly TableRow[]>>(new Map());
const top = signal(0);
const height = signal(600);
/** The row that the keyboard is at. */
const current = signal(0);

export function TablePanel() {
  const t = text.value;
  const info = table.value;
  return (
    <section class="table" aria-labelledby="table-head">
      <div class="head">
        <h2 id="table-head">{t.table}</h2>
        <span class="note" role="status">
          {info && t.shown(info.rows, info.flows)}
        </span>
        <SaveMenu />
      </div>
      <Filter />
      <Grid rows={info?.rows ?? 0} />
    </section>
  );
}

function Filter() {
  const t = text.value;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  return (
    <div class="filter">
      <input
        type="search"
        aria-label={t.filter}
        placeholder={t.filterHint}
        value={query.value.filter}
        aria-invalid={filterError.value !== ""}
        aria-describedby="filter-error"
        spellcheck={false}
        onInput={(event) => {
          const filter = event.currentTarget.value;
          clearTimeout(timer.current);
          timer.current = setTimeout(() => ask({ filter }), 150);
        }}
      />
      <span id="filter-error" class="error" role="status">
        {filterError.value}
      </span>
    </div>
  );
}

function SaveMenu() {
  const t = text.value;
  const base = (summary.value?.name ?? "").replace(/\.(pcap|pcapng|gz)+$/g, "");
  const choose = {
    proc: () => save(`${base}-conntrack.txt`, session.exportTable("proc")),
    json: () => save(`${base}-conntrack.jsonl`, session.exportTable("json")),
    pcap: () => save(`${base}-flows.pcap`, session.exportCapture()),
  };
  return (
    <label class="quiet">
      <span class="hidden">{t.save}</span>
      <select
        value=""
        onChange={(event) => {
          const chosen = event.currentTarget.value as keyof typeof choose;
          event.currentTarget.value = "";
          void choose[chosen]?.();
        }}
      >
        <option value="">{t.save} …</option>
        <option value="proc">{t.saveTable}</option>
        <option value="json">{t.saveJson}</option>
        <option value="pcap">{t.saveCapture}</option>
      </select>
    </label>
  );
}

function SortButton({ by, label }: { by: SortKey; label: string }) {
  const { sort, descending } = query.value;
  const on = sort === by;
  const next = () => {
    if (!on) ask({ sort: by, descending: false });
    else if (!descending) ask({ descending: true });
    else ask({ sort: "none", descending: false });
  };
  return (
    <button type="button" class={on ? "on" : ""} title={text.value.sortBy(label)} onClick={next}>
      {label}
      <span aria-hidden="true">{on ? (descending ? " ▼" : " ▲") : ""}</span>
    </button>
  );
}

const COLUMNS: readonly { readonly name: string; readonly keys: readonly SortKey[] }[] = [
  { name: "protocol", keys: ["protocol"] },
  { name: "timeout", keys: ["timeout"] },
  { name: "state", keys: ["state"] },
  { name: "original", keys: ["src", "dst", "sport", "dport"] },
  { name: "reply", keys: [] },
  { name: "rest", keys: [] },
];

function Header() {
  const { columns } = text.value;
  const { sort, descending } = query.value;
  const order = (keys: readonly SortKey[]) =>
    keys.includes(sort) ? (descending ? "descending" : "ascending") : "none";
  return (
    <div role="row" aria-rowindex={1} class="row header">
      {COLUMNS.map(({ name, keys }) => (
        <span role="columnheader" key={name} class={`cell ${name}`} aria-sort={order(keys)}>
          {keys.length === 0
            ? columns[name as "reply"]
            : keys.map((key) => <SortButton key={key} by={key} label={columns[key as "src"]} />)}
        </span>
      ))}
    </div>
  );
}

function Grid({ rows }: { rows: number }) {
  const t = text.value;
  const box = useRef<HTMLDivElement>(null);
  const info = table.value;
  useEffect(() => {
    const resized = new ResizeObserver(() => {
      height.value = box.current?.clientHeight ?? 600;
    });
    resized.observe(box.current!);
    return () => resized.disconnect();
  }, []);

  const tall = rows * ROW;
  const scaled = Math.min(tall, TALLEST);
  const room = Math.max(1, scaled - height.value);
  const firstAt = (scrolled: number) =>
    tall === scaled
      ? Math.floor(scrolled / ROW)
      : Math.floor(
          (Math.min(scrolled, room) / room) * Math.max(0, rows - Math.floor(height.value / ROW) + 1),
        );
  const first = firstAt(top.value);
  const count = Math.ceil(height.value / ROW) + 2;
  const last = Math.min(rows, first + count);
  useRows(first, last, info);

  const goTo = (row: number) => {
    const target = Math.min(rows - 1, Math.max(0, row));
    current.value = target;
    if (!box.current) return;
    // Not `first`: keys may come faster than the table is drawn.
    const shown = firstAt(box.current.scrollTop);
    if (target >= shown && target < shown + Math.floor(height.value / ROW) - 1) return;
    const share = tall === scaled ? target * ROW - height.value / 2 : (target / rows) * room;
    box.current.scrollTop = Math.max(0, share);
  };
  if (current.value >= rows && rows > 0) current.value = rows - 1;
  const page = Math.max(1, Math.floor(height.value / ROW) - 2);
  const onKeyDown = (event: KeyboardEvent) => {
    const at = current.value;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: rows - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      event.preventDefault();
      goTo(to);
    }
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      const row = rowAt(current.value);
      if (row) void select(row.id);
    }
  };

  const offset = tall === scaled ? first * ROW : top.value - (top.value % ROW);
  const indices = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
  return (
    <div
      ref={box}
      class="grid"
      role="grid"
      tabIndex={0}
      aria-label={t.table}
      aria-rowcount={rows + 1}
      aria-activedescendant={rows > 0 ? `row-${current.value}` : undefined}
      onKeyDown={onKeyDown}
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
      }}
    >
      <Header />
      <div role="rowgroup" class="body" style={{ height: `${scaled}px` }}>
        <div role="presentation" style={{ transform: `translateY(${offset}px)` }}>
          {indices.map((i) => (
            <Row key={i} index={i} />
          ))}
        </div>
      </div>
      {rows === 0 && info && <p class="empty">{query.value.filter ? t.emptyFilter : t.empty}</p>}
    </div>
  );
}

function rowAt(index: number): TableRow | undefined {
  return pages.value.get(Math.floor(index / PAGE))?.[index % PAGE];
}

function Row({ index }: { index: number }) {
  const row = rowAt(index);
  const parts = row ? partsOf(row.line) : undefined;
  const on = row !== undefined && row.id === selected.value;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the focus and the keys
    <div
      role="row"
      id={`row-${index}`}
      aria-rowindex={index + 2}
      aria-selected={on}
      class={`row ${on ? "selected" : ""} ${index === current.value ? "current" : ""}`}
      onClick={() => {
        current.value = index;
        if (row) void select(row.id);
      }}
    >
      {COLUMNS.map(({ name }) => {
        const part = parts?.[name as keyof typeof parts] ?? "";
        const colour = name === "state" && part ? { color: stateColour(part.trim()) } : undefined;
        return (
          <span role="gridcell" key={name} class={`cell ${name}`} style={colour}>
            {part}
          </span>
        );
      })}
    </div>
  );
}

/** Pages of the table that is shown now; others stay in sight until theirs have come. */
const fresh = new Set<number>();
let shownTable: unknown;
const FARTHEST = 20;

/** Fetches the pages that are in sight. */
function useRows(first: number, last: number, info: unknown): void {
  useEffect(() => {
    if (shownTable !== info) fresh.clear();
    shownTable = info;
    for (let page = Math.floor(first / PAGE); page * PAGE < last; page++) {
      if (!fresh.has(page)) void fetchPage(page);
    }
  }, [first, last, info]);
}

async function fetchPage(page: number): Promise<void> {
  fresh.add(page);
  const of = shownTable;
  const rows = await session.rows(page * PAGE, PAGE);
  if (of !== shownTable) return;
  const near = [...pages.value].filter(([other]) => Math.abs(other - page) < FARTHEST);
  for (const other of fresh) if (Math.abs(other - page) >= FARTHEST) fresh.delete(other);
  pages.value = new Map([...near, [page, rows]]);
}
