/**
 * IRC (RFC 1459) with DCC offers of the client, which are messages such as
 * `PRIVMSG bob :^ADCC SEND file 167837698 5000 1234^A`: the address as one decimal number, then the TCP port where
 * the client waits for bob, who may come from anywhere. One offer per segment, at the segment's start.
 */
import { parseAddressRange } from "../address.js";
import type { Expect, Helper, HelperContext } from "./helper.js";
import { NO_EXPECTATION, NO_PORT } from "./refusal.js";
import { ascii, CR, commonLength, indexOf, NEWLINE, readDecimal, SPACE, startsWith } from "./text.js";

/** Nothing behind is looked at. */
const SEARCHED_BYTES = 4095;
const PRIVMSG = ascii("PRIVMSG ");
const TEXT = ascii(" :");
const DCC = ascii("\x01DCC ");
/** A message whose text begins this close to the segment's end, or closer, is too short to hold an offer. */
const TOO_SHORT = 26;
const COMMANDS = [ascii("SEND "), ascii("CHAT "), ascii("MOVE "), ascii("TSEND "), ascii("SCHAT ")];

/** And where address and port stand in the payload. */
interface Offer {
  readonly address: string;
  readonly port: number;
  readonly start: number;
  readonly end: number;
}

export const irc: Helper<never> = {
  name: "irc",
  protocol: "tcp",
  port: 6667,
  families: ["ipv4"],
  classes: [{ max: 8, timeout: 300 }],
  packet(context) {
    const { payload, ctState, direction, reply, expect, nat } = context;
    if (ctState !== "ESTABLISHED" || direction !== "original" || payload.length === 0) return;
    const end = Math.min(payload.length, SEARCHED_BYTES);
    const offer = findOffer(payload, end, context);
    if (!offer) return;
    const chat: Expect = { protocol: "tcp", destination: { address: reply.dst, port: offer.port } };
    if (!nat) return expect(chat) === "ADDED" ? undefined : NO_EXPECTATION;
    const port = nat.expect(chat);
    if (port === undefined) return NO_PORT;
    const address = parseAddressRange(nat.address).address.reduce((all, byte) => all * 256 + byte, 0);
    nat.replace(offer.start, offer.end - offer.start, ascii(`${address} ${port}`));
  },
};

function findOffer(payload: Uint8Array, end: number, flow: HelperContext<never>): Offer | undefined {
  let at = 0;
  while (at < end && isBlank(payload[at])) at++;
  if (commonLength(payload, PRIVMSG, at, end) < PRIVMSG.length) return undefined;
  at += PRIVMSG.length;
  for (;;) {
    const text = indexOf(payload, TEXT, at, end);
    if (text < 0 || end - text <= TOO_SHORT) return undefined;
    at = text + TEXT.length;
    if (!startsWith(payload, DCC, at, end)) return undefined;
    at += DCC.length;
    // Other commands are passed over; one of these decides, even if it cannot be followed.
    for (const command of COMMANDS) {
      if (!startsWith(payload, command, at, end)) continue;
      const offer = readOffer(payload, at + command.length, end);
      return offer && isOwn(offer, flow) ? offer : undefined;
    }
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === CR || byte === NEWLINE;
}

/** A word, a space, the address, spaces, the port; and the line must end within the segment. */
function readOffer(payload: Uint8Array, at: number, end: number): Offer | undefined {
  const space = payload.indexOf(SPACE, at);
  if (space < 0 || space >= end) return undefined;
  const newline = payload.indexOf(NEWLINE, space);
  if (newline < 0 || newline >= end) return undefined;
  const { value: address, next } = readDecimal(payload, space + 1, end);
  let digits = next;
  while (digits < end && payload[digits] === SPACE) digits++;
  const { value, next: last } = readDecimal(payload, digits, end);
  const octets = [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255];
  return { address: octets.join("."), port: value & 0xffff, start: space + 1, end: last };
}

/** Offers on behalf of others are forged. */
function isOwn({ address, port }: Offer, { original, reply }: HelperContext<never>): boolean {
  return port !== 0 && (address === original.src || address === reply.dst);
}
