/** The packets of a flow: as a table, and as arrows between both ends. */
import { useState } from "preact/hooks";
import { stateColour } from "../colours.js";
import type { PacketRecord } from "../model.js";
import { text } from "../text/index.js";

interface PacketsProps {
  readonly packets: readonly PacketRecord[];
  /** What times are counted from. */
  readonly from: number;
  /** The last packet that has come. */
  readonly current?: number | undefined;
  readonly onTime?: (time: number) => void;
  /** Packets of several flows: with their addresses. */
  readonly ends?: boolean;
}

const STEP = 100;

/** So many at first, more on demand. */
function useSome(packets: readonly PacketRecord[]) {
  const [most, setMost] = useState(STEP);
  const more = packets.length - most;
  const button = more > 0 && (
    <button type="button" class="button" onClick={() => setMost(most + STEP)}>
      {text.value.more(Math.min(STEP, more))}
    </button>
  );
  return [packets.slice(0, most), button] as const;
}

export function CtState({ name }: { name: string }) {
  return (
    <span class="ct" style={{ "--colour": stateColour(name) }}>
      {name}
    </span>
  );
}

/** What a rule would see of it, or what became of it instead. */
export function fateOf({ verdict, ctState }: PacketRecord): string {
  return verdict === "ACCEPT" ? ctState : verdict === "STOLEN" ? "HELD" : verdict;
}

export function PacketTable({ packets, from, current, onTime, ends = false }: PacketsProps) {
  const t = text.value;
  const c = t.columnsOfPackets;
  const [some, button] = useSome(packets);
  const withRules = packets.some(({ rule }) => rule !== undefined);
  const shown: Readonly<Partial<Record<string, boolean>>> = { rule: withRules, src: ends, dst: ends };
  const columns = COLUMNS.filter((name) => shown[name] ?? true);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached with the keyboard */}
      <section class="scroll" tabIndex={0} aria-label={t.packetList}>
        <table class="packets">
          <thead>
            <tr>
              {columns.map((name) => (
                <th key={name} scope="col" class={NUMERIC.has(name) ? "number" : ""}>
                  {c[name]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {some.map((packet) => (
              <tr
                key={packet.number}
                aria-current={packet.number === current ? "step" : undefined}
                class={current !== undefined && packet.number > current ? "future" : ""}
              >
                <td class="number">{packet.number}</td>
                <td class="number">
                  {onTime ? (
                    <button type="button" title={t.goTo} onClick={() => onTime(packet.time)}>
                      {seconds(packet.time - from)}
                    </button>
                  ) : (
                    seconds(packet.time - from)
                  )}
                </td>
                {ends && <td class="mono">{packet.src}</td>}
                {ends && <td class="mono">{packet.dst}</td>}
                <td>
                  <span aria-hidden="true">
                    {packet.direction === "original" ? "→ " : packet.direction === "reply" ? "← " : "· "}
                  </span>
                  {packet.direction ? t[packet.direction] : t.noDirection}
                </td>
                <td class="mono">{packet.kind}</td>
                <td>
                  <CtState name={fateOf(packet)} />
                </td>
                {withRules && <td class="mono">{packet.rule}</td>}
                <td class="mono">{packet.after?.state}</td>
                <td class="number">{packet.after && t.seconds(packet.after.timeout)}</td>
                <td class="number mono">{packet.seq}</td>
                <td class="number mono">{packet.ack}</td>
                <td class="number mono">{packet.window}</td>
                <td class="number">{packet.length}</td>
                <td class="reason">
                  {packet.reason && <code>{packet.reason}</code>} {packet.explanation}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {button}
    </>
  );
}

const COLUMNS = [
  "number",
  "time",
  "src",
  "dst",
  "direction",
  "kind",
  "ctState",
  "rule",
  "state",
  "timeout",
  "seq",
  "ack",
  "window",
  "length",
  "reason",
] as const;

const NUMERIC: ReadonlySet<string> = new Set(["number", "time", "timeout", "seq", "ack", "window", "length"]);

function seconds(milliseconds: number): string {
  return `+${(milliseconds / 1000).toFixed(3)}`;
}

const WIDTH = 640;
const LEFT = 110;
const RIGHT = WIDTH - 110;
const LINE = 40;
const TOP = 40;

interface SequenceProps extends PacketsProps {
  readonly left: string;
  readonly right: string;
  /** Whether the end on the left sends it. */
  readonly fromLeft: (packet: PacketRecord) => boolean;
}

export function SequenceDiagram({ packets, from, left, right, fromLeft, current }: SequenceProps) {
  const t = text.value;
  const [some, button] = useSome(packets);
  const height = TOP + some.length * LINE + 20;
  return (
    <>
      <svg
        class="sequence"
        viewBox={`0 0 ${WIDTH} ${height}`}
        role="img"
        aria-label={`${t.sequence}: ${left}, ${right}`}
      >
        <defs>
          <marker
            id="arrow-packet"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="8"
            markerHeight="8"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0 0 8 4 0 8z" fill="context-stroke" />
          </marker>
        </defs>
        <text x={LEFT} y={16} class="end">
          {left}
        </text>
        <text x={RIGHT} y={16} class="end">
          {right}
        </text>
        <path class="lane" d={`M${LEFT} 24V${height - 8}M${RIGHT} 24V${height - 8}`} />
        {some.map((packet, i) => (
          <Arrow
            key={packet.number}
            packet={packet}
            y={TOP + i * LINE + 16}
            time={seconds(packet.time - from)}
            rightwards={fromLeft(packet)}
            future={current !== undefined && packet.number > current}
          />
        ))}
      </svg>
      {button}
    </>
  );
}

interface ArrowProps {
  readonly packet: PacketRecord;
  readonly y: number;
  readonly time: string;
  readonly rightwards: boolean;
  readonly future: boolean;
}

function Arrow({ packet, y, time, rightwards, future }: ArrowProps) {
  const fate = fateOf(packet);
  const [x1, x2] = rightwards ? [LEFT, RIGHT] : [RIGHT, LEFT];
  const refused = fate === "INVALID" || fate === "DROP";
  const numbers = [
    packet.seq !== undefined && `seq ${packet.seq}`,
    packet.ack !== undefined && `ack ${packet.ack}`,
    packet.length > 0 && `${packet.length} B`,
  ].filter(Boolean);
  return (
    <g class={future ? "future" : ""} style={{ color: stateColour(fate) }}>
      <path
        class={`arrow ${refused ? "refused" : ""}`}
        d={`M${x1} ${y}H${x2 + (rightwards ? -3 : 3)}`}
        marker-end="url(#arrow-packet)"
      />
      <text x={WIDTH / 2} y={y - 5}>
        <tspan class="kind">{packet.kind}</tspan> <tspan class="numbers">{numbers.join(" ")}</tspan>
      </text>
      <text x={rightwards ? RIGHT + 8 : LEFT - 8} y={y + 4} class={rightwards ? "fate" : "fate before"}>
        {fate}
      </text>
      <text x={rightwards ? LEFT - 8 : RIGHT + 8} y={y + 4} class={rightwards ? "when before" : "when"}>
        {time}
      </text>
    </g>
  );
}
