/** One flow's life. */
import { signal } from "@preact/signals";
import type { Life } from "../model.js";
import { endText } from "../record.js";
import { life, seek, select, selected, summary, time } from "../store.js";
import { text } from "../text/index.js";
import { CtState, PacketTable, SequenceDiagram } from "./packets.js";
import { StateDiagram } from "./state-diagram.js";

const shown = signal<"list" | "sequence">("list");

export function FlowPanel() {
  const t = text.value;
  const flow = life.value;
  if (selected.value === undefined) return <p class="empty">{t.noFlow}</p>;
  if (flow === undefined) return <p class="empty">…</p>;
  if (flow === "missing") return <p class="empty">{t.flowGone}</p>;
  return <FlowLife flow={flow} />;
}

function FlowLife({ flow }: { flow: Life }) {
  const t = text.value;
  const { original, reply, protocol, packets, total, end, helper } = flow;
  const now = time.value;
  const past = packets.filter((packet) => packet.time <= now);
  const last = past.at(-1);
  const over = end && end.time <= now ? end : undefined;
  const left = endText(original.src, original.sport);
  const right = endText(original.dst, original.dport);
  return (
    <article class="life" aria-label={t.life}>
      <header>
        <h3>
          <span class="mono">{protocol}</span> {left} <span aria-hidden="true">→</span> {right}
        </h3>
        <button type="button" class="quiet" onClick={() => void select(undefined)}>
          {t.close}
        </button>
      </header>
      {reply.src !== original.dst && (
        <p class="mono note">
          {t.reply}: {endText(reply.src, reply.sport)} → {endText(reply.dst, reply.dport)}
        </p>
      )}
      <div class="badges">
        {last ? <CtState name={last.after?.state ?? last.ctState} /> : <span>{t.notYet}</span>}
        {last?.after && !last.after.seenReply && <code>[UNREPLIED]</code>}
        {last?.after?.assured && <code>[ASSURED]</code>}
        {helper && <code>helper={helper}</code>}
        <span class="note">{t.packets(total)}</span>
      </div>
      <Countdown flow={flow} />
      <h4>{t.stateMachine}</h4>
      <StateDiagram protocol={protocol} packets={past} end={over} label={t.stateMachine} />
      <fieldset class="switch" aria-label={t.packetList}>
        {(["list", "sequence"] as const).map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={shown.value === name}
            onClick={() => {
              shown.value = name;
            }}
          >
            {name === "list" ? t.packetList : t.sequence}
          </button>
        ))}
      </fieldset>
      {packets.length < total && <p class="note">{t.onlyFirst(packets.length, total)}</p>}
      {shown.value === "list" ? (
        <PacketTable
          packets={packets}
          from={summary.value!.firstTime}
          current={last?.number ?? 0}
          onTime={seek}
        />
      ) : (
        <SequenceDiagram
          packets={packets}
          from={summary.value!.firstTime}
          current={last?.number ?? 0}
          left={left}
          right={right}
          fromLeft={({ direction, src }) => (direction ? direction === "original" : src === left)}
        />
      )}
    </article>
  );
}

function Countdown({ flow: { packets, end } }: { flow: Life }) {
  const t = text.value;
  const now = time.value;
  if (end && end.time <= now) return <p class="countdown">{t.over[end.why]}</p>;
  const last = packets.findLast((packet) => packet.time <= now && packet.after !== undefined);
  if (!last?.after) return null;
  const whole = last.after.timeout;
  const leftOver = Math.max(0, whole - (now - last.time) / 1000);
  return (
    <label class="countdown">
      {t.timeLeft}: <b>{t.seconds(Math.floor(leftOver))}</b>
      <meter min={0} max={Math.max(1, whole)} value={leftOver} />
    </label>
  );
}
