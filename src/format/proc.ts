/** /proc/net/nf_conntrack, character for character as Linux 6.18 prints it. */
import { ExpectationFlag } from "../../assembly/shared/expectation-flag.js";
import { Status } from "../../assembly/shared/status.js";
import { expandAddress } from "../address.js";
import type { FlowCounters, FlowInfo, FlowTuple } from "../flow.js";

/** One line, without its end. */
export function procLine(flow: FlowInfo): string {
  const { family, status, zone, zoneDirection, deltaTime } = flow;
  const counted = flow.counters;
  // In few and large pieces: what a string is made of is kept until it is written.
  const begin = `${family === "ipv4" ? "ipv4     2" : "ipv6     10"} ${head(flow)}`;
  const original = tuple(family, flow.original) + (zoneDirection === "original" ? `zone-orig=${zone} ` : "");
  const reply = tuple(family, flow.reply) + (zoneDirection === "reply" ? `zone-reply=${zone} ` : "");
  const inZone = zoneDirection === "both" ? `zone=${zone} ` : "";
  const since = deltaTime === undefined ? "" : `delta-time=${deltaTime} `;
  const directions = `${original}${counters(counted?.original)}${unreplied(status)}${reply}${counters(counted?.reply)}`;
  return `${begin}${directions}${assured(status)}mark=${flow.mark} ${inZone}${since}use=${flow.use}`;
}

/** One line of /proc/net/ip_conntrack, which Linux had until 4.8 and the older guides show, without its end. */
export function legacyProcLine(flow: FlowInfo): string {
  const { family, status } = flow;
  const counted = flow.counters;
  const original = `${tuple(family, flow.original)}${counters(counted?.original)}${unreplied(status)}`;
  const reply = `${tuple(family, flow.reply)}${counters(counted?.reply)}${assured(status)}`;
  return `${head(flow)}${original}${reply}mark=${flow.mark} use=${flow.use}`;
}

const unreplied = (status: number) => (status & Status.SEEN_REPLY ? "" : "[UNREPLIED] ");
const assured = (status: number) => (status & Status.ASSURED ? "[ASSURED] " : "");

function head({ protocol, protocolNumber, timeout, state, gre }: FlowInfo): string {
  const text = `${protocol.padEnd(8)} ${protocolNumber} ${timeout} `;
  if (gre) return `${text}timeout=${gre.timeout}, stream_timeout=${gre.streamTimeout} `;
  return state === undefined ? text : `${text}${state} `;
}

function tuple(
  family: FlowInfo["family"],
  { src, dst, sport, dport, type, code, icmpId, srckey, dstkey }: FlowTuple,
): string {
  const ends =
    family === "ipv4" ? `src=${src} dst=${dst} ` : `src=${expandAddress(src)} dst=${expandAddress(dst)} `;
  if (sport !== undefined) return `${ends}sport=${sport} dport=${dport} `;
  if (type !== undefined) return `${ends}type=${type} code=${code} id=${icmpId} `;
  if (srckey === undefined) return ends;
  return `${ends}srckey=0x${srckey.toString(16)} dstkey=0x${(dstkey ?? 0).toString(16)} `;
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
  return `${e.timeout} l3proto = ${family} proto=${e.protocolNumber} ${tuple(e.family, e.tuple)}${tail}`;
}

const EXPECTATION_FLAGS = [
  [ExpectationFlag.PERMANENT, "PERMANENT"],
  [ExpectationFlag.INACTIVE, "INACTIVE"],
  [ExpectationFlag.USERSPACE, "USERSPACE"],
] as const;
