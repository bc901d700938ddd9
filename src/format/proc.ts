/** /proc/net/nf_conntrack, character for character as Linux 6.18 prints it. */
import { ExpectationFlag } from "../../assembly/shared/expectation-flag.js";
import { Status } from "../../assembly/shared/status.js";
import { expandAddress } from "../address.js";
import type { FlowCounters, FlowInfo, FlowTuple } from "../flow.js";

/** One line, without its end. */
export function procLine(flow: FlowInfo): string {
  const family = flow.family === "ipv4" ? "ipv4     2" : "ipv6     10";
  let line = `${family} ${head(flow)}${tuple(flow.original)}`;
  if (flow.zoneDirection === "original") line += `zone-orig=${flow.zone} `;
  line += counters(flow.counters?.original);
  if (!(flow.status & Status.SEEN_REPLY)) line += "[UNREPLIED] ";
  line += tuple(flow.reply);
  if (flow.zoneDirection === "reply") line += `zone-reply=${flow.zone} `;
  line += counters(flow.counters?.reply);
  if (flow.status & Status.ASSURED) line += "[ASSURED] ";
  line += `mark=${flow.mark} `;
  if (flow.zoneDirection === "both") line += `zone=${flow.zone} `;
  if (flow.deltaTime !== undefined) line += `delta-time=${flow.deltaTime} `;
  return `${line}use=${flow.use}`;
}

/** One line of /proc/net/ip_conntrack, which Linux had until 4.8 and the older guides show, without its end. */
export function legacyProcLine(flow: FlowInfo): string {
  let line = head(flow) + tuple(flow.original) + counters(flow.counters?.original);
  if (!(flow.status & Status.SEEN_REPLY)) line += "[UNREPLIED] ";
  line += tuple(flow.reply) + counters(flow.counters?.reply);
  if (flow.status & Status.ASSURED) line += "[ASSURED] ";
  return `${line}mark=${flow.mark} use=${flow.use}`;
}

function head(flow: FlowInfo): string {
  let text = `${flow.protocol.padEnd(8)} ${flow.protocolNumber} ${flow.timeout} `;
  if (flow.state !== undefined) text += `${flow.state} `;
  if (flow.gre) text += `timeout=${flow.gre.timeout}, stream_timeout=${flow.gre.streamTimeout} `;
  return text;
}

function tuple({ src, dst, sport, dport, type, code, icmpId, srckey, dstkey }: FlowTuple): string {
  let text = `src=${expandAddress(src)} dst=${expandAddress(dst)} `;
  if (sport !== undefined) text += `sport=${sport} dport=${dport} `;
  if (type !== undefined) text += `type=${type} code=${code} id=${icmpId} `;
  if (srckey !== undefined) text += `srckey=0x${srckey.toString(16)} dstkey=0x${(dstkey ?? 0).toString(16)} `;
  return text;
}

function counters(of: FlowCounters | undefined): string {
  return of ? `packets=${of.packets} bytes=${of.bytes} ` : "";
}

/** What a listing prints of an expectation. */
export interface ExpectationInfo {
  readonly family: "ipv4" | "ipv6";
  readonly protocolNumber: number;
  /** Whole seconds left. */
  readonly timeout: number;
  readonly tuple: FlowTuple;
  readonly flags: number;
  readonly helper: string | undefined;
  readonly className: string | undefined;
}

/** One line of /proc/net/nf_conntrack_expect, without its end. */
export function expectationLine(e: ExpectationInfo): string {
  const family = e.family === "ipv4" ? 2 : 10;
  const flags = EXPECTATION_FLAGS.filter(([bit]) => e.flags & bit).map(([, name]) => name);
  const name = e.helper ?? "";
  const helper = e.className === undefined ? name : `${name}/${e.className}`;
  const tail = [flags.join(","), helper].filter((part) => part !== "").join(" ");
  return `${e.timeout} l3proto = ${family} proto=${e.protocolNumber} ${tuple(e.tuple)}${tail}`;
}

const EXPECTATION_FLAGS = [
  [ExpectationFlag.PERMANENT, "PERMANENT"],
  [ExpectationFlag.INACTIVE, "INACTIVE"],
  [ExpectationFlag.USERSPACE, "USERSPACE"],
] as const;
