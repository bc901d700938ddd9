/** Totals over time, and the slider that moves the whole table. */
import { computed, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { stateColour } from "../colours.js";
import { CT_STATES, type Timeline } from "../model.js";
import { seek, seekNext, summary, table, time } from "../store.js";
import { text } from "../text/index.js";

type What = "packets" | "flows";

const what = signal<What>("flows");
/** Series that are switched off. */
const off = signal<ReadonlySet<string>>(new Set());
const playing = signal(false);

interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

const MOST_SERIES = 12;

const series = computed<readonly Series[]>(() => {
  const timeline = summary.value?.timeline;
  if (!timeline) return [];
  const all =
    what.value === "packets"
      ? [...CT_STATES, "DROP"].map((name) => ({ name, values: timeline.packets[name] ?? [] }))
      : Object.entries(timeline.flows).map(([name, values]) => ({ name, values }));
  const sum = ({ values }: Series) => values.reduce((total, value) => total + value, 0);
  const some = all.filter((one) => sum(one) > 0).sort((a, b) => sum(b) - sum(a));
  if (what.value === "flows" && timeline.earlyDrops.some((drops) => drops > 0)) {
    some.push({ name: "early drops", values: timeline.earlyDrops });
  }
  return some.slice(0, MOST_SERIES);
});

export function TimelinePanel() {
  const t = text.value;
  const { timeline } = summary.value!;
  return (
    <section class="timeline" aria-labelledby="timeline-head">
      <div class="head">
        <h2 id="timeline-head">{t.timeline}</h2>
        <label>
          <span class="hidden">{t.timeline}</span>
          <select
            value={what.value}
            onChange={(event) => {
              what.value = event.currentTarget.value as What;
            }}
          >
            {(["flows", "packets"] as const).map((name) => (
              <option key={name} value={name}>
                {t.chart[name]}
              </option>
            ))}
          </select>
        </label>
        <span class="note">{t.perBin(duration(timeline.width))}</span>
        <Legend />
      </div>
      <Chart timeline={timeline} />
      <Slider />
    </section>
  );
}

function Legend() {
  return (
    <div class="legend">
      {series.value.map(({ name }) => (
        <button
          key={name}
          type="button"
          aria-pressed={!off.value.has(name)}
          onClick={() => {
            const next = new Set(off.value);
            if (!next.delete(name)) next.add(name);
            off.value = next;
          }}
        >
          <i style={{ background: stateColour(name) }} />
          {name}
        </button>
      ))}
    </div>
  );
}

const HEIGHT = 150;

function Chart({ timeline }: { timeline: Timeline }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const shown = series.value.filter(({ name }) => !off.value.has(name));
  const key = `${shown.map(({ name }) => name).join()} ${timeline.start} ${timeline.width}`;
  useEffect(() => {
    const element = place.current!;
    const draw = () => {
      plot.current?.destroy();
      const width = element.clientWidth;
      plot.current = new uPlot(optionsOf(shown, width), dataOf(timeline, shown), element);
    };
    draw();
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    resized.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      resized.disconnect();
      theme.disconnect();
      dark.removeEventListener("change", draw);
      plot.current?.destroy();
    };
  }, [key, summary.value]);
  useEffect(() => time.subscribe(() => plot.current?.redraw(false)), []);
  const t = text.value;
  return (
    <div ref={place} class="chart" role="img" aria-label={t.chartLabel(t.chart[what.value], timeline.bins)} />
  );
}

function dataOf({ bins, width }: Timeline, shown: readonly Series[]): uPlot.AlignedData {
  const times = Array.from({ length: bins }, (_, i) => ((i + 1) * width) / 1000);
  return [times, ...shown.map(({ values }) => values.slice(0, bins))] as uPlot.AlignedData;
}

function optionsOf(shown: readonly Series[], width: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--text-soft"),
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 5 } },
    padding: [8, 0, 0, 0],
    scales: {
      x: { time: false, range: () => [0, spanSeconds()] },
      y: { range: (_, __, max) => [0, Math.max(1, max * 1.05)] },
    },
    axes: [
      { ...axis, size: 24, values: (_, ticks) => ticks.map((tick) => `+${tick} s`) },
      { ...axis, size: 48, values: (_, ticks) => ticks.map((tick) => compact(tick)) },
    ],
    series: [
      {},
      ...shown.map(({ name }) => ({
        label: name,
        stroke: resolve(stateColour(name), style),
        width: 1.5,
        points: { show: false },
      })),
    ],
    hooks: {
      draw: [
        (u) => {
          const x = u.valToPos((time.value - summary.value!.firstTime) / 1000, "x", true);
          u.ctx.save();
          u.ctx.strokeStyle = colour("--accent");
          u.ctx.lineWidth = 2 * devicePixelRatio;
          u.ctx.beginPath();
          u.ctx.moveTo(x, u.bbox.top);
          u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
          u.ctx.stroke();
          u.ctx.restore();
        },
      ],
      ready: [
        (u) => {
          u.over.addEventListener("click", (event) => {
            const seconds = u.posToVal(event.offsetX, "x");
            seek(summary.value!.firstTime + seconds * 1000);
          });
        },
      ],
    },
  };
}

/** A canvas knows no CSS variables. */
function resolve(colour: string, style: CSSStyleDeclaration): string {
  const name = /^var\((--[\w-]+)\)$/.exec(colour)?.[1];
  return name ? style.getPropertyValue(name).trim() : colour;
}

function spanSeconds(): number {
  const { firstTime, lastTime } = summary.value!;
  return Math.max(0.001, (lastTime - firstTime) / 1000);
}

function Slider() {
  const t = text.value;
  const { firstTime, lastTime, packets } = summary.value!;
  const offset = time.value - firstTime;
  const span = lastTime - firstTime;
  usePlaying(span);
  const step = span / 200 || 1;
  const words = `+${(offset / 1000).toFixed(3)} s, ${clock(time.value)}`;
  return (
    <div class="slider">
      <div class="buttons">
        <IconButton icon="first" label={t.first} onClick={() => seek(firstTime)} />
        <IconButton
          icon={playing.value ? "pause" : "play"}
          label={playing.value ? t.pause : t.play}
          onClick={() => {
            if (!playing.value && time.value >= lastTime) seek(firstTime);
            playing.value = !playing.value;
          }}
        />
        <IconButton icon="next" label={t.next} onClick={() => void seekNext()} />
        <IconButton icon="last" label={t.last} onClick={() => seek(lastTime)} />
      </div>
      <input
        type="range"
        min={0}
        max={span}
        step="any"
        value={offset}
        aria-label={t.moment}
        aria-valuetext={words}
        onInput={(event) => seek(firstTime + Number(event.currentTarget.value))}
        onKeyDown={(event) => {
          const steps = STEPS[event.key];
          if (steps === undefined) return;
          event.preventDefault();
          seek(time.value + steps * step);
        }}
      />
      <output>
        <b>+{(offset / 1000).toFixed(3)} s</b> <span>{clock(time.value)}</span>{" "}
        <span>{table.value && t.tracked(table.value.packets, packets)}</span>
      </output>
    </div>
  );
}

const ICONS = {
  first: "M3 3v10M13 3 6 8l7 5z",
  play: "M4 3l9 5-9 5z",
  pause: "M5 3v10M11 3v10",
  next: "M3 8h8M8 4l4 4-4 4",
  last: "M13 3v10M3 3l7 5-7 5z",
};

interface IconButtonProps {
  readonly icon: keyof typeof ICONS;
  readonly label: string;
  readonly onClick: () => void;
}

function IconButton({ icon, label, onClick }: IconButtonProps) {
  return (
    <button type="button" class="icon" title={label} aria-label={label} onClick={onClick}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path d={ICONS[icon]} />
      </svg>
    </button>
  );
}

/** Keys of the slider: "any" as a step leaves the browser without one. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -10,
  PageUp: 10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** The whole capture in so many frames, a tenth of a second each. */
const FRAMES = 200;

function usePlaying(span: number): void {
  const on = playing.value;
  useEffect(() => {
    if (!on) return;
    const timer = setInterval(() => {
      seek(time.value + span / FRAMES);
      if (time.value >= (summary.value?.lastTime ?? 0)) playing.value = false;
    }, 100);
    return () => clearInterval(timer);
  }, [on, span]);
}

function clock(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(11, 23);
}

function compact(value: number): string {
  return Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${milliseconds / 1000} s`;
}
