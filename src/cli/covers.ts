/** Whether one rule's conditions hold for every packet for which another's do. When that is hard to say: no. */
import type { InterfacePattern, Inverted, Match, Network, Range, Rule } from "../rules/index.js";

/** What holds once need not hold a second time: it counts, or draws. */
const CHANCE = new Set(["connlimit", "hashlimit", "limit", "quota", "recent", "statistic"]);

export function covers(wide: Rule, narrow: Rule): boolean {
  if (wide.unsupported || narrow.unsupported) return false;
  return (
    includes(wide.source, narrow.source, NETWORKS) &&
    includes(wide.destination, narrow.destination, NETWORKS) &&
    includes(wide.in, narrow.in, DEVICES) &&
    includes(wide.out, narrow.out, DEVICES) &&
    includes(wide.protocol, narrow.protocol, NUMBERS) &&
    (!wide.fragment || wide.fragment.invert === narrow.fragment?.invert) &&
    conditionsOf(wide).every((match) => narrow.matches.some((other) => matchCovers(match, other)))
  );
}

/** Without comments, and without `-m tcp` that asks for nothing but the protocol. */
export function conditionsOf({ matches }: Rule): Match[] {
  return matches.filter(
    (match) => match.name !== "comment" && !(isPorts(match) && Object.keys(match).length === 1),
  );
}

/** Sets of values: whether one has all of another, and whether they have none in common. */
interface Relation<T> {
  contains(wide: T, narrow: T): boolean;
  disjoint(a: T, b: T): boolean;
}

/** A condition that a rule does not have holds always; an inverted one is everything but its values. */
function includes<T>(
  wide: Inverted<T> | undefined,
  narrow: Inverted<T> | undefined,
  of: Relation<T>,
): boolean {
  if (!wide) return true;
  if (!narrow) return false;
  if (!wide.invert) return !narrow.invert && of.contains(wide, narrow);
  return narrow.invert ? of.contains(narrow, wide) : of.disjoint(wide, narrow);
}

const NETWORKS: Relation<Network> = {
  contains: (wide, narrow) =>
    wide.mask.every((mask, i) => {
      return ((narrow.mask[i] ?? 0) & mask) === mask && ((narrow.address[i] ?? 0) & mask) === wide.address[i];
    }),
  disjoint: (a, b) =>
    a.mask.some((mask, i) => (((a.address[i] ?? 0) ^ (b.address[i] ?? 0)) & mask & (b.mask[i] ?? 0)) !== 0),
};

const DEVICES: Relation<InterfacePattern> = {
  contains: (wide, narrow) =>
    wide.prefix ? narrow.name.startsWith(wide.name) : !narrow.prefix && narrow.name === wide.name,
  disjoint: (a, b) =>
    !(a.prefix ? b.name.startsWith(a.name) : b.name === a.name) &&
    !(b.prefix ? a.name.startsWith(b.name) : a.name === b.name),
};

const NUMBERS: Relation<{ readonly number: number }> = {
  contains: (wide, narrow) => wide.number === narrow.number,
  disjoint: (a, b) => a.number !== b.number,
};

const RANGES: Relation<Range> = {
  contains: (wide, narrow) => wide.min <= narrow.min && narrow.max <= wide.max,
  disjoint: (a, b) => a.max < b.min || b.max < a.min,
};

function matchCovers(wide: Match, narrow: Match): boolean {
  if (CHANCE.has(wide.name) || (wide.name === "connlabel" && wide.set)) return false;
  const states = statesOf(wide);
  // What else is asked of the connection makes it narrower still.
  const others = states && statesOf(narrow.name === "conntrack" ? onlyStates(narrow) : narrow);
  if (states && others) return others.every((state) => states.includes(state));
  if (isPorts(wide) && isPorts(narrow) && wide.name === narrow.name) {
    const { sourcePort, destinationPort, ...more } = wide;
    const { sourcePort: from, destinationPort: to, ...other } = narrow;
    const asked = Object.entries(more).filter(([name]) => name !== "name");
    return (
      includes(sourcePort, from, RANGES) &&
      includes(destinationPort, to, RANGES) &&
      asked.every(
        ([name, value]) => textOf(value) === textOf(Object.entries(other).find(([one]) => one === name)?.[1]),
      )
    );
  }
  for (const end of ["source", "destination", "either"] as const) {
    const [ports, some] = [portsOf(wide, end), portsOf(narrow, end)];
    if (ports.length === 0 || some.length === 0) continue;
    return some.every((range) => ports.some((one) => RANGES.contains(one, range)));
  }
  return textOf(wide) === textOf(narrow);
}

function isPorts(match: Match): match is Extract<Match, { readonly name: "tcp" | "udp" | "sctp" }> {
  return match.name === "tcp" || match.name === "udp" || match.name === "sctp";
}

/** The ports of an end, of a match that asks for them and for nothing else. */
function portsOf(match: Match, end: "source" | "destination" | "either"): readonly Range[] {
  if (match.name === "multiport") return match.invert || match.ports !== end ? [] : match.ranges;
  if (!isPorts(match) || Object.keys(match).length !== 2) return [];
  const range =
    end === "source" ? match.sourcePort : end === "destination" ? match.destinationPort : undefined;
  return range && !range.invert ? [range] : [];
}

/** The one destination port that a match is for, if it is for one alone. */
export function onlyPort(match: Match): number | undefined {
  const ranges = isPorts(match) ? [match.destinationPort] : portsOf(match, "destination");
  const [first] = ranges;
  if (!first || ("invert" in first && first.invert)) return undefined;
  return ranges.every((range) => range?.min === first.min && range.max === first.min) ? first.min : undefined;
}

const STATES = ["INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED"];

/** The ct states that a match lets pass, if it asks for them and for nothing else. */
export function statesOf(match: Match): readonly string[] | undefined {
  const asked =
    match.name === "state"
      ? { any: match.states as readonly string[], invert: match.invert }
      : match.name === "conntrack" && Object.keys(match).length === 2
        ? match.states
        : undefined;
  if (!asked || asked.any.some((state) => !STATES.includes(state))) return undefined;
  return asked.invert
    ? STATES.filter((state) => !(asked.any as readonly string[]).includes(state))
    : asked.any;
}

function onlyStates({ name, states }: Extract<Match, { readonly name: "conntrack" }>): Match {
  return { name, ...(states && { states }) };
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === "bigint" ? `${one}n` : one)) ?? "";
}
