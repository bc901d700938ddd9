import type { EventChange } from "../../events.js";
import { parseNumber } from "../../text/number.js";
import { splitWord } from "../../text/source.js";
import { extension } from "../extension.js";
import { flag, type Given, option, type Reader } from "../option.js";
import { words } from "../printers.js";
import { text } from "../readers.js";
import { badArgument, ruleError } from "../rule-error.js";

/** iptables knows no name for the others. */
export type CtEventName = Exclude<EventChange, "label" | "synproxy">;

/** A zone's number, or the one that the packet's mark names. */
export type CtZone = number | "mark";

export interface CtTarget {
  readonly name: "CT";
  readonly notrack: boolean;
  /** The directions that the zone counts for. */
  readonly zone?: { readonly zone: CtZone; readonly direction: "both" | "original" | "reply" };
  readonly helper?: string;
  readonly timeout?: string;
  /** Undefined: all events. */
  readonly events?: readonly CtEventName[];
  /** Undefined: all events of expectations. */
  readonly expectationEvents?: readonly "new"[];
}

/** In the order in which they are printed. */
const EVENTS = [
  "new",
  "related",
  "destroy",
  "reply",
  "assured",
  "protoinfo",
  "helper",
  "mark",
  "natseqinfo",
  "secmark",
] as const;

function events<const T extends string>(names: readonly T[]): Reader<T[]> {
  return (word) => {
    const given = splitWord(word, ",").map((part) => {
      const found = names.find((name) => name === part.text);
      if (!found) throw badArgument(part, `a list of ${names.join(", ")}`);
      return found;
    });
    return names.filter((name) => given.includes(name));
  };
}

const zone: Reader<CtZone> = (word) => {
  if (word.text.toLowerCase() === "mark") return "mark";
  const value = parseNumber(word.text, 0, 65535);
  if (value === undefined) throw badArgument(word, "a number from 0 to 65535, or mark");
  return value;
};

const options = {
  notrack: flag(),
  helper: option(text(0, 15)),
  timeout: option(text(0, 31)),
  ctevents: option(events(EVENTS)),
  expevents: option(events(["new"])),
  zone: option(zone),
  "zone-orig": option(zone),
  "zone-reply": option(zone),
};

/** The last one given counts. */
function givenZone(given: Given<typeof options>): CtTarget["zone"] {
  const zones = [
    [given.zone, "both"],
    [given["zone-orig"], "original"],
    [given["zone-reply"], "reply"],
  ] as const;
  const [first, second] = zones.filter(([one]) => one);
  if (second?.[0]) throw ruleError(second[0].word, "only one zone can be given");
  // Zone 0 is where every flow is.
  return first?.[0]?.value ? { zone: first[0].value, direction: first[1] } : undefined;
}

export const ct = extension<CtTarget, typeof options>({
  name: "CT",
  options,
  tables: ["raw"],

  build(given) {
    const { notrack, helper, timeout, ctevents, expevents } = given;
    const zone = givenZone(given);
    return {
      name: "CT",
      notrack: notrack !== undefined,
      ...(zone && { zone }),
      ...(helper?.value && { helper: helper.value }),
      ...(timeout?.value && { timeout: timeout.value }),
      ...(ctevents && { events: ctevents.value }),
      ...(expevents && { expectationEvents: expevents.value }),
    };
  },

  refusal({ notrack, helper, timeout }, { rule: { protocol } }) {
    if (notrack || (protocol && !protocol.invert)) return undefined;
    if (helper !== undefined) return "a helper needs a protocol: -p tcp, -p udp";
    return timeout === undefined ? undefined : "a timeout policy needs a protocol: -p tcp, -p udp";
  },

  print({ notrack, helper, timeout, events, expectationEvents, zone }) {
    const option = zone && { both: "--zone", original: "--zone-orig", reply: "--zone-reply" }[zone.direction];
    return words(
      notrack && "--notrack",
      helper !== undefined && `--helper ${helper}`,
      timeout !== undefined && `--timeout ${timeout}`,
      events && `--ctevents ${events.join(",")}`,
      expectationEvents && `--expevents ${expectationEvents.join(",")}`,
      zone && `${option} ${zone.zone}`,
    );
  },
});
