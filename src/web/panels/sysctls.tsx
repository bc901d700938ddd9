/** Settings: a change tracks the capture anew. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { configure, session, settings } from "../store.js";
import { text } from "../text/index.js";

const defaults = signal<Readonly<Record<string, number>> | undefined>(undefined);
const search = signal("");
/** Bundled helpers that have a port of their own. */
const HELPERS = ["ftp", "irc", "tftp", "sip", "pptp", "amanda", "sane", "netbios-ns", "snmp"] as const;
/** Between the last key and the work. */
const PAUSE_MS = 400;

export function Sysctls() {
  const t = text.value;
  useEffect(() => {
    if (!defaults.value) {
      void session.defaults().then((found) => {
        defaults.value = found;
      });
    }
  }, []);
  const { sysctl, helpers } = settings.value;
  const all = Object.entries(defaults.value ?? {});
  const wanted = all.filter(([name]) => name.includes(search.value.trim()));
  // Those that are changed first: they are what one came for.
  const ordered = [
    ...wanted.filter(([name]) => name in sysctl),
    ...wanted.filter(([name]) => !(name in sysctl)),
  ];
  return (
    <div class="sysctls">
      <p class="note">{t.sysctlText}</p>
      <fieldset>
        <legend>{t.helpers}</legend>
        <p class="note">{t.helpersText}</p>
        <div class="checks">
          {HELPERS.map((name) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={helpers.includes(name)}
                onChange={(event) => {
                  const on = event.currentTarget.checked;
                  const others = helpers.filter((other) => other !== name);
                  void configure({ ...settings.value, helpers: on ? [...others, name] : others });
                }}
              />
              {name}
            </label>
          ))}
        </div>
      </fieldset>
      <div class="head">
        <input
          type="search"
          aria-label={t.search}
          placeholder={t.search}
          value={search.value}
          onInput={(event) => {
            search.value = event.currentTarget.value;
          }}
        />
        <button
          type="button"
          class="button"
          disabled={Object.keys(sysctl).length === 0}
          onClick={() => void configure({ ...settings.value, sysctl: {} })}
        >
          {t.resetAll}
        </button>
      </div>
      <ul>
        {ordered.map(([name, initial]) => (
          <Setting key={name} name={name} initial={initial} />
        ))}
      </ul>
    </div>
  );
}

function Setting({ name, initial }: { name: string; initial: number }) {
  const t = text.value;
  const { sysctl } = settings.value;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const changed = name in sysctl;
  const set = (value: number | undefined) => {
    const { [name]: _, ...others } = settings.value.sysctl;
    const next = value === undefined || value === initial ? others : { ...others, [name]: value };
    void configure({ ...settings.value, sysctl: next });
  };
  return (
    <li class={changed ? "changed" : ""}>
      <label>
        <span class="mono">{name}</span>
        <input
          type="number"
          min={0}
          step={1}
          value={sysctl[name] ?? initial}
          onInput={(event) => {
            const { value } = event.currentTarget;
            clearTimeout(timer.current);
            if (value !== "") timer.current = setTimeout(() => set(Number(value)), PAUSE_MS);
          }}
        />
      </label>
      <button
        type="button"
        class="quiet"
        disabled={!changed}
        aria-label={`${t.reset} ${name}`}
        onClick={() => set(undefined)}
      >
        {t.reset} ({initial})
      </button>
    </li>
  );
}
