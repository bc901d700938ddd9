/**
 * Session descriptions (RFC 4566): the streams of audio, video and images that one side wants to receive. Of each
 * the RTP and the RTCP port are expected, from the other side and towards the one that sent the description.
 */
import type { Expect, HelperContext, HelperVerdict } from "../helper.js";
import { expectPair } from "../port-pair.js";
import { ascii, indexOf, SPACE } from "../text.js";
import { addressAt } from "./address.js";
import { AUDIO, IMAGE, type Requests, VIDEO } from "./classes.js";
import {
  CONTENT_LENGTH,
  endOfDigits,
  fieldValue,
  isBreak,
  isLetter,
  type Message,
  NOWHERE,
  nextLine,
  numberAt,
  rewrite,
  standsAt,
  standsExactlyAt,
} from "./text.js";

const VERSION_LINE = ascii("v=");
const OWNER_LINE = ascii("o=");
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
const UNREADABLE: HelperVerdict = { drop: "cannot parse SDP message" };
const UNTRANSLATABLE: HelperVerdict = { drop: "cannot mangle SDP" };
const NO_STREAM = "cannot add expectation for voice";
const NO_PORTS = "all ports in use for SDP media";

export function readDescription(message: Message, context: HelperContext<Requests>): HelperVerdict {
  const { family, nat } = context;
  const version = lineValue(message.bytes, 0, VERSION_LINE);
  if (version === NOWHERE || endOfDigits(message.bytes, version) === version) return undefined;
  const session = connectionAddress(message.bytes, version, family);
  let last: string | undefined;
  let at = version;
  for (let streams = 0; streams < MAX_STREAMS; ) {
    at = lineValue(message.bytes, at, MEDIA_LINE);
    if (at === NOWHERE || !isMedia(message.bytes, at)) break;
    const media = MEDIA.find(({ kind }) => standsExactlyAt(message.bytes, at, kind));
    if (!media) continue;
    at += media.kind.length;
    const port = numberAt(message.bytes, at) ?? 0;
    // Port 0 refuses the stream.
    if (port === 0) continue;
    if (port < FIRST_USER_PORT || port > 0xffff) return { drop: `wrong port ${port}` };
    const own = connectionAddress(message.bytes, at, family);
    const address = (own ?? session)?.address;
    if (address === undefined) return UNREADABLE;
    const outside = expectStream({ address, port, portAt: at, class: media.class }, message, context);
    if (outside === undefined) return { drop: nat ? [NO_PORTS, NO_STREAM] : NO_STREAM };
    if (own && nat && !translateConnection(message, at, outside, family)) return UNTRANSLATABLE;
    last = outside;
    streams++;
  }
  if (!nat || last === undefined) return undefined;
  return translateSession(message, version, last, family) ? undefined : UNTRANSLATABLE;
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
function connectionAddress(
  bytes: Uint8Array,
  from: number,
  family: "ipv4" | "ipv6",
  line: Uint8Array = CONNECTION_LINE,
): { address: string; start: number; end: number } | undefined {
  const value = lineValue(bytes, from, line, MEDIA_LINE);
  if (value === NOWHERE) return undefined;
  let end = value;
  while (end < bytes.length && !isBreak(bytes[end])) end++;
  const network = NETWORKS[family];
  const at = indexOf(bytes, network, value, end);
  if (at < 0) return undefined;
  const start = at + network.length;
  const found = addressAt(bytes, start, family);
  return found && { address: found.address, start, end: found.end };
}

/** A word and a space. */
function isMedia(bytes: Uint8Array, at: number): boolean {
  let i = at;
  while (isLetter(bytes[i])) i++;
  return bytes[i] === SPACE;
}

interface Stream {
  readonly address: string;
  readonly port: number;
  /** Where the port stands in the message. */
  readonly portAt: number;
  readonly class: number;
}

type Context = HelperContext<Requests>;

/** Returns the address at which the stream is to arrive; undefined when there is no room. */
function expectStream(stream: Stream, message: Message, context: Context): string | undefined {
  const { direction, original, reply, expect, nat } = context;
  const [sender, peer] = direction === "original" ? [original, reply] : [reply, original];
  let { address, port } = stream;
  // Somebody else's address: such streams do not pass here.
  if (address !== sender.src) return address;
  const towards = (to: number): Expect => ({
    protocol: "udp",
    source: { address: peer.src },
    destination: { address, port: to },
    class: stream.class,
    shared: true,
  });
  // The same description reaches several flows when a call rings in several places.
  let direct = false;
  for (;;) {
    const elsewhere = context.announcedElsewhere(towards(port));
    if (!elsewhere) break;
    // Both sides are translated by this machine: they can reach one another as they are.
    if (direct || !nat || !elsewhere.ledTo) {
      if (direct && !translatePort(message, stream.portAt, port & ~1)) return undefined;
      return address;
    }
    ({ address, port } = elsewhere.ledTo);
    direct = true;
  }
  if (direct && !translatePort(message, stream.portAt, port & ~1)) return undefined;
  if (nat && !direct) return expectOutside(towards, port, stream.portAt, message, context);
  const rtp = expect(towards(port & ~1));
  if (rtp !== "ADDED" && rtp !== "ALREADY") return undefined;
  const rtcp = expect(towards(port | 1));
  if (rtcp === "ADDED" || rtcp === "ALREADY") return address;
  if (rtp === "ADDED") context.expectations()[0]?.remove();
  return undefined;
}

/** A pair of ports outside: those of the stream, or the next ones that are free. */
function expectOutside(
  towards: (port: number) => Expect,
  port: number,
  portAt: number,
  message: Message,
  context: Context,
): string | undefined {
  const { direction, original, reply } = context;
  const [here, there] = direction === "original" ? [original, reply] : [reply, original];
  const address = here.src === there.dst ? here.src : there.dst;
  const first = port & ~1;
  const found = expectPair(context, first, (outside, inside) => ({
    ...towards(inside),
    destination: { address, port: outside },
    follow: { address: here.src, port: inside, disguise: "stream" },
  }));
  if (found === undefined) return undefined;
  if (found !== first && !translatePort(message, portAt, found)) return undefined;
  return address;
}

function translatePort(message: Message, at: number, port: number): boolean {
  rewrite(message, at, endOfDigits(message.bytes, at), `${port}`);
  return updateLength(message);
}

/** Of a stream. False when the message cannot say how long it is now. */
function translateConnection(
  message: Message,
  from: number,
  address: string,
  family: "ipv4" | "ipv6",
): boolean {
  const found = connectionAddress(message.bytes, from, family);
  if (found) rewrite(message, found.start, found.end, address);
  return updateLength(message);
}

/** Owner and connection of the session. */
function translateSession(
  message: Message,
  version: number,
  address: string,
  family: "ipv4" | "ipv6",
): boolean {
  const owner = connectionAddress(message.bytes, version, family, OWNER_LINE);
  if (!owner) return false;
  rewrite(message, owner.start, owner.end, address);
  return translateConnection(message, version, address, family);
}

/** False when the header does not say how long the description is. */
function updateLength(message: Message): boolean {
  const { bytes } = message;
  const version = lineValue(bytes, 0, VERSION_LINE);
  const at = fieldValue(bytes, 0, CONTENT_LENGTH);
  const end = at === NOWHERE ? at : endOfDigits(bytes, at);
  if (version === NOWHERE || end <= at) return false;
  rewrite(message, at, end, `${bytes.length - version + VERSION_LINE.length}`);
  return true;
}
