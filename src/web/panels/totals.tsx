/** What the packets of the whole capture were, and why some were refused. */
import { CT_STATES, type Summary } from "../model.js";
import { baseline, seek, summary } from "../store.js";
import { text } from "../text/index.js";
import { CtState } from "./packets.js";

export function Totals() {
  const t = text.value;
  const now = summary.value!;
  const before = baseline.value === now ? undefined : baseline.value;
  const counters = Object.entries(now.stats).filter(([, value]) => value > 0);
  return (
    <div class="totals">
      <h3>{t.states}</h3>
      <Bars now={now} before={before} />
      <h3>{t.reasons}</h3>
      {now.reasons.length === 0 ? <p class="empty">{t.noReasons}</p> : <Reasons now={now} />}
      <h3>{t.counters}</h3>
      <dl class="counters">
        {counters.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value.toLocaleString()}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function rowsOf({ states, dropped, rejected, held, notIp }: Summary) {
  const t = text.value;
  return [
    ...CT_STATES.map((name) => ({ name, label: name as string, value: states[name] })),
    { name: "DROP", label: t.dropped, value: dropped },
    { name: "REJECT", label: t.rejected, value: rejected },
    { name: "HELD", label: t.held, value: held },
    { name: "NOT_IP", label: t.notIp, value: notIp },
  ];
}

function Bars({ now, before }: { now: Summary; before: Summary | undefined }) {
  const t = text.value;
  const rows = rowsOf(now);
  const old = before && rowsOf(before);
  const most = Math.max(1, ...rows.map(({ value }) => value));
  return (
    <table class="bars">
      <tbody>
        {rows.map(({ name, label, value }, i) => {
          const was = old?.[i]?.value;
          return (
            <tr key={name}>
              <th scope="row">
                <CtState name={label} />
              </th>
              <td class="number">{value.toLocaleString()}</td>
              <td class="number note">
                {was !== undefined && was !== value && `${t.before} ${was.toLocaleString()}`}
              </td>
              <td class="bar" aria-hidden="true">
                <i
                  style={{
                    width: `${(100 * value) / most}%`,
                    background: `var(--${BAR[name] ?? "untracked"})`,
                  }}
                />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const BAR: Readonly<Record<string, string>> = {
  NEW: "new",
  ESTABLISHED: "established",
  RELATED: "related",
  INVALID: "invalid",
  DROP: "drop",
  REJECT: "drop",
};

function Reasons({ now }: { now: Summary }) {
  const t = text.value;
  return (
    <ul class="reasons">
      {now.reasons.map(({ reason, packets, time, explanation, ctState, verdict }) => (
        <li key={reason}>
          <div>
            <code>{reason}</code>{" "}
            <CtState name={verdict === "ACCEPT" ? ctState : verdict === "STOLEN" ? "HELD" : verdict} />{" "}
            <b>{t.packets(packets)}</b>
          </div>
          <p>
            {explanation}{" "}
            <button type="button" class="link" onClick={() => seek(time)}>
              {t.firstOf}: +{((time - now.firstTime) / 1000).toFixed(3)} s
            </button>
          </p>
        </li>
      ))}
    </ul>
  );
}
