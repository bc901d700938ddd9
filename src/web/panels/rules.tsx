/** Rules for the capture's packets to meet, and which of them were met. */
import { useState } from "preact/hooks";
import { ANYWHERE, type ArrivalChoice, arrivalsOf, arrivalsText, BY_ITSELF } from "../arrivals.js";
import type { Rules } from "../model.js";
import { configure, settings, summary } from "../store.js";
import { text } from "../text/index.js";

/** For the bundled capture: its client is behind the machine, its servers are in front. */
const EXAMPLE: Rules = {
  ipv4: `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -m conntrack --ctstate INVALID -j DROP
-A FORWARD -i lan -p tcp -m multiport --dports 21,22,53,80,443 -j ACCEPT
-A FORWARD -i lan -p udp -m udp --dport 53 -j ACCEPT
-A FORWARD -i lan -p icmp -j ACCEPT
-A FORWARD -j REJECT --reject-with icmp-admin-prohibited
COMMIT
`,
  ipv6: `*filter
:FORWARD DROP [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i lan -j ACCEPT
COMMIT
`,
  ipset: "",
  devices: `lan 10.1.0.1/24 2001:db8:1::1/64
wan 192.0.2.1/24 2001:db8:3::1/64 default
`,
  arrivals: "",
};

const NONE: Rules = { ...EXAMPLE, ipv4: "", ipv6: "" };

export function RulesPanel() {
  const t = text.value;
  const [draft, setDraft] = useState(settings.value.rules ?? NONE);
  const { counted } = summary.value!;
  const field = (name: keyof typeof FIELDS, rows: number) => (
    <label>
      <span>{t[FIELDS[name]]}</span>
      <textarea
        rows={rows}
        spellcheck={false}
        value={draft[name]}
        onInput={(event) => setDraft({ ...draft, [name]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <div class="rules">
      <p class="note">{t.rulesText}</p>
      {counted && (
        <section aria-label={t.counted}>
          <h3>{t.counted}</h3>
          {Object.entries(counted).map(([family, saved]) => (
            <Counted key={family} saved={saved} />
          ))}
        </section>
      )}
      {field("ipv4", 11)}
      {field("ipv6", 5)}
      <details open={draft.ipset !== ""}>
        <summary>{t.sets}</summary>
        {field("ipset", 5)}
      </details>
      {field("devices", 3)}
      <p class="note">{t.devicesHint}</p>
      <Arrivals
        devices={draft.devices}
        text={draft.arrivals}
        onChange={(arrivals) => setDraft({ ...draft, arrivals })}
      />
      <div class="buttons">
        <button
          type="button"
          class="button primary"
          onClick={() => void configure({ ...settings.value, rules: draft })}
        >
          {t.apply}
        </button>
        <button
          type="button"
          class="button"
          disabled={!settings.value.rules}
          onClick={() => void configure({ ...settings.value, rules: undefined })}
        >
          {t.noRules}
        </button>
        <button type="button" class="button" onClick={() => setDraft(EXAMPLE)}>
          {t.example}
        </button>
      </div>
    </div>
  );
}

const FIELDS = { ipv4: "rules4", ipv6: "rules6", ipset: "ipset", devices: "devices" } as const;

interface ArrivalsProps {
  readonly devices: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** Where packets enter, if not by the device in whose network their source is. */
function Arrivals({ devices, text: written, onChange }: ArrivalsProps) {
  const t = text.value;
  const names = devices
    .split("\n")
    .map((line) => line.trim().split(/\s+/)[0] ?? "")
    .filter((name) => name !== "");
  const choices = arrivalsOf(written);
  const change = (i: number, choice: Partial<ArrivalChoice>) =>
    onChange(arrivalsText(choices.map((other, at) => (at === i ? { ...other, ...choice } : other))));
  return (
    <fieldset class="arrivals">
      <legend>{t.arrivals}</legend>
      <p class="note">{t.arrivalsHint}</p>
      {choices.map(({ from, by }, i) => (
        <div key={i}>
          <label>
            <span>{t.packetsFrom}</span>
            <input
              type="text"
              value={from === ANYWHERE ? "" : from}
              placeholder={t.anywhere}
              spellcheck={false}
              onInput={(event) => change(i, { from: event.currentTarget.value.replace(/\s+/g, "") })}
            />
          </label>
          <label>
            <span>{t.enterBy}</span>
            <select value={by} onChange={(event) => change(i, { by: event.currentTarget.value })}>
              {[...new Set([...names, by])]
                .filter((name) => name !== BY_ITSELF)
                .map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              <option value={BY_ITSELF}>{t.sentByMachine}</option>
            </select>
          </label>
          <button
            type="button"
            class="quiet"
            aria-label={`${t.remove} ${i + 1}`}
            onClick={() => onChange(arrivalsText(choices.filter((_, at) => at !== i)))}
          >
            {t.remove}
          </button>
        </div>
      ))}
      <button
        type="button"
        class="button"
        onClick={() => onChange(arrivalsText([...choices, { from: ANYWHERE, by: names[0] ?? BY_ITSELF }]))}
      >
        {t.addArrival}
      </button>
    </fieldset>
  );
}

const COUNTERS = /^(\[(\d+):(\d+)\] )(.*)$|^(:.*?)( \[(\d+):(\d+)\])$/;

/** Lines of iptables-save -c: the more packets met a rule, the brighter it is. */
export function Counted({ saved }: { saved: string }) {
  const lines = saved.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const packetsOf = (line: string) => {
    const found = COUNTERS.exec(line);
    return Number(found?.[2] ?? found?.[7] ?? 0);
  };
  const most = Math.max(1, ...lines.map(packetsOf));
  return (
    <ol class="counted">
      {lines.map((line, i) => {
        const packets = packetsOf(line);
        // A rule that was met once is lit, too.
        const light = packets === 0 ? 0 : 12 + 38 * (Math.log1p(packets) / Math.log1p(most));
        return (
          <li key={i} style={{ "--light": `${light}%` }} class={packets > 0 ? "met" : ""}>
            {line}
          </li>
        );
      })}
    </ol>
  );
}
