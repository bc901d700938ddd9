/** A conversation as a sequence diagram in text, one packet in detail. */
import { type FlowInfo, Status } from "../index.js";
import type { Conversation, Exchange } from "./conversation.js";
import { packetText, transportText } from "./packet-line.js";
import type { Remedy } from "./remedy.js";

const ARROW = 64;

/** Ends with a line end. */
export function conversationText({ sides, exchanges, left }: Conversation): string {
  const gap = " ".repeat(Math.max(1, ARROW + 2 - sides.left.length - sides.right.length));
  const margin = " ".repeat(20);
  let text = `${margin}${sides.left}${gap}${sides.right}\n`;
  let flow: number | undefined;
  for (const exchange of exchanges) {
    if (exchange === exchanges.at(-1) && left > 0) text += `${margin}... ${left} packets ...\n`;
    if (exchange.flow && flow !== undefined && exchange.flow.id !== flow) text += `${margin}a new flow\n`;
    flow = exchange.flow?.id ?? flow;
    text += line(exchange);
    const windows = exchange.flow && windowText(exchange.flow.tcp);
    if (windows) text += `${margin}${windows}\n`;
    if (exchange.reason) text += `${margin}${exchange.reason}: ${exchange.why}\n`;
  }
  return text;
}

function line(exchange: Exchange): string {
  const { number, time, forth, dissection } = exchange;
  const when = `+${(time / 1000).toFixed(6)}`;
  const said = transportText(dissection).slice(0, ARROW - 6);
  const body = ` ${said} `.padEnd(ARROW - 3, "-");
  const arrow = forth ? `|--${body}>|` : `|<--${body.slice(0, -1)}-|`;
  return `${`#${number}`.padEnd(7)}${when.padStart(12)} ${arrow} ${outcome(exchange)}\n`;
}

function outcome({ ctState, direction, verdict, flow }: Exchange): string {
  if (verdict !== "ACCEPT") return verdict;
  const state = direction ? `${ctState}/${direction}` : ctState;
  if (!flow) return state;
  const flags = [
    flow.status & Status.SEEN_REPLY ? "" : "[UNREPLIED]",
    flow.status & Status.ASSURED ? "[ASSURED]" : "",
  ];
  const words = [state, ...(flow.state === undefined ? [] : [flow.state]), `${flow.timeout}s`, ...flags];
  return words.filter((word) => word !== "").join(" ");
}

function windowText(tcp: FlowInfo["tcp"]): string | undefined {
  if (!tcp) return undefined;
  const side = (i: 0 | 1) => {
    const { end, maxEnd, maxWindow } = tcp.window[i];
    return `end=${end} maxend=${maxEnd} maxwin=${maxWindow} scale=${tcp.scale[i]}`;
  };
  return `original: ${side(0)}; reply: ${side(1)}`;
}

/** One packet in detail; ends with a line end. */
export function exchangeText(exchange: Exchange, remedies: readonly Remedy[] | undefined): string {
  const { number, dissection, before, flow, reason, why, rulesText } = exchange;
  const rows: [string, string][] = [
    [`packet ${number}`, packetText(dissection)],
    ["judged", outcome(exchange)],
  ];
  if (reason) rows.push(["why", `${reason}: ${why}`]);
  if (before) rows.push(["flow before", flowText(before)]);
  if (flow) rows.push(["flow after", flowText(flow)]);
  for (const { setting, becomes } of remedies ?? []) rows.push(["otherwise", `--set ${setting}: ${becomes}`]);
  if (remedies?.length === 0) rows.push(["otherwise", "no setting of connection tracking changes it"]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const text = rows.map(([name, text]) => `${name.padEnd(width)}  ${text}\n`).join("");
  return rulesText === "" ? text : `${text}\n${rulesText}\n`;
}

function flowText({ state, timeout, mark, tcp }: NonNullable<Exchange["flow"]>): string {
  const windows = windowText(tcp);
  return `${state === undefined ? "" : `${state} `}${timeout}s left, mark ${mark}${windows ? `; ${windows}` : ""}`;
}
