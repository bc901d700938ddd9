/** A flow's state machine with the way lit that its packets took. */
import { stateColour } from "../colours.js";
import { type Diagram, diagramOf, type Edge, GONE, NONE, type Node } from "../diagrams.js";
import type { Life, PacketRecord } from "../model.js";

const HALF_HEIGHT = 14;
const halfWidth = (name: string) => 14 + name.length * 3.9;

interface Step {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** Changes of state, in order; `end`: whether the flow is gone by now. */
export function stepsOf(packets: readonly PacketRecord[], end: Life["end"] | undefined): Step[] {
  const steps: Step[] = [];
  let state = NONE;
  for (const { after, kind } of packets) {
    if (after && after.state !== state) {
      steps.push({ from: state, to: after.state, label: kind });
      state = after.state;
    }
  }
  if (end && state !== NONE) steps.push({ from: state, to: GONE, label: "" });
  return steps;
}

interface StateDiagramProps {
  readonly protocol: string;
  readonly packets: readonly PacketRecord[];
  readonly end: Life["end"] | undefined;
  readonly label: string;
}

export function StateDiagram({ protocol, packets, end, label }: StateDiagramProps) {
  const diagram = diagramOf(protocol);
  const steps = stepsOf(packets, end);
  const state = steps.at(-1)?.to ?? NONE;
  const lit = new Set(steps.map(({ from, to }) => `${from} ${to}`));
  const usual = diagram.edges.filter(({ from, to }) => !lit.has(`${from} ${to}`));
  const taken = [...new Map(steps.map((step) => [`${step.from} ${step.to}`, step])).values()];
  const words = `${label}: ${[NONE, ...steps.map(({ to }) => to)].join(" → ")}`;
  return (
    <svg class="states" viewBox={`0 0 ${diagram.width} ${diagram.height}`} role="img" aria-label={words}>
      <defs>
        {["usual", "taken"].map((name) => (
          <marker
            key={name}
            id={`arrow-${name}`}
            class={name}
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0 0 8 4 0 8z" />
          </marker>
        ))}
      </defs>
      {usual.map((edge) => (
        <EdgeLine key={`${edge.from} ${edge.to}`} diagram={diagram} edge={edge} kind="usual" />
      ))}
      {taken.map((edge) => (
        <EdgeLine key={`${edge.from} ${edge.to}`} diagram={diagram} edge={edge} kind="taken" />
      ))}
      {diagram.nodes.map((node) => (
        <StateBox
          key={node.name}
          node={node}
          visited={node.name === NONE || steps.some(({ to }) => to === node.name)}
          on={node.name === state}
        />
      ))}
    </svg>
  );
}

function StateBox({ node, visited, on }: { node: Node; visited: boolean; on: boolean }) {
  const half = halfWidth(node.name);
  const colour = stateColour(node.name);
  return (
    <g class={`state ${visited ? "visited" : ""} ${on ? "on" : ""}`}>
      <rect
        x={node.x - half}
        y={node.y - HALF_HEIGHT}
        width={2 * half}
        height={2 * HALF_HEIGHT}
        rx={HALF_HEIGHT}
        style={visited ? { stroke: colour, ...(on ? { fill: colour } : {}) } : undefined}
      />
      <text x={node.x} y={node.y + 4}>
        {node.name}
      </text>
    </g>
  );
}

function EdgeLine({ diagram, edge, kind }: { diagram: Diagram; edge: Edge; kind: "usual" | "taken" }) {
  const find = (name: string) => diagram.nodes.find((node) => node.name === name);
  const [from, to] = [find(edge.from), find(edge.to)];
  if (!from || !to) return null;
  const [x1, y1] = rim(from, to);
  const [x2, y2] = rim(to, from);
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = Math.hypot(dx, dy) || 1;
  // Beside the way: above a level one, to the right of the others.
  const level = Math.abs(dy) < 8;
  const x = (x1 + x2) / 2 + (level ? 0 : (7 * Math.abs(dy)) / length);
  const y = (y1 + y2) / 2 + (level ? -5 : (-7 * dx * Math.sign(dy)) / length + 3);
  return (
    <g class={`edge ${kind}`}>
      <path d={`M${x1} ${y1} ${x2} ${y2}`} marker-end={`url(#arrow-${kind})`} />
      <text x={x} y={y} style={level ? undefined : { textAnchor: "start" }}>
        {edge.label}
      </text>
    </g>
  );
}

/** Where the line from the middle of one box to that of another leaves the first. */
function rim(box: Node, towards: Node): [number, number] {
  const [dx, dy] = [towards.x - box.x, towards.y - box.y];
  const scale = Math.min(
    dx === 0 ? Number.POSITIVE_INFINITY : (halfWidth(box.name) + 1) / Math.abs(dx),
    dy === 0 ? Number.POSITIVE_INFINITY : (HALF_HEIGHT + 1) / Math.abs(dy),
  );
  return [box.x + dx * scale, box.y + dy * scale];
}
