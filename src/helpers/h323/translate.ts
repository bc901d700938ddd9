/**
 * Messages of translated flows: what they announce is expected outside, at ports that are free there, and where they name
 * one end of the flow as one side knows it, they come to name it as the other side does. Addresses have their place in a
 * message, whatever they are, so its length stays. IPv6 is left alone, as in Linux.
 */
import { parseAddressRange } from "../../address.js";
import type { DirectionName } from "../../result.js";
import type { Expect, HelperContext, HelperNat } from "../helper.js";
import { expectPair } from "../port-pair.js";
import { directions, isAt, isLoopback, type Place, placeOf } from "./addresses.js";
import type { TransportAddress } from "./h225.js";

type Ports = Record<DirectionName, number>;

/** The ports under which a translated flow's announcements are known, by the direction of who knows them so; 0 = none. */
export interface Announcements {
  /** Of calls and of their control: the latest. */
  readonly signal: Ports;
  /** Of media, the even ones. */
  readonly media: readonly Ports[];
}

/** Linux remembers so many streams of a flow, and translates no more. */
const STREAMS = 4;

const noPorts = (): Ports => ({ original: 0, reply: 0 });

export const nothingTranslated = (): Announcements => ({
  signal: noPorts(),
  media: Array.from({ length: STREAMS }, noPorts),
});

const OPPOSITE = { original: "reply", reply: "original" } as const;

/** Where the flow is translated at either end. */
export function natOf({ nat, family }: HelperContext): HelperNat | undefined {
  return family === "ipv4" ? nat : undefined;
}

/** Where the receiver knows the sender by another address: there its announcements are to be expected. */
export function senderNat(context: HelperContext): HelperNat | undefined {
  const [here, there] = directions(context);
  return here.src === there.dst ? undefined : natOf(context);
}

/** An address that is read again has become the new one. */
export function rewrite(
  { payload }: HelperContext,
  nat: HelperNat,
  place: Place,
  address: string,
  port: number,
): void {
  const at = place.address.byteOffset - payload.byteOffset;
  const bytes = payload.subarray(at, at + place.address.length + 2);
  bytes.set([...parseAddressRange(address).address, port >>> 8, port & 0xff]);
  nat.replace(at, bytes.length, bytes);
}

/** Expects what is announced at `place`; where there is no room outside, nothing is expected and the message passes as it is. */
export function expectOutside(
  context: HelperContext,
  nat: HelperNat,
  place: Place,
  wanted: Expect,
): number | undefined {
  const port = nat.expect({ follow: { port: place.port }, ...wanted });
  if (port !== undefined) rewrite(context, nat, place, nat.address, port);
  return port;
}

/** Calls and their control keep the port that they have outside. */
export function expectSignalOutside(
  context: HelperContext<Announcements>,
  nat: HelperNat,
  place: Place,
  wanted: Expect,
): number | undefined {
  const { direction, state } = context;
  const known = state.signal[direction] === place.port ? state.signal[OPPOSITE[direction]] : place.port;
  const destination = { ...wanted.destination, port: known };
  const port = expectOutside(context, nat, place, { ...wanted, destination });
  if (port === undefined) return undefined;
  state.signal[direction] = place.port;
  state.signal[OPPOSITE[direction]] = port;
  return port;
}

/** `at`: what is expected at a port. */
export function expectMediaOutside(
  context: HelperContext<Announcements>,
  nat: HelperNat,
  place: Place,
  at: (port: number) => Expect,
): void {
  const { direction, state } = context;
  const inside = place.port & ~1;
  const stream = state.media.find((known) => known[direction] === inside || known[direction] === 0);
  if (!stream) return;
  const outside = expectPair(context, inside, (port, follow) => ({ ...at(port), follow: { port: follow } }));
  if (outside === undefined) return;
  rewrite(context, nat, place, nat.address, outside | (place.port & 1));
  stream[direction] = inside;
  stream[OPPOSITE[direction]] = outside;
}

/** Of addresses for registration, the first that is the sender's own. */
export function translateRas(context: HelperContext, addresses: readonly TransportAddress[]): void {
  const nat = natOf(context);
  if (!nat) return;
  const [here, there] = directions(context);
  const own = addresses
    .map((address) => placeOf(address, context.family))
    .find((place) => place !== undefined && isAt(place, here.src) && place.port === here.sport);
  if (own) rewrite(context, nat, own, there.dst, there.dport);
}

/** Of addresses for calls, the first that has been announced in either direction. */
export function translateSignal(
  context: HelperContext<Announcements>,
  addresses: readonly TransportAddress[],
): void {
  const nat = natOf(context);
  if (!nat) return;
  const [here, there] = directions(context);
  const { direction, state } = context;
  const [known, translated] = [state.signal[direction], state.signal[OPPOSITE[direction]]];
  const places = addresses.map((address) => placeOf(address, context.family));
  const announced = (end: string) => (place: Place | undefined) =>
    place !== undefined && place.port === known && isAt(place, end);
  const found = places.find((place) => announced(here.src)(place) || announced(here.dst)(place));
  if (!found) return;
  if (isAt(found, here.src)) {
    const [first = found] = places;
    rewrite(context, nat, isLoopback(first) ? first : found, there.dst, translated);
  } else {
    rewrite(context, nat, found, there.src, translated);
  }
}

/** Of an admission: whom the sender calls from, or is called at. */
export function translateAdmission(
  context: HelperContext<Announcements>,
  called: TransportAddress | undefined,
  calling: TransportAddress | undefined,
): void {
  const nat = natOf(context);
  if (!nat) return;
  const [here, there] = directions(context);
  const { direction, state } = context;
  const [to, from] = [placeOf(called, context.family), placeOf(calling, context.family)];
  if (to && isAt(to, here.src) && to.port === state.signal[direction]) {
    rewrite(context, nat, to, there.dst, state.signal[OPPOSITE[direction]]);
  } else if (from && isAt(from, here.src)) {
    rewrite(context, nat, from, there.dst, from.port);
  }
}

/** Of a call: both its ends are those of the flow, whatever the caller says. */
export function translateCall(
  context: HelperContext,
  called: TransportAddress | undefined,
  calling: TransportAddress | undefined,
): void {
  const nat = natOf(context);
  if (!nat) return;
  const [, there] = directions(context);
  const [to, from] = [placeOf(called, context.family), placeOf(calling, context.family)];
  if (to && !isAt(to, there.src)) rewrite(context, nat, to, there.src, there.sport);
  if (from && !isAt(from, there.dst)) rewrite(context, nat, from, there.dst, there.dport);
}
