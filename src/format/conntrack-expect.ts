/** Lines of `conntrack -L expect` and `conntrack -E expect`, as conntrack-tools 1.4.7 prints them. */
import { ExpectationFlag } from "../../assembly/shared/expectation-flag.js";
import type { FlowTuple } from "../flow.js";
import { EVENT_TAGS, unixTime } from "./conntrack-line.js";
import { toolAddress } from "./listed-flow.js";

/** What a listing prints of an expectation. */
export interface ListedExpectation {
  readonly family: "ipv4" | "ipv6";
  readonly protocolNumber: number;
  readonly zone: number;
  /** Whole seconds left. */
  readonly timeout: number;
  readonly tuple: FlowTuple;
  readonly mask: FlowTuple;
  /** The flow that announced it. */
  readonly master: { readonly original: FlowTuple };
  /** 1 permanent, 2 inactive, 4 not made by a helper. */
  readonly flags: number;
  readonly class: number;
  /** Name of the class, where its helper has several. */
  readonly className: string | undefined;
  readonly helper: string | undefined;
}

const FLAGS = [
  [ExpectationFlag.PERMANENT, "PERMANENT"],
  [ExpectationFlag.INACTIVE, "INACTIVE"],
  [ExpectationFlag.USERSPACE, "USERSPACE"],
] as const;

/** One line of `conntrack -L expect`, without its end. */
export function conntrackExpectLine(e: ListedExpectation): string {
  let line = `${e.timeout} proto=${e.protocolNumber} `;
  line += ends(e.tuple, "") + ends(e.mask, "mask-") + ends(e.master.original, "master-");
  if (e.zone !== 0) line += `zone=${e.zone} `;
  const flags = FLAGS.filter(([bit]) => e.flags & bit).map(([, name]) => name);
  if (flags.length > 0) line += `${flags.join(",")} `;
  line += `class=${e.class}`;
  return e.helper === undefined ? line : `${line} helper=${e.helper}`;
}

/** Something that happened to an expectation. */
export interface ListedExpectationEvent
  extends Pick<ListedExpectation, "family" | "protocolNumber" | "zone" | "timeout" | "helper" | "master"> {
  readonly kind: "EXP_NEW" | "EXP_DESTROY";
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly expectation: Pick<ListedExpectation, "tuple" | "mask" | "flags" | "class">;
}

/** One line of `conntrack -E expect`, without its end. `timestamp`: when it happened goes in front. */
export function conntrackExpectEventLine(
  event: ListedExpectationEvent,
  options: { readonly timestamp?: boolean } = {},
): string {
  const { seconds, micros } = unixTime(event.time);
  const when = options.timestamp ? `[${seconds}.${micros.toString().padStart(6, "0")}]\t` : "";
  const tag = event.kind === "EXP_NEW" ? EVENT_TAGS.NEW : EVENT_TAGS.DESTROY;
  return `${when}${tag} ${conntrackExpectLine({ ...event, ...event.expectation, className: undefined })}`;
}

function ends({ src, dst, sport, dport, srckey, dstkey }: FlowTuple, prefix: string): string {
  let text = `${prefix}src=${toolAddress(src)} ${prefix}dst=${toolAddress(dst)} `;
  if (sport !== undefined) text += `sport=${sport} dport=${dport} `;
  if (srckey !== undefined) text += `srckey=0x${srckey.toString(16)} dstkey=0x${(dstkey ?? 0).toString(16)} `;
  return text;
}
