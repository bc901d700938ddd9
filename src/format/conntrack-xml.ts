/** `conntrack -o xml`: one element a flow, character for character as conntrack-tools 1.4.7 prints it. */
import { Protocol } from "../../assembly/shared/protocol.js";
import { SctpState } from "../../assembly/shared/sctp-state.js";
import { Status } from "../../assembly/shared/status.js";
import { TcpState } from "../../assembly/shared/tcp-state.js";
import type { FlowCounters } from "../flow.js";
import {
  type ConntrackOptions,
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

/** What stands before the first flow and behind the last one. */
export const XML_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<conntrack>';
export const XML_TAIL = "</conntrack>";

export function conntrackXml(flow: PrintedFlow, options: ConntrackOptions = {}): string {
  const { timeout, state, mark, use } = flow;
  return element("<flow>", flow, true, { timeout, state, mark, use: use - 1 }, options);
}

export function conntrackEventXml(event: ListedEvent, options: ConntrackOptions = {}): string {
  const destroyed = event.kind === "DESTROY";
  const told = {
    timeout: destroyed && event.timeout === 0 ? undefined : event.timeout,
    state: tellsState(event) ? event.state : undefined,
    mark: tellsMark(event) ? event.mark : undefined,
    use: undefined,
    stop: destroyed ? event.time : undefined,
    when: options.timestamp ? event.time : undefined,
  };
  const labels = tellsLabels(event) ? event.labels : [];
  const at = destroyed ? { ...event, labels } : { ...event, labels, start: undefined, deltaTime: undefined };
  return element(`<flow type="${event.kind.toLowerCase()}">`, at, destroyed, told, options);
}

interface Told {
  readonly timeout: number | undefined;
  readonly state: string | undefined;
  readonly mark: number | undefined;
  readonly use: number | undefined;
  readonly stop?: number | undefined;
  readonly when?: number | undefined;
}

type Fields = Omit<PrintedFlow, "use" | "timeout" | "state">;

function element(
  open: string,
  flow: Fields,
  counted: boolean,
  told: Told,
  options: ConntrackOptions,
): string {
  let xml = open + direction(flow, "original", counted) + direction(flow, "reply", counted);
  xml += '<meta direction="independent">';
  if (told.state !== undefined) xml += tag("state", stateName(told.state, flow.protocolNumber));
  if (told.timeout !== undefined) xml += tag("timeout", told.timeout);
  if (told.mark !== undefined) xml += tag("mark", told.mark);
  if (flow.zone !== 0 && flow.zoneDirection === "both") xml += tag("zone", flow.zone);
  const labels = options.labels ? labelNames(flow, options.labels) : [];
  if (labels.length > 0) xml += tag("labels", labels.map((name) => tag("label", escaped(name))).join(""));
  if (told.use !== undefined) xml += tag("use", told.use);
  xml += tag("id", flow.id);
  if (flow.status & Status.ASSURED) xml += "<assured/>";
  if (!(flow.status & Status.SEEN_REPLY)) xml += "<unreplied/>";
  if (options.ktimestamp && flow.start !== undefined) {
    const stop = told.stop === undefined ? "" : tag("stop", nanoseconds(told.stop));
    xml += tag("timestamp", tag("start", nanoseconds(flow.start)) + stop);
  }
  if (flow.deltaTime !== undefined) xml += tag("deltatime", flow.deltaTime);
  xml += "</meta>";
  if (flow.helper !== undefined) xml += tag("helper", escaped(flow.helper));
  if (told.when !== undefined) xml += clock(told.when);
  return `${xml}</flow>`;
}

function direction(flow: Fields, name: "original" | "reply", counted: boolean): string {
  const { protocolNumber, zoneDirection, counters } = flow;
  const ends = flow[name];
  const [family, number] = flow.family === "ipv4" ? ["ipv4", 2] : ["ipv6", 10];
  let xml = `<meta direction="${name}"><layer3 protonum="${number}" protoname="${family}">`;
  xml += `${tag("src", toolAddress(ends.src))}${tag("dst", toolAddress(ends.dst))}</layer3>`;
  xml += `<layer4 protonum="${protocolNumber}" protoname="${toolProtocol(protocolNumber) ?? "unknown"}">`;
  xml += `${layer4(protocolNumber, ends)}</layer4>`;
  if (zoneDirection === name) xml += tag("zone", flow.zone);
  if (counted) xml += counts(counters?.[name]);
  return `${xml}</meta>`;
}

/** Types and ids of ICMP are not told. */
function layer4(protocol: number, ends: PrintedTuple): string {
  const ports = portsOf(protocol, ends);
  if (ports) return tag("sport", ports.sport) + tag("dport", ports.dport);
  if (ends.srckey === undefined) return "";
  return (
    tag("srckey", `0x${ends.srckey.toString(16)}`) + tag("dstkey", `0x${(ends.dstkey ?? 0).toString(16)}`)
  );
}

function counts(of: FlowCounters | undefined): string {
  return of ? tag("counters", tag("packets", of.packets) + tag("bytes", of.bytes)) : "";
}

/** The tool looks up all states by number among those of TCP, those of SCTP, too. */
function stateName(state: string, protocol: number): string {
  return (protocol === Protocol.SCTP && TcpState[SctpState[state as keyof typeof SctpState]]) || state;
}

/** What the tool calls the time of an event: local time in parts. */
function clock(ms: number): string {
  const at = new Date(ms);
  const parts: [string, number][] = [
    ["hour", at.getHours()],
    ["min", at.getMinutes()],
    ["sec", at.getSeconds()],
    ["wday", at.getDay() + 1],
    ["day", at.getDate()],
    ["month", at.getMonth() + 1],
    ["year", at.getFullYear()],
  ];
  return tag("when", parts.map(([name, n]) => tag(name, n)).join(""));
}

/** Milliseconds in nanoseconds, exactly. */
function nanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  return (BigInt(whole) * 1000000n + BigInt(Math.round((ms - whole) * 1e6))).toString();
}

function tag(name: string, content: string | number): string {
  return `<${name}>${content}</${name}>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
