/** The explorer: a capture's strip, its time, its table, and a panel of details. */
import { signal } from "@preact/signals";
import { PANELS } from "../link.js";
import { isOpen, openBundled, openFile, panel, progress, summary, wanted } from "../store.js";
import { text } from "../text/index.js";
import { FlowPanel } from "./flow.js";
import { PacketStream } from "./packet-stream.js";
import { RulesPanel } from "./rules.js";
import { Sysctls } from "./sysctls.js";
import { TablePanel } from "./table.js";
import { TimelinePanel } from "./timeline.js";
import { Totals } from "./totals.js";

export function Explore() {
  return (
    <div class="explore">
      {isOpen.value ? <Strip /> : <Start />}
      <Working />
      {isOpen.value && (
        <>
          <TimelinePanel />
          <div class="columns">
            <TablePanel />
            <Details />
          </div>
        </>
      )}
    </div>
  );
}

function FileButton({ label, primary }: { label: string; primary?: boolean }) {
  return (
    <label class={`button ${primary ? "primary" : ""}`}>
      {label}
      <input
        type="file"
        class="hidden"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          event.currentTarget.value = "";
          if (file) void openFile(file);
        }}
      />
    </label>
  );
}

function Start() {
  const t = text.value;
  return (
    <section class="start">
      <h2>{t.startHead}</h2>
      <p>{t.startText}</p>
      {wanted.value && <p class="hint">{t.linkWants(wanted.value)}</p>}
      <div class="drop">
        <p>{t.drop}</p>
        <div class="buttons">
          <FileButton label={t.choose} primary />
          <button type="button" class="button" onClick={() => void openBundled()}>
            {t.bundled}
          </button>
        </div>
      </div>
    </section>
  );
}

const copied = signal(false);

function CopyLink() {
  const t = text.value;
  return (
    <button
      type="button"
      onClick={async () => {
        await navigator.clipboard.writeText(location.href);
        copied.value = true;
        setTimeout(() => {
          copied.value = false;
        }, 2000);
      }}
    >
      {copied.value ? t.copied : t.copyLink}
    </button>
  );
}

function Strip() {
  const t = text.value;
  const { name, packets, bytes, firstTime, lastTime, error } = summary.value!;
  const seconds = (lastTime - firstTime) / 1000;
  return (
    <section class="strip" aria-label={name}>
      <div>
        <strong>{name}</strong>
        <span>{t.packets(packets)}</span>
        <span>
          {bytes.toLocaleString()} {t.bytes}
        </span>
        <span>{seconds.toLocaleString(undefined, { maximumFractionDigits: 3 })} s</span>
        <span class="end">
          <CopyLink />
          <FileButton label={t.other} />
        </span>
      </div>
      {error && (
        <p class="failure" role="status">
          <strong>{t.damaged}:</strong> {error}
        </p>
      )}
    </section>
  );
}

function Working() {
  const now = progress.value;
  const t = text.value;
  return (
    <div class="working" role="status">
      {now && (
        <label>
          {t.working[now.what]}
          <progress max={1} value={now.done || undefined} />
        </label>
      )}
    </div>
  );
}

function Details() {
  const t = text.value;
  const shown = panel.value;
  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = PANELS[(PANELS.indexOf(shown) + step + PANELS.length) % PANELS.length]!;
    panel.value = next;
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <section class="details">
      <div role="tablist" class="tabs" aria-label={t.details}>
        {PANELS.map((name) => (
          <button
            key={name}
            id={`tab-${name}`}
            type="button"
            role="tab"
            aria-selected={shown === name}
            aria-controls="details"
            tabIndex={shown === name ? 0 : -1}
            onKeyDown={move}
            onClick={() => {
              panel.value = name;
            }}
          >
            {t.panels[name]}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached with the keyboard */}
      <div role="tabpanel" id="details" aria-labelledby={`tab-${shown}`} tabIndex={0}>
        {shown === "flow" && <FlowPanel />}
        {shown === "packets" && <PacketStream />}
        {shown === "totals" && <Totals />}
        {shown === "settings" && <Sysctls />}
        {shown === "rules" && <RulesPanel />}
      </div>
    </section>
  );
}
