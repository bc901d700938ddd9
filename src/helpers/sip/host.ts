/** Hosts of header fields that are addresses: of SIP URIs (RFC 3261, section 19.1), of Via; and their parameters. */
import { ascii } from "../text.js";
import { addressAt } from "./address.js";
import {
  endOfDigits,
  type FieldName,
  fieldValue,
  findInField,
  isBreak,
  NOWHERE,
  numberAt,
  standsAt,
} from "./text.js";

export interface Host {
  readonly address: string;
  readonly port: number;
  /** Where host and port begin, and behind them. */
  readonly start: number;
  readonly end: number;
}

/** Which header fields have hosts, and what stands before them. */
export interface HostField {
  readonly name: FieldName;
  readonly before: Uint8Array;
  /** A user may precede the host, with an "@" between them. */
  readonly user: boolean;
}

export const SCHEME = ascii("sip:");
export const CONTACT: HostField = {
  name: { full: ascii("Contact"), compact: ascii("m") },
  before: SCHEME,
  user: true,
};
export const FROM: HostField = {
  name: { full: ascii("From"), compact: ascii("f") },
  before: SCHEME,
  user: true,
};
export const TO: HostField = { name: { full: ascii("To"), compact: ascii("t") }, before: SCHEME, user: true };
const VIA: FieldName = { full: ascii("Via"), compact: ascii("v") };
export const VIA_OVER: { readonly [protocol in "tcp" | "udp"]: HostField } = {
  tcp: { name: VIA, before: ascii("TCP "), user: false },
  udp: { name: VIA, before: ascii("UDP "), user: false },
};
const COMMA = ascii(",");
const TRANSPORT = ascii("transport=");
const EXPIRES = ascii("expires=");
const PROTOCOLS = { tcp: ascii("tcp"), udp: ascii("udp") } as const;
const DEFAULT_PORT = 5060;
const MAX_PORT_DIGITS = 5;
const COLON = 58;
export const AT = 64;
export const OPENING_BRACKET = 91;
export const CLOSING_BRACKET = 93;

/** Walks the hosts of a message's header fields of one kind. */
export class HostReader {
  readonly #bytes: Uint8Array;
  readonly #family: "ipv4" | "ipv6";
  readonly #field: HostField;
  #position = 0;
  #inField = false;
  /** The first "@" or line break at #scannedFrom or behind it: a line is searched only once. */
  #scannedFrom = 0;
  #scannedTo = NOWHERE;
  /** Where a host was looked for last that is none: all users of a line are followed by the same one. */
  #noHost = NOWHERE;

  constructor(bytes: Uint8Array, family: "ipv4" | "ipv6", field: HostField) {
    this.#bytes = bytes;
    this.#family = family;
    this.#field = field;
  }

  /** What is read. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** A reader that goes on behind the last host, in a message in which that has got longer by `grown` bytes. */
  continuedIn(bytes: Uint8Array, grown: number): HostReader {
    const reader = new HostReader(bytes, this.#family, this.#field);
    reader.#position = this.#position + grown;
    reader.#inField = this.#inField;
    return reader;
  }

  next(): Host | undefined {
    const found = (this.#inField ? this.#nextInField() : undefined) ?? this.#nextField();
    this.#inField = found !== undefined;
    if (found) this.#position = found.end;
    return found;
  }

  #nextInField(): Host | undefined {
    const { before } = this.#field;
    for (let at = this.#position; ; ) {
      const comma = findInField(this.#bytes, at, COMMA);
      const uri = comma === NOWHERE ? NOWHERE : findInField(this.#bytes, comma, before);
      if (uri === NOWHERE) return undefined;
      at = uri + before.length;
      const found = this.#behind(at);
      if (found) return found;
    }
  }

  /** The first host of the next field whose first one can be read. */
  #nextField(): Host | undefined {
    const { name, before } = this.#field;
    for (let at = this.#position; ; ) {
      at = fieldValue(this.#bytes, at, name);
      if (at === NOWHERE) return undefined;
      const uri = findInField(this.#bytes, at, before);
      const found = uri === NOWHERE ? undefined : this.#behind(uri + before.length);
      if (found) return found;
    }
  }

  /** The host follows the line's next "@", or what `at` is behind when there is none. */
  #behind(at: number): Host | undefined {
    const mark = this.#field.user ? this.#userEnd(at) : at;
    const start = this.#bytes[mark] === AT ? mark + 1 : at;
    if (start === this.#noHost) return undefined;
    const host = hostAt(this.#bytes, start, this.#family);
    if (!host) this.#noHost = start;
    return host;
  }

  #userEnd(at: number): number {
    if (this.#scannedFrom <= at && at <= this.#scannedTo) return this.#scannedTo;
    let i = at;
    while (i < this.#bytes.length && this.#bytes[i] !== AT && !isBreak(this.#bytes[i])) i++;
    this.#scannedFrom = at;
    this.#scannedTo = i;
    return i;
  }
}

/** The host that begins at `start`, an IPv6 one in brackets. Something has to follow it. */
export function hostAt(bytes: Uint8Array, start: number, family: "ipv4" | "ipv6"): Host | undefined {
  const bracket = family === "ipv6" ? 1 : 0;
  if (bracket && bytes[start] !== OPENING_BRACKET) return undefined;
  const host = addressAt(bytes, start + bracket, family);
  if (!host || (bracket && bytes[host.end] !== CLOSING_BRACKET)) return undefined;
  const { address } = host;
  const end = host.end + bracket;
  if (end >= bytes.length) return undefined;
  if (bytes[end] !== COLON) return { address, port: DEFAULT_PORT, start, end };
  const portEnd = endOfDigits(bytes, end + 1);
  const port = numberAt(bytes, end + 1, MAX_PORT_DIGITS);
  if (portEnd >= bytes.length || port === undefined || port < 1024 || port > 0xffff) return undefined;
  return { address, port, start, end: portEnd };
}

/** Where the value of a parameter begins that follows a host at `from`; `name`: with its "=". */
export function parameter(bytes: Uint8Array, from: number, name: Uint8Array): number {
  const comma = findInField(bytes, from, COMMA);
  const at = findInField(bytes, from, name, comma === NOWHERE ? bytes.length : comma);
  return at === NOWHERE ? NOWHERE : at + name.length;
}

/** Whether the contact can be reached by the flow's own protocol. */
export function sharesTransport(bytes: Uint8Array, contact: Host, protocol: "tcp" | "udp"): boolean {
  const at = parameter(bytes, contact.end, TRANSPORT);
  return at === NOWHERE || standsAt(bytes, at, PROTOCOLS[protocol]);
}

/** Seconds that the contact is registered for; "unreadable" when it says so in a way that cannot be read. */
export function lifetimeOf(bytes: Uint8Array, contact: Host, otherwise: number): number | "unreadable" {
  const at = parameter(bytes, contact.end, EXPIRES);
  return at === NOWHERE ? otherwise : (numberAt(bytes, at) ?? "unreadable");
}
