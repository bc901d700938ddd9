/** A lab: who sent what, what rules see of it, and the table afterwards. */
import { stateColour } from "../colours.js";
import { partsOf } from "../panels/line.js";
import { CtState, fateOf, SequenceDiagram } from "../panels/packets.js";
import { Counted } from "../panels/rules.js";
import { StateDiagram } from "../panels/state-diagram.js";
import { text } from "../text/index.js";
import { CLIENT, type Entry, FIREWALL, type Lab, SERVER } from "./lab.js";
import { PLACES } from "./way.js";

export function LabView({ lab }: { lab: Lab }) {
  const t = text.value;
  const { entries } = lab;
  const last = entries.at(-1);
  // The last packet may have no flow, or have ended it: then the one before it is of interest.
  const about = entries.findLast((entry) => entry.flow !== undefined && entry.record.after !== undefined);
  const ofFlow = entries.filter((entry) => entry.flow !== undefined && entry.flow === about?.flow);
  const lines = lab.table();
  const expectations = lab.expectations();
  const senders = new Map(entries.map(({ record, side }) => [record.number, side]));
  const rules = lab.rules();
  const gone = about !== undefined && isGone(lab, about);
  return (
    <div class="lab">
      <section aria-label={t.sequence} class="card">
        {last && <Verdict entry={last} />}
        {last?.way && <Way stations={last.way} />}
        <SequenceDiagram
          packets={entries.map(({ record }) => record)}
          from={0}
          left={`${t.client} ${CLIENT}`}
          right={lab.peer === "firewall" ? `${t.firewall} ${FIREWALL}` : `${t.server} ${SERVER}`}
          fromLeft={({ number }) => senders.get(number) === "client"}
        />
      </section>
      <section class="card" aria-labelledby="lab-state">
        <h3 id="lab-state">{t.stateMachine}</h3>
        <StateDiagram
          protocol={about?.protocol ?? "tcp"}
          packets={ofFlow.map(({ record }) => record)}
          end={gone ? { time: lab.time, why: "timeout" } : undefined}
          label={t.stateMachine}
        />
        <h3>/proc/net/nf_conntrack</h3>
        {lines.length === 0 ? <p class="note">{t.noEntries}</p> : <Lines lines={lines} />}
        {expectations.length > 0 && (
          <>
            <h3>/proc/net/nf_conntrack_expect</h3>
            <ul class="lines">
              {expectations.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </>
        )}
        {rules?.includes("-A ") ? (
          <>
            <h3>iptables-save -c</h3>
            <Counted saved={rules} />
          </>
        ) : null}
        <p class="note">{t.clock((lab.time / 1000).toString())}</p>
      </section>
    </div>
  );
}

/** Whether the flow of this packet has left the table. */
function isGone(lab: Lab, { record }: Entry): boolean {
  const identity = (line: string) => partsOf(line).original;
  const own = identity(record.after?.line ?? "");
  return lab.table().every((line) => identity(line) !== own);
}

function Verdict({ entry: { record } }: { entry: Entry }) {
  return (
    <p class="verdict" role="status">
      <span class="mono">{record.kind}</span>
      {record.rule && record.verdict !== "ACCEPT" && <CtState name={record.ctState} />}
      <CtState name={fateOf(record)} />
      {record.reason && (
        <span>
          <code>{record.reason}</code> {record.explanation}
        </span>
      )}
    </p>
  );
}

/** The stations of the last packet, in their order. */
function Way({ stations }: { stations: readonly string[] }) {
  const t = text.value;
  return (
    <ol class="way" aria-label={t.way}>
      {stations.map((station, i) => {
        const place = PLACES.find((name) => name === station);
        return (
          <li key={i} class={place ?? "chain"}>
            {place ? t.places[place] : station}
          </li>
        );
      })}
    </ol>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <ul class="lines">
      {lines.map((line) => {
        const { protocol, timeout, state, original, reply, rest } = partsOf(line);
        return (
          <li key={`${protocol}${original}`}>
            {protocol}
            <b>{timeout}</b>
            <b style={{ color: stateColour(state.trim()) }}>{state}</b>
            {original}
            {marked(reply)}
            {marked(rest)}
          </li>
        );
      })}
    </ul>
  );
}

/** The words in brackets are what one looks for. */
function marked(part: string) {
  const [, flag, others] = /^(\[\w+\])?(.*)$/.exec(part) ?? [];
  return (
    <>
      {flag && <mark>{flag}</mark>}
      {others}
    </>
  );
}
