/**
 * The header of a message of a translated flow: wherever it names one of the flow's ends as one side knows it, it comes
 * to name it as the other side does. Request line, topmost Via with its parameters, Contact, From, To.
 */
import type { Endpoints, HelperContext, HelperNat } from "../helper.js";
import { ascii } from "../text.js";
import { addressAt } from "./address.js";
import type { Requests } from "./classes.js";
import {
  AT,
  CLOSING_BRACKET,
  CONTACT,
  FROM,
  type Host,
  HostReader,
  hostAt,
  OPENING_BRACKET,
  parameter,
  SCHEME,
  TO,
  VIA_OVER,
} from "./host.js";
import {
  endOfDigits,
  isBreak,
  isLetter,
  type Message,
  NOWHERE,
  numberAt,
  rewrite,
  standsAt,
} from "./text.js";

type Context = HelperContext<Requests>;

const MADDR = ascii("maddr=");
const RECEIVED = ascii("received=");
const RPORT = ascii("rport=");

interface End {
  readonly address: string;
  readonly port: number;
}

/** The flow's ends as the packet's sender knows them, and as its receiver does. */
interface Sides {
  readonly sender: { readonly inside: End; readonly outside: End };
  readonly receiver: { readonly inside: End; readonly outside: End };
}

function sidesOf({ direction, original, reply, state }: Context): Sides {
  const [here, there] = direction === "original" ? [original, reply] : [reply, original];
  const source = ({ src, sport }: Endpoints): End => ({ address: src, port: sport });
  const destination = ({ dst, dport }: Endpoints): End => ({ address: dst, port: dport });
  const receiver = source(there);
  return {
    sender: { inside: source(here), outside: destination(there) },
    receiver: {
      inside: destination(here),
      outside: { address: receiver.address, port: state.answersTo || receiver.port },
    },
  };
}

/** A client that sends from one port and waits for answers at another: its Via says where. */
export function noteAnswerPort(bytes: Uint8Array, context: Context): void {
  const { direction, original, reply, state } = context;
  const { src, sport } = direction === "original" ? original : reply;
  const via = new HostReader(bytes, context.family, VIA_OVER.udp).next();
  if (via && via.address === src && via.port !== sport) state.answersTo = via.port;
}

export function translateHeader(
  message: Message,
  context: Context,
  nat: HelperNat,
  isRequest: boolean,
): void {
  const sides = sidesOf(context);
  if (isRequest) {
    const target = requestHost(message.bytes, context.family);
    if (target) translateHost(message, target, sides, context);
  }
  translateVia(message, sides, context, isRequest);
  translateContacts(message, sides, context);
  for (const field of [FROM, TO]) {
    const host = new HostReader(message.bytes, context.family, field).next();
    if (host) translateHost(message, host, sides, context);
  }
  if (context.direction === "reply" && context.state.answersTo) nat.deliverTo(context.state.answersTo);
}

/** The host of the URI in a request line. */
function requestHost(bytes: Uint8Array, family: "ipv4" | "ipv6"): Host | undefined {
  let at = 0;
  while (isLetter(bytes[at])) at++;
  if (at === 0) return undefined;
  for (at++; at < bytes.length - SCHEME.length; at++) {
    if (isBreak(bytes[at])) return undefined;
    if (!standsAt(bytes, at, SCHEME)) continue;
    at += SCHEME.length;
    let user = at;
    while (user < bytes.length && bytes[user] !== AT && !isBreak(bytes[user])) user++;
    return hostAt(bytes, bytes[user] === AT ? user + 1 : at, family);
  }
  return undefined;
}

/** What the other side calls the host, if it is one of the flow's ends. Returns how much longer the message has got. */
function translateHost(message: Message, host: Host, sides: Sides, { family }: Context): number {
  const known = [sides.sender, sides.receiver].find(({ inside }) => isSame(inside, host));
  if (!known || isSame(known.outside, host)) return 0;
  const { address, port } = known.outside;
  const text = `${hostText(address, family)}:${port}`;
  rewrite(message, host.start, host.end, text);
  return text.length - (host.end - host.start);
}

function isSame(a: End, b: End): boolean {
  return a.address === b.address && a.port === b.port;
}

export function hostText(address: string, family: "ipv4" | "ipv6"): string {
  return family === "ipv6" ? `[${address}]` : address;
}

/** Requests name there whom they come from, answers whom they go to; others do not concern this flow. */
function translateVia(message: Message, sides: Sides, context: Context, isRequest: boolean): void {
  const via = new HostReader(message.bytes, context.family, VIA_OVER[context.protocol]).next();
  const expected = isRequest ? sides.sender.inside : sides.receiver.inside;
  if (!via || !isSame(expected, via)) return;
  const behind = via.end + translateHost(message, via, sides, context);
  const { sender, receiver } = sides;
  translateAddress(message, behind, MADDR, sender, context, true);
  // Answers are for the flow's own port, wherever the client wants them.
  translateAddress(message, behind, RECEIVED, receiver, context, false);
  translateRport(message, behind, context);
}

function translateAddress(
  message: Message,
  from: number,
  name: Uint8Array,
  { inside, outside }: Sides["sender"],
  { family }: Context,
  bracketed: boolean,
): void {
  const { bytes } = message;
  const at = parameter(bytes, from, name);
  if (at === NOWHERE) return;
  const bracket = bracketed && family === "ipv6" ? 1 : 0;
  if (bracket && bytes[at] !== OPENING_BRACKET) return;
  const host = addressAt(bytes, at + bracket, family);
  if (!host || (bracket && bytes[host.end] !== CLOSING_BRACKET)) return;
  if (host.address !== inside.address || host.address === outside.address) return;
  rewrite(message, at, host.end + bracket, bracket ? hostText(outside.address, family) : outside.address);
}

function translateRport(message: Message, from: number, { direction, original, reply }: Context): void {
  const [here, there] = direction === "original" ? [original, reply] : [reply, original];
  const at = parameter(message.bytes, from, RPORT);
  if (at === NOWHERE) return;
  const port = numberAt(message.bytes, at);
  if (port !== here.dport || port === there.sport) return;
  rewrite(message, at, endOfDigits(message.bytes, at), `${there.sport}`);
}

function translateContacts(message: Message, sides: Sides, context: Context): void {
  let reader = new HostReader(message.bytes, context.family, CONTACT);
  for (let host = reader.next(); host; host = reader.next()) {
    const grown = translateHost(message, host, sides, context);
    if (message.bytes !== reader.bytes) reader = reader.continuedIn(message.bytes, grown);
  }
}
