/** Lines of `conntrack -L` and `conntrack -E`, character for character as conntrack-tools 1.4.7 prints them. */
import { Status } from "../../assembly/shared/status.js";
import type { FlowCounters } from "../flow.js";
import {
  type ConntrackOptions,
  type EventKind,
  type ListedEvent,
  labelNames,
  portsOf,
  tellsLabels,
  tellsMark,
  tellsState,
  toolAddress,
  toolProtocol,
} from "./listed-flow.js";
import type { PrintedFlow, PrintedTuple } from "./printed-flow.js";

const TAGS: { readonly [kind in EventKind]: string } = {
  NEW: "    [NEW]",
  UPDATE: " [UPDATE]",
  DESTROY: "[DESTROY]",
};
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** One line of `conntrack -L`, without its end. */
export function conntrackLine(flow: PrintedFlow, options: ConntrackOptions = {}): string {
  let line = head(flow, flow.timeout, flow.state, options);
  line += directions(flow, true);
  line += `mark=${flow.mark} `;
  line += tail(flow, undefined, options);
  // The tool has let go of what it prints, a reader of /proc has not.
  line += `use=${flow.use - 1}`;
  return line + ending(flow, options);
}

/** One line of `conntrack -E`, without its end. */
export function conntrackEventLine(event: ListedEvent, options: ConntrackOptions = {}): string {
  const destroyed = event.kind === "DESTROY";
  const { seconds, micros } = unixTime(event.time);
  const when = options.timestamp ? `[${seconds}.${micros.toString().padStart(6, "0")}]\t` : "";
  // What is over has no time left that could be told.
  const timeout = destroyed && event.timeout === 0 ? undefined : event.timeout;
  let line = head(event, timeout, tellsState(event) ? event.state : undefined, options);
  line += directions(event, destroyed);
  if (tellsMark(event)) line += `mark=${event.mark} `;
  const labels = tellsLabels(event) ? event.labels : [];
  const at = destroyed ? { ...event, labels } : { ...event, labels, start: undefined, deltaTime: undefined };
  line += tail(at, destroyed ? event.time : undefined, options);
  return `${when}${TAGS[event.kind]} ${line.trimEnd()}${ending(at, options)}`;
}

type Fields = Omit<PrintedFlow, "use" | "timeout" | "state">;

function head(
  flow: Fields,
  timeout: number | undefined,
  state: string | undefined,
  options: ConntrackOptions,
): string {
  const family = flow.family === "ipv4" ? "ipv4     2 " : "ipv6     10 ";
  const protocol = (toolProtocol(flow.protocolNumber) ?? "unknown").padEnd(8);
  let text = `${options.extended ? family : ""}${protocol} ${flow.protocolNumber} `;
  if (timeout !== undefined) text += `${timeout} `;
  if (state !== undefined) text += `${state} `;
  return text;
}

function directions(flow: Fields, counted: boolean): string {
  const { protocolNumber, status, zoneDirection } = flow;
  let text = tuple(protocolNumber, flow.original);
  if (zoneDirection === "original") text += `zone-orig=${flow.zone} `;
  if (counted) text += counters(flow.counters?.original);
  if (!(status & Status.SEEN_REPLY)) text += "[UNREPLIED] ";
  text += tuple(protocolNumber, flow.reply);
  if (zoneDirection === "reply") text += `zone-reply=${flow.zone} `;
  if (counted) text += counters(flow.counters?.reply);
  if (status & Status.ASSURED) text += "[ASSURED] ";
  return text;
}

function tail(flow: Fields, stop: number | undefined, options: ConntrackOptions): string {
  let text = "";
  if (flow.zone !== 0 && flow.zoneDirection === "both") text += `zone=${flow.zone} `;
  if (flow.deltaTime !== undefined) text += `delta-time=${flow.deltaTime} `;
  if (options.ktimestamp && flow.start !== undefined) {
    text += `[start=${ctime(flow.start)}] `;
    if (stop !== undefined) text += `[stop=${ctime(stop)}] `;
  }
  if (flow.helper !== undefined) text += `helper=${flow.helper} `;
  return text;
}

function ending(flow: Fields, options: ConntrackOptions): string {
  let text = options.id ? ` id=${flow.id}` : "";
  const names = options.labels ? labelNames(flow, options.labels) : [];
  if (names.length > 0) text += ` labels=${names.join(",")}`;
  return text;
}

/** A tuple with a blank behind it. */
export function tuple(protocol: number, ends: PrintedTuple): string {
  const { src, dst, type, code, icmpId, srckey, dstkey } = ends;
  const ports = portsOf(protocol, ends);
  let text = `src=${toolAddress(src)} dst=${toolAddress(dst)} `;
  if (ports) text += `sport=${ports.sport} dport=${ports.dport} `;
  if (type !== undefined) text += `type=${type} code=${code} id=${icmpId} `;
  if (srckey !== undefined) text += `srckey=0x${srckey.toString(16)} dstkey=0x${(dstkey ?? 0).toString(16)} `;
  return text;
}

function counters(of: FlowCounters | undefined): string {
  return of ? `packets=${of.packets} bytes=${of.bytes} ` : "";
}

/** As ctime(3) has it, in the local time zone. */
function ctime(ms: number): string {
  const at = new Date(ms);
  const two = (n: number) => n.toString().padStart(2, "0");
  const day = at.getDate().toString().padStart(2, " ");
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
  return `${DAYS[at.getDay()]} ${MONTHS[at.getMonth()]} ${day} ${time} ${at.getFullYear()}`;
}

/** Whole seconds since the Unix epoch and the microseconds behind them. */
export function unixTime(ms: number): { seconds: number; micros: number } {
  const seconds = Math.floor(ms / 1000);
  return { seconds, micros: Math.min(999999, Math.floor((ms - seconds * 1000) * 1000)) };
}

export { TAGS as EVENT_TAGS };
