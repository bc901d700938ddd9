/** `conntrack -o save`: options with which `conntrack --load-file` enters the same, as conntrack-tools 1.4.7 has it. */

import { Protocol } from "../../assembly/shared/protocol.js";
import { Status } from "../../assembly/shared/status.js";
import { swapBytes } from "../byte-order.js";
import {
  type EventKind,
  isDccp,
  type ListedEvent,
  tellsState,
  toolAddress,
  toolProtocol,
} from "./listed-flow.js";
import type { PrintedFlow } from "./printed-flow.js";

const COMMANDS: { readonly [kind in EventKind]: string } = { NEW: "-A", UPDATE: "-U", DESTROY: "-D" };

/** The bits that the form has names for. */
const STATUS_NAMES = [
  [Status.EXPECTED, "EXPECTED"],
  [Status.SEEN_REPLY, "SEEN_REPLY"],
  [Status.ASSURED, "ASSURED"],
] as const;

/** One line, without its end. */
export function conntrackSave(flow: PrintedFlow): string {
  return save("-A", flow, flow.timeout, flow.state);
}

/** One line of `conntrack -E -o save`, without its end. */
export function conntrackEventSave(event: ListedEvent): string {
  const over = event.kind === "DESTROY" && event.timeout === 0;
  const state = tellsState(event) ? event.state : undefined;
  return save(COMMANDS[event.kind], event, over ? undefined : event.timeout, state);
}

function save(
  command: string,
  flow: Omit<PrintedFlow, "use" | "timeout" | "state">,
  timeout: number | undefined,
  state: string | undefined,
): string {
  const { status, original, reply, protocolNumber } = flow;
  const words = [command];
  if (timeout !== undefined) words.push(`-t ${timeout}`);
  const set = STATUS_NAMES.filter(([bit]) => status & bit).map(([, name]) => name);
  words.push(`-u ${set.length > 0 ? set.join(",") : "UNSET"}`);
  if (flow.zone !== 0) words.push(`${ZONES[flow.zoneDirection]} ${flow.zone}`);
  words.push(`-s ${toolAddress(original.src)}`, `-d ${toolAddress(original.dst)}`);
  words.push(`${status & Status.DST_NAT ? "-g" : "-r"} ${toolAddress(reply.src)}`);
  words.push(`${status & Status.SRC_NAT ? "-n" : "-q"} ${toolAddress(reply.dst)}`);
  words.push(`-p ${toolProtocol(protocolNumber) ?? protocolNumber}`);
  words.push(...layer4(flow));
  if (state !== undefined) words.push(`--state ${state}`);
  // An event has the tags with the state; that of a flow's end has the state alone.
  if (flow.sctp && state !== undefined && command !== COMMANDS.DESTROY) {
    // The tool prints the tags as they lie in the packet, read by a little-endian machine.
    const [original, reply] = flow.sctp.vtag.map(swapBytes);
    words.push(`--orig-vtag ${original} --reply-vtag ${reply}`);
  }
  return words.join(" ");
}

const ZONES = { original: "--orig-zone", reply: "--reply-zone", both: "-w" } as const;

function layer4({
  original,
  reply,
  protocolNumber,
}: Pick<PrintedFlow, "original" | "reply" | "protocolNumber">) {
  if (isDccp(protocolNumber)) return [];
  if (original.sport !== undefined) {
    return [
      `--sport ${original.sport} --dport ${original.dport}`,
      `--reply-port-src ${reply.sport} --reply-port-dst ${reply.dport}`,
    ];
  }
  if (original.srckey !== undefined) {
    return [
      `--srckey ${original.srckey} --dstkey ${original.dstkey}`,
      `--reply-key-src ${reply.srckey} --reply-key-dst ${reply.dstkey}`,
    ];
  }
  if (original.type === undefined) return [];
  const icmp = protocolNumber === Protocol.ICMPV6 ? "--icmpv6" : "--icmp";
  return [`${icmp}-type ${original.type} ${icmp}-code ${original.code} ${icmp}-id ${original.icmpId}`];
}
