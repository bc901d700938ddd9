/** The SIP URIs of Contact header fields whose host is an address (RFC 3261, section 20.10), and their parameters. */
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

export interface Contact {
  readonly address: string;
  readonly port: number;
  /** Behind its host and port. */
  readonly end: number;
}

const CONTACT: FieldName = { full: ascii("Contact"), compact: ascii("m") };
const SCHEME = ascii("sip:");
const COMMA = ascii(",");
const TRANSPORT = ascii("transport=");
const EXPIRES = ascii("expires=");
const PROTOCOLS = { tcp: ascii("tcp"), udp: ascii("udp") } as const;
const DEFAULT_PORT = 5060;
const MAX_PORT_DIGITS = 5;
const COLON = 58;
const AT = 64;
const OPENING_BRACKET = 91;
const CLOSING_BRACKET = 93;

/** Walks the contacts of a message. */
export class ContactReader {
  readonly #bytes: Uint8Array;
  readonly #family: "ipv4" | "ipv6";
  #position = 0;
  #inField = false;
  /** The first "@" or line break at #scannedFrom or behind it: a line is searched only once. */
  #scannedFrom = 0;
  #scannedTo = NOWHERE;
  /** Where a host was looked for last that is none: all users of a line are followed by the same one. */
  #noHost = NOWHERE;

  constructor(bytes: Uint8Array, family: "ipv4" | "ipv6") {
    this.#bytes = bytes;
    this.#family = family;
  }

  next(): Contact | undefined {
    const found = (this.#inField ? this.#nextInField() : undefined) ?? this.#nextField();
    this.#inField = found !== undefined;
    if (found) this.#position = found.end;
    return found;
  }

  #nextInField(): Contact | undefined {
    for (let at = this.#position; ; ) {
      const comma = findInField(this.#bytes, at, COMMA);
      const uri = comma === NOWHERE ? NOWHERE : findInField(this.#bytes, comma, SCHEME);
      if (uri === NOWHERE) return undefined;
      at = uri + SCHEME.length;
      const contact = this.#contactAt(at);
      if (contact) return contact;
    }
  }

  /** The first contact of the next field whose first one can be read. */
  #nextField(): Contact | undefined {
    for (let at = this.#position; ; ) {
      at = fieldValue(this.#bytes, at, CONTACT);
      if (at === NOWHERE) return undefined;
      const uri = findInField(this.#bytes, at, SCHEME);
      const contact = uri === NOWHERE ? undefined : this.#contactAt(uri + SCHEME.length);
      if (contact) return contact;
    }
  }

  /** `at`: behind the scheme. The host follows the line's next "@", or the scheme when there is none. */
  #contactAt(at: number): Contact | undefined {
    const mark = this.#userEnd(at);
    const start = this.#bytes[mark] === AT ? mark + 1 : at;
    if (start === this.#noHost) return undefined;
    const contact = this.#hostAt(start);
    if (!contact) this.#noHost = start;
    return contact;
  }

  #hostAt(start: number): Contact | undefined {
    const bytes = this.#bytes;
    const bracket = this.#family === "ipv6" ? 1 : 0;
    if (bracket && bytes[start] !== OPENING_BRACKET) return undefined;
    const host = addressAt(bytes, start + bracket, this.#family);
    if (!host || (bracket && bytes[host.end] !== CLOSING_BRACKET)) return undefined;
    const end = host.end + bracket;
    if (end >= bytes.length) return undefined;
    if (bytes[end] !== COLON) return { address: host.address, port: DEFAULT_PORT, end };
    const portEnd = endOfDigits(bytes, end + 1);
    const port = numberAt(bytes, end + 1, MAX_PORT_DIGITS);
    if (portEnd >= bytes.length || port === undefined || port < 1024 || port > 0xffff) return undefined;
    return { address: host.address, port, end: portEnd };
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

/** Where the value of a contact's parameter begins; `name`: with its "=". */
function parameter(bytes: Uint8Array, contact: Contact, name: Uint8Array): number {
  const comma = findInField(bytes, contact.end, COMMA);
  const at = findInField(bytes, contact.end, name, comma === NOWHERE ? bytes.length : comma);
  return at === NOWHERE ? NOWHERE : at + name.length;
}

/** Whether the contact can be reached by the flow's own protocol. */
export function sharesTransport(bytes: Uint8Array, contact: Contact, protocol: "tcp" | "udp"): boolean {
  const at = parameter(bytes, contact, TRANSPORT);
  return at === NOWHERE || standsAt(bytes, at, PROTOCOLS[protocol]);
}

/** Seconds that the contact is registered for; "unreadable" when it says so in a way that cannot be read. */
export function lifetimeOf(bytes: Uint8Array, contact: Contact, otherwise: number): number | "unreadable" {
  const at = parameter(bytes, contact, EXPIRES);
  return at === NOWHERE ? otherwise : (numberAt(bytes, at) ?? "unreadable");
}
