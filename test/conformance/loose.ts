/**
 * Where the kernel's answer depends on chance. Everything that is compared less strictly for that reason goes
 * through this file.
 */

import type { ConntrackLike } from "./api.js";
import { type Choices, rewriteChoices } from "./chosen-ports.js";
import type { NetlinkFlow, RecordedReply, Scenario, Step } from "./recording.js";
import { canonicalTuple, tupleText } from "./tuple-text.js";

/**
 * A scenario with a bucket count watches early drop: which entries go, and how many at once, depends on the hash
 * key of the running kernel. Fates, counts and what must survive remain comparable.
 */
export function isHashDependent(scenario: Scenario): boolean {
  return scenario.buckets !== undefined;
}

/**
 * With nf_conntrack_events at 2, the default, `-j CT --ctevents` is heeded only if a program on the machine listened to
 * events when the rule was loaded; if none did, all events are told.
 */
export function mayTellMore(scenario: Scenario): boolean {
  return Object.values(scenario.iptables ?? {}).some((text) => /-j CT .*--(?:ct|exp)events/.test(text));
}

/** How many ports were tried before one was found is chance, too. */
export function dependsOnTries(aspect: string, choices: Choices): boolean {
  return aspect === "stat found" && choices.differ;
}

/**
 * The step as the kernel would have recorded it, had it chosen the ports and ids that we have chosen: any that would
 * have been legal will do, and a tuple is nobody else's or it would not be in the table.
 */
export function withOurChoices(
  step: Step,
  scenario: Scenario,
  conntrack: ConntrackLike,
  choices: Choices,
): Step {
  const chosen = step.ctnl?.filter((flow) => flow && wasChosen(flow)) ?? [];
  if (chosen.length > 0) {
    const ours = new Map<string, string>();
    for (const { protocolNumber, original, reply } of conntrack.flows()) {
      ours.set(tupleText(protocolNumber, original), tupleText(protocolNumber, reply));
    }
    for (const flow of chosen) {
      const reply = ours.get(canonicalTuple(choices.tuple(flow!.orig)));
      const kernel = canonicalTuple(flow!.reply);
      if (reply !== undefined && isLegal(kernel, reply, scenario)) choices.add(kernel, reply);
    }
  }
  return choices.differ ? rewritten(step, choices) : step;
}

/** The step with the packet that its sender would have sent, had the kernel chosen as we did. */
export function withChosenTarget(step: Step, choices: Choices): Step {
  return step.in === undefined ? step : { ...step, in: rewriteChoices(step.in, choices) };
}

/** Source translation has changed more than the address. */
function wasChosen({ orig, reply, status }: NetlinkFlow): boolean {
  return (status & SRC_NAT) !== 0 && keyOf(orig, "source") !== keyOf(reply, "destination");
}

const SRC_NAT = 0x10;

/** The port at one end of a tuple, or the id. */
function keyOf(tuple: string, end: "source" | "destination"): number | undefined {
  const id = / id=(\d+)$/.exec(tuple)?.[1];
  const text = id ?? tuple.split(" ")[end === "source" ? 2 : 4];
  return text === undefined ? undefined : Number(text);
}

/** Nothing else differs, and ours is one of those that the kernel has chosen among. */
function isLegal(kernel: string, ours: string, scenario: Scenario): boolean {
  const [theirs, own] = [keyOf(kernel, "destination"), keyOf(ours, "destination")];
  if (theirs === undefined || own === undefined || withKey(kernel, own) !== ours) return false;
  if (theirs === own) return true;
  if (kernel.includes(" id=")) return true;
  const rules = JSON.stringify([scenario.rules, scenario.iptables]);
  for (const [, least, most] of rules.matchAll(
    /(?:to|--to-source|--to-ports) [\d.:a-f[\]]*?:?(\d+)-(\d+)\b/g,
  )) {
    if (theirs >= Number(least) && theirs <= Number(most)) return own >= Number(least) && own <= Number(most);
  }
  return classOf(theirs) === classOf(own);
}

function classOf(port: number): number {
  return port < 512 ? 0 : port < 1024 ? 1 : 2;
}

function withKey(tuple: string, key: number): string {
  return tuple.replace(/\d+$/, `${key}`);
}

function rewritten(step: Step, choices: Choices): Step {
  const ours = <T extends { orig: string; reply: string }>(flow: T): T => ({
    ...flow,
    orig: choices.tuple(flow.orig),
    reply: choices.tuple(flow.reply),
  });
  const packet = (hex: string) => rewriteChoices(hex, choices);
  const table = step.table?.map((line, i) => {
    const flow = step.ctnl?.[i];
    return flow ? withKeys(line, flow, ours(flow)) : line;
  });
  return {
    ...step,
    ...(table && { table }),
    ...(step.ctnl && { ctnl: step.ctnl.map((flow) => flow && ours(flow)) }),
    ...(step.ev && { ev: step.ev.map((event) => ("reply" in event ? ours(event) : event)) }),
    ...(step.out && { out: step.out.map(packet) }),
    ...(step.pre !== undefined && { pre: packet(step.pre) }),
    ...(step.replies && { replies: step.replies.map((reply) => withPackets(reply, packet)) }),
  };
}

/** A line of the table, whose ports or ids are those of one flow, with those of another. */
function withKeys(line: string, kernel: NetlinkFlow, ours: NetlinkFlow): string {
  const keys = [kernel, ours].map(({ orig, reply }) =>
    [orig, reply].flatMap((tuple) => [keyOf(tuple, "source"), keyOf(tuple, "destination")]),
  );
  if (String(keys[0]) === String(keys[1])) return line;
  const own = keys[1]!;
  if (kernel.orig.includes(" id=")) own.splice(0, 4, own[0], own[2]);
  let i = 0;
  return line.replace(/\b(sport|dport|id)=\d+/g, (_, name) => `${name}=${own[i++]}`);
}

function withPackets(reply: RecordedReply, packet: (hex: string) => string): RecordedReply {
  return { ...reply, gen: packet(reply.gen), ...(reply.out && { out: reply.out.map(packet) }) };
}

/**
 * When the kernel's clock ticks is not recorded, and `connlimit` looks through its lists once a tick: what it does to
 * packets that come within 4 ms depends on it. Such a scenario has to agree with one of these, milliseconds that the
 * clock is ahead.
 */
export function tickPhases(scenario: Scenario): readonly number[] {
  const asked = Object.values(scenario.iptables ?? {}).some((text) => text.includes("-m connlimit"));
  return asked ? TICK_PHASES : [0];
}

const TICK_PHASES = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5];
