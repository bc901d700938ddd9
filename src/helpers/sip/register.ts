/**
 * Registrations (RFC 3261, section 10): who registers expects calls from the registrar at its contact address, from
 * the registrar's consent on and for as long as it grants.
 */
import { TICKS_PER_SECOND } from "../../../assembly/shared/ticks.js";
import type { Expect, Following, HelperContext, HelperVerdict } from "../helper.js";
import { NO_EXPECTATION } from "../refusal.js";
import { ascii } from "../text.js";
import { type Requests, SIGNALLING } from "./classes.js";
import { CONTACT, type Host, HostReader, lifetimeOf, sharesTransport } from "./host.js";
import { type FieldName, fieldValue, type Message, NOWHERE, numberAt, rewrite } from "./text.js";
import { hostText } from "./translate.js";

const EXPIRES: FieldName = { full: ascii("Expires") };
/** Half of what 32 bits of ticks hold, some 99 days: the clock here cannot tell a later end from the past. */
const MAX_TIMEOUT = 8589934;

export function readRegister(
  message: Message,
  context: HelperContext<Requests>,
  number: number,
): HelperVerdict {
  // Who was called because of a registration does not register.
  if (context.expected) return undefined;
  const { bytes } = message;
  const { direction, original, reply, protocol } = context;
  const [sender, registrar] = direction === "original" ? [original, reply] : [reply, original];
  const contact = new HostReader(bytes, context.family, CONTACT).next();
  // Contacts elsewhere are not reached through this flow's path.
  if (contact?.address !== sender.src || !sharesTransport(bytes, contact, protocol)) return undefined;
  const seconds = lifetimeOf(bytes, contact, expiresField(bytes));
  if (seconds === "unreadable") return { drop: "cannot parse expires" };
  // 0 takes a registration back: that counts from the answer on.
  if (seconds > 0) {
    const calls: Expect = {
      protocol,
      source: { address: registrar.src },
      destination: { address: contact.address, port: contact.port },
      class: SIGNALLING,
      permanent: true,
      inactive: true,
      helper: "sip",
    };
    if (!expectCalls(calls, contact, message, context)) {
      return context.nat ? { drop: "all ports in use for SIP" } : NO_EXPECTATION;
    }
  }
  context.state.register = number;
  return undefined;
}

/** Where the flow is translated, calls arrive outside, if possible at the port that the registrar sees anyway. */
function expectCalls(
  calls: Expect,
  contact: Host,
  message: Message,
  { direction, original, reply, family, nat, expect, state }: HelperContext<Requests>,
): boolean {
  if (!nat) return expect(calls) === "ADDED";
  const [here, there] = direction === "original" ? [original, reply] : [reply, original];
  const { address, port } = contact;
  const outside = {
    address: here.src === there.dst ? address : there.dst,
    port: port === (state.answersTo || here.sport) ? there.dport : port,
  };
  const follow: Following = { address, port, disguise: "peer" };
  const found = nat.expect({ ...calls, destination: outside, follow });
  if (found === undefined) return false;
  if (outside.address !== address || found !== port) {
    rewrite(message, contact.start, contact.end, `${hostText(outside.address, family)}:${found}`);
  }
  return true;
}

export function readRegisterAnswer(
  { bytes }: Message,
  context: HelperContext<Requests>,
  number: number,
  code: number,
): HelperVerdict {
  // Late answers to earlier requests say nothing.
  if (context.state.register !== number || (code >= 100 && code < 200)) return undefined;
  const granted = code >= 200 && code < 300 ? activate(bytes, context) : false;
  if (granted === "unreadable") return { drop: "cannot parse expires" };
  if (!granted) {
    for (const expectation of context.expectations()) {
      if (expectation.class === SIGNALLING) expectation.remove();
    }
  }
  return undefined;
}

/** Looks among the contacts that the registrar knows for the one that was announced. */
function activate(bytes: Uint8Array, context: HelperContext<Requests>): boolean | "unreadable" {
  const { direction, original, reply, protocol } = context;
  const client = direction === "original" ? original.dst : reply.dst;
  const otherwise = expiresField(bytes);
  const announced = context.expectations().filter((expectation) => expectation.class === SIGNALLING);
  const contacts = new HostReader(bytes, context.family, CONTACT);
  for (let contact = contacts.next(); contact; contact = contacts.next()) {
    if (contact.address !== client || !sharesTransport(bytes, contact, protocol)) continue;
    const seconds = lifetimeOf(bytes, contact, otherwise);
    if (seconds === "unreadable") return seconds;
    if (seconds === 0) return false;
    const found = announced.find(({ destination }) => isAt(destination, contact));
    if (found) {
      found.change({ inactive: false, timeout: kernelTimeout(seconds) });
      return true;
    }
  }
  return false;
}

function isAt(destination: { address: string; port: number }, { address, port }: Host): boolean {
  return destination.port === port && destination.address === address;
}

function expiresField(bytes: Uint8Array): number {
  const at = fieldValue(bytes, 0, EXPIRES);
  return at === NOWHERE ? 0 : (numberAt(bytes, at) ?? 0);
}

function kernelTimeout(seconds: number): number {
  // As Linux computes it, in 32 bits.
  const ticks = Math.imul(seconds, TICKS_PER_SECOND) >>> 0;
  return Math.min(Math.ceil(ticks / TICKS_PER_SECOND), MAX_TIMEOUT);
}
