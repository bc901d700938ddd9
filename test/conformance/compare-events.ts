import type { EventView } from "./api.js";
import {
  AGREED,
  type Comparer,
  type Difference,
  differs,
  type EndComparer,
  type ExpiredFlows,
  equal,
} from "./compare.js";
import { compareCounters, compareFacts, compareSctp, compareTcp } from "./compare-flow.js";
import { isHashDependent, mayTellMore } from "./loose.js";
import type { RecordedEvent, RecordedExpectEvent, RecordedFlowEvent } from "./recording.js";
import { canonicalTuple, tupleText } from "./tuple-text.js";

/**
 * Events in order, with their fields. A DESTROY of a flow whose time had run out may come in any step: it is put
 * aside, see `ExpiredFlows`.
 */
export const compareEvents: Comparer = ({ scenario, step, events, expired }) => {
  let kernel = step.ev ?? [];
  let ours = [...events];
  if (isHashDependent(scenario)) {
    kernel = kernel.filter(({ ev }) => ev !== "DESTROY");
    ours = ours.filter(({ kind }) => kind !== "DESTROY");
  } else if (step.cmd !== undefined) {
    // a command walks the table, in an order that depends on the hash key
    kernel = kernel.toSorted(by(describe));
    ours.sort(by(describeOurs));
  }
  let i = 0;
  let j = 0;
  while (i < kernel.length || j < ours.length) {
    const theirs = kernel[i];
    const mine = ours[j];
    const found = theirs && mine && compareEvent(theirs, mine);
    if (found?.length === 0) {
      i++;
      j++;
    } else if (theirs && isExpiryThere(theirs)) {
      remember(expired.kernel, canonicalTuple(theirs.orig), describe(theirs));
      i++;
    } else if (mine && isExpiryHere(mine)) {
      remember(expired.ours, tupleText(mine.protocolNumber, mine.original), describeOurs(mine));
      j++;
    } else if (theirs && mayTellMore(scenario)) {
      i++;
    } else {
      return found ?? differs("event", theirs && describe(theirs), mine && describeOurs(mine));
    }
  }
  return AGREED;
};

/** ctnetlink leaves the timeout out of a DESTROY when nothing is left of it. */
function isExpiryThere(event: RecordedEvent): event is RecordedFlowEvent {
  return event.ev === "DESTROY" && !event.timeout;
}

function isExpiryHere(event: EventView): boolean {
  return event.kind === "DESTROY" && event.timeout <= 0;
}

function compareEvent(kernel: RecordedEvent, ours: EventView): Difference[] {
  if (kernel.ev !== ours.kind) return differs("event", describe(kernel), describeOurs(ours));
  const found = isExpectEvent(kernel) ? compareExpectEvent(kernel, ours) : compareFlowEvent(kernel, ours);
  return found.map((difference) => ({ ...difference, aspect: `${difference.aspect} of event ${kernel.ev}` }));
}

function isExpectEvent(event: RecordedEvent): event is RecordedExpectEvent {
  return event.ev === "EXP_NEW" || event.ev === "EXP_DESTROY";
}

function compareFlowEvent(kernel: RecordedFlowEvent, ours: EventView): Difference[] {
  // an event carries the protocol's state only if that changed; a DESTROY always does
  const told = kernel.tcp !== undefined || kernel.sctp !== undefined;
  const state =
    told || kernel.ev === "DESTROY"
      ? [...compareTcp(kernel, ours), ...compareSctp(kernel, ours)]
      : equal("protocol state", false, ours.changes.includes("protoinfo"));
  return [
    ...equal("original tuple", canonicalTuple(kernel.orig), tupleText(ours.protocolNumber, ours.original)),
    ...compareFacts(kernel, ours),
    ...state,
    ...(told && kernel.ev !== "DESTROY"
      ? equal("protocol state", true, ours.changes.includes("protoinfo"))
      : AGREED),
    ...equal("mark", kernel.mark ?? 0, ours.mark),
    // Zones of one direction are told with its tuple, which recordings leave out.
    ...equal("zone", kernel.zone ?? 0, ours.zoneDirection === "both" ? ours.zone : 0),
    ...(kernel.ev === "DESTROY"
      ? compareCounters(kernel, ours)
      : [
          ...equal("helper", kernel.helper, ours.helper),
          ...equal("master", kernel.master && canonicalTuple(kernel.master), masterText(ours)),
        ]),
  ];
}

function compareExpectEvent(kernel: RecordedExpectEvent, ours: EventView): Difference[] {
  const expectation = ours.expectation;
  if (!expectation) return differs("expectation", kernel.tuple, "not told by the event");
  return [
    ...equal("master", canonicalTuple(kernel.master), masterText(ours)),
    ...equal("tuple", canonicalTuple(kernel.tuple), tupleText(ours.protocolNumber, expectation.tuple)),
    ...equal("mask", canonicalTuple(kernel.mask), tupleText(ours.protocolNumber, expectation.mask)),
    ...equal("flags", kernel.flags, expectation.flags),
    ...equal("class", kernel.class, expectation.class),
    ...equal("helper", kernel.helper, ours.helper),
  ];
}

function masterText({ master }: EventView): string | undefined {
  return master && tupleText(master.protocolNumber, master.original);
}

function by<T>(text: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (text(a) < text(b) ? -1 : 1);
}

function describe(event: RecordedEvent): string {
  if (isExpectEvent(event)) return `${event.ev} ${event.tuple}`;
  const state = event.tcp?.state ?? event.sctp?.state;
  return [event.ev, canonicalTuple(event.orig), `status=0x${event.status.toString(16)}`, state]
    .join(" ")
    .trim();
}

function describeOurs(event: EventView): string {
  if (event.expectation) return `${event.kind} ${tupleText(event.protocolNumber, event.expectation.tuple)}`;
  const state = event.tcp?.state ?? event.sctp?.state;
  const tuple = tupleText(event.protocolNumber, event.original);
  return [event.kind, tuple, `status=0x${event.status.toString(16)}`, state].join(" ").trim();
}

function remember(flows: Map<string, string[]>, tuple: string, told: string): void {
  const before = flows.get(tuple);
  if (before) before.push(told);
  else flows.set(tuple, [told]);
}

export function noneExpired(): ExpiredFlows {
  return { kernel: new Map(), ours: new Map() };
}

/** Where both saw a flow run out, they must have said the same of it. */
export const compareExpired: EndComparer = ({ expired }) =>
  [...expired.kernel].flatMap(([tuple, told]) =>
    (expired.ours.get(tuple) ?? [])
      .slice(0, told.length)
      .flatMap((ours, i) => equal("event of an expired flow", told[i], ours)),
  );
