/**
 * Session descriptions (RFC 4566): the streams of audio, video and images that one side wants to receive. Of each
 * the RTP and the RTCP port are expected, from the other side and towards the one that sent the description.
 */
import type { Expect, HelperContext } from "../helper.js";
import { ascii, indexOf, SPACE } from "../text.js";
import { addressAt } from "./address.js";
import { AUDIO, IMAGE, type Requests, VIDEO } from "./classes.js";
import {
  endOfDigits,
  isBreak,
  isLetter,
  NOWHERE,
  nextLine,
  numberAt,
  standsAt,
  standsExactlyAt,
} from "./text.js";

const VERSION_LINE = ascii("v=");
const CONNECTION_LINE = ascii("c=");
const MEDIA_LINE = ascii("m=");
const NETWORKS = { ipv4: ascii("IN IP4 "), ipv6: ascii("IN IP6 ") } as const;
const MEDIA = [
  { kind: ascii("audio "), class: AUDIO },
  { kind: ascii("video "), class: VIDEO },
  { kind: ascii("image "), class: IMAGE },
] as const;
/** Linux takes that many streams of a description, of whatever kind. */
const MAX_STREAMS = 3;
const FIRST_USER_PORT = 1024;

export function readDescription(bytes: Uint8Array, context: HelperContext<Requests>): "drop" | undefined {
  const version = lineValue(bytes, 0, VERSION_LINE);
  if (version === NOWHERE || endOfDigits(bytes, version) === version) return undefined;
  const sessionAddress = connectionAddress(bytes, version, context.family);
  let at = version;
  for (let streams = 0; streams < MAX_STREAMS; ) {
    at = lineValue(bytes, at, MEDIA_LINE);
    if (at === NOWHERE || !isMedia(bytes, at)) return undefined;
    const media = MEDIA.find(({ kind }) => standsExactlyAt(bytes, at, kind));
    if (!media) continue;
    at += media.kind.length;
    const port = numberAt(bytes, at) ?? 0;
    // Port 0 refuses the stream.
    if (port === 0) continue;
    if (port < FIRST_USER_PORT || port > 0xffff) return "drop";
    const address = connectionAddress(bytes, at, context.family) ?? sessionAddress;
    if (address === undefined || !expectStream(address, port, media.class, context)) return "drop";
    streams++;
  }
  return undefined;
}

/** Where the value begins of the first such line behind `from`; `until`: what ends the search before. */
function lineValue(bytes: Uint8Array, from: number, type: Uint8Array, until?: Uint8Array): number {
  for (let line = nextLine(bytes, from); line !== NOWHERE; line = nextLine(bytes, line + 1)) {
    if (until !== undefined && standsAt(bytes, line, until)) return NOWHERE;
    if (standsAt(bytes, line, type)) return line + type.length;
  }
  return NOWHERE;
}

/** Of the session, or of the stream at `from`; what follows the next "m=" belongs to other streams. */
function connectionAddress(bytes: Uint8Array, from: number, family: "ipv4" | "ipv6"): string | undefined {
  const value = lineValue(bytes, from, CONNECTION_LINE, MEDIA_LINE);
  if (value === NOWHERE) return undefined;
  let end = value;
  while (end < bytes.length && !isBreak(bytes[end])) end++;
  const network = NETWORKS[family];
  const at = indexOf(bytes, network, value, end);
  return at < 0 ? undefined : addressAt(bytes, at + network.length, family)?.address;
}

/** A word and a space. */
function isMedia(bytes: Uint8Array, at: number): boolean {
  let i = at;
  while (isLetter(bytes[i])) i++;
  return bytes[i] === SPACE;
}

/** False when there is no room. */
function expectStream(
  address: string,
  port: number,
  streamClass: number,
  context: HelperContext<Requests>,
): boolean {
  const { direction, original, reply, expect } = context;
  const [sender, peer] = direction === "original" ? [original, reply] : [reply, original];
  // Somebody else's address: such streams do not pass here.
  if (address !== sender.src) return true;
  const stream = (to: number): Expect => ({
    protocol: "udp",
    source: { address: peer.src },
    destination: { address, port: to },
    class: streamClass,
    shared: true,
  });
  // The same description reaches several flows when a call rings in several places.
  if (context.announcedElsewhere(stream(port))) return true;
  const rtp = expect(stream(port & ~1));
  if (rtp !== "ADDED" && rtp !== "ALREADY") return false;
  const rtcp = expect(stream(port | 1));
  if (rtcp === "ADDED" || rtcp === "ALREADY") return true;
  if (rtp === "ADDED") context.expectations()[0]?.remove();
  return false;
}
