/** /proc/net/nf_conntrack, character for character as Linux 6.18 prints it. */
import { ExpectationFlag } from "../../assembly/shared/expectation-flag.js";
import { Status } from "../../assembly/shared/status.js";
import { expandAddress } from "../address.js";
import type { FlowCounters, FlowInfo, FlowTuple } from "../flow.js";

/** One line, without its end. */
export function procLine(flow: FlowInfo): string {
  const { family, status, mark, zone, zoneDirection, deltaTime, use } = flow;
  const counted = flow.counters;
  // Of few pieces: each one takes its time when it is added, and again when the line is written.
  let there = tuple(family, flow.original);
  if (zoneDirection === "original") there += `zone-orig=${zone} `;
  if (counted) there += counters(counted.original);
  if (!(status & Status.SEEN_REPLY)) there += "[UNREPLIED] ";
  let back = tuple(family, flow.reply);
  if (zoneDirection === "reply") back += `zone-reply=${zone} `;
  if (counted) back += counters(counted.reply);
  let tail = status & Status.ASSURED ? `[ASSURED] mark=${mark}` : `mark=${mark}`;
  if (zoneDirection === "both") tail += ` zone=${zone}`;
  if (deltaTime !== undefined) tail += ` delta-time=${deltaTime}`;
  return `${family === "ipv4" ? "ipv4     2 " : "ipv6     10 "}${head(flow)}${there}${back}${tail} use=${use}`;
}

/** One line of /proc/net/ip_conntrack, which Linux had until 4.8 and the older guides show, without its end. */
export function legacyProcLine(flow: FlowInfo): string {
  const { family, status } = flow;
  const counted = flow.counters;
  let line = head(flow) + tuple(family, flow.original);
  if (counted) line += counters(counted.original);
  if (!(status & Status.SEEN_REPLY)) line += "[UNREPLIED] ";
  line += tuple(family, flow.reply);
  if (counted) line += counters(counted.reply);
  if (status & Status.ASSURED) line += "[ASSURED] ";
  return `${line}mark=${flow.mark} use=${flow.use}`;
}

/** Behind names, so that eight characters and a blank are filled: padEnd() takes several times as long. */
const BLANKS = Array.from({ length: 9 }, (_, length) => " ".repeat(9 - length));

function head({ protocol, protocolNumber, timeout, state, gre }: FlowInfo): string {
  const text = `${protocol}${BLANKS[protocol.length] ?? " "}${protocolNumber} ${timeout} `;
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

function counters({ packets, bytes }: FlowCounters): string {
  return `packets=${packets} bytes=${bytes} `;
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
