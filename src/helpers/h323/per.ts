/**
 * Reading of aligned PER (X.691), as far as H.225.0 and H.245 need it. A type is a function that reads its value.
 * Reading never throws: past the end it gives zeros and marks the reader as failed, and what was read means nothing.
 */
export type Type<T> = (reader: Reader) => T;

/** One whose value nobody asks for: it is read for what stands behind it. */
export type Passed = Type<unknown>;

export class Reader {
  readonly bytes: Uint8Array;
  /** The bytes end here, or what cannot be read has been met. */
  failed = false;
  /** Something that is not known is there: nothing behind it can be read, up to the end of its wrapping. */
  stopped = false;
  #bit = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Up to 32 bits. */
  bits(count: number): number {
    if (this.#bit + count > this.bytes.length * 8) {
      this.failed = true;
      return 0;
    }
    let value = 0;
    for (let left = count; left > 0; ) {
      const room = 8 - (this.#bit & 7);
      const taken = Math.min(room, left);
      const byte = this.bytes[this.#bit >>> 3] ?? 0;
      value = value * 2 ** taken + ((byte >>> (room - taken)) & ((1 << taken) - 1));
      this.#bit += taken;
      left -= taken;
    }
    return value;
  }

  skip(count: number): void {
    if (this.#bit + count > this.bytes.length * 8) this.failed = true;
    else this.#bit += count;
  }

  align(): void {
    this.#bit = (this.#bit + 7) & ~7;
  }

  /** Whole bytes, from the next byte boundary on. */
  octets(count: number): Uint8Array {
    this.align();
    const from = this.#bit >>> 3;
    if (from + count > this.bytes.length) {
      this.failed = true;
      return this.bytes.subarray(0, 0);
    }
    this.#bit += count * 8;
    return this.bytes.subarray(from, from + count);
  }

  /** A number from a range of so many values (X.691 section 10.5.7). */
  constrained(values: number): number {
    if (values <= 255) return this.bits(Math.ceil(Math.log2(values)));
    if (values <= 65536) {
      this.align();
      return this.bits(values === 256 ? 8 : 16);
    }
    const most = Math.ceil(Math.log2(values) / 8);
    const length = this.bits(Math.ceil(Math.log2(most))) + 1;
    this.align();
    return this.bits(8 * length);
  }

  /**
   * How many bytes or elements follow (section 10.9.3). Contents in fragments of 16 KiB and more are not read. Linux
   * wants two bytes to be there, though one may do.
   */
  length(): number {
    this.align();
    if (this.#bit / 8 + 2 > this.bytes.length) this.failed = true;
    const first = this.bits(8);
    if (first < 0x80) return first;
    if (first < 0xc0) return ((first & 0x3f) << 8) | this.bits(8);
    this.failed = true;
    return 0;
  }

  /**
   * A value in a wrapping of its own, which may hold more than its type knows of. As in Linux, only what follows the
   * wrapping depends on its length.
   */
  wrapped<T>(type: Type<T>): T | undefined {
    const length = this.length();
    const end = this.#bit + length * 8;
    if (end > this.bytes.length * 8) this.failed = true;
    if (this.failed) return undefined;
    const value = type(this);
    this.stopped = false;
    this.#bit = end;
    return value;
  }

  /** A small number that may grow with later versions (section 10.6); larger ones are not read. */
  small(): number {
    if (this.bits(1)) this.failed = true;
    return this.bits(6);
  }
}

export const boolean: Type<boolean> = (reader) => reader.bits(1) === 1;

export const nothing: Type<undefined> = () => undefined;

export function integer(min: number, max: number): Type<number> {
  return (reader) => min + reader.constrained(max - min + 1);
}

export const objectIdentifier: Type<Uint8Array> = (reader) => {
  reader.align();
  return reader.octets(reader.bits(8));
};

/** OCTET STRING of any size. */
export const anyOctets: Type<Uint8Array> = (reader) => reader.octets(reader.length());

export function octets(min: number, max = min): Type<Uint8Array> {
  return (reader) => reader.octets(min === max ? min : min + reader.constrained(max - min + 1));
}

/** A string of characters of so many bits each. */
export function characters(bits: number, min: number, max: number): Type<undefined> {
  return (reader) => {
    const length = min + reader.constrained(max - min + 1);
    reader.align();
    reader.skip(length * bits);
    return undefined;
  };
}

/** All elements are read, and so many of them kept. */
export function sequenceOf<T>(type: Type<T>, kept = Number.POSITIVE_INFINITY): Type<T[]> {
  return (reader) => {
    const values: T[] = [];
    for (let left = reader.length(); left > 0 && !reader.failed && !reader.stopped; left--) {
      const value = type(reader);
      if (values.length < kept) values.push(value);
    }
    return values;
  };
}

/** A value in an OCTET STRING of its own. */
export function wrapped<T>(type: Type<T>): Type<T> {
  return (reader) => reader.wrapped(type) as T;
}

/** A component that may be missing. */
export interface Optional<T> {
  readonly optional: Type<T>;
}

export function optional<T>(type: Type<T>): Optional<T> {
  return { optional: type };
}

/** A component that is always there and, with all behind it, left alone. */
export const unread: Type<undefined> = (reader) => {
  reader.stopped = true;
  return undefined;
};

/** The same of one that may be missing: what is behind it is left alone either way. */
export const unreadOption: Optional<undefined> = optional(unread);

/** One that is not known: what is behind it can be read only where it is missing. */
export const unknown: Optional<undefined> = optional(unread);

type Component = Type<unknown> | Optional<unknown>;
type Value<C> = C extends Optional<infer T> ? T | undefined : C extends Type<infer T> ? T : never;
type Values<S> = { readonly [name in keyof S]: Value<S[name]> };
type Additions<S> = { readonly [name in keyof S]?: Value<S[name]> | undefined };

/** What stands behind "..." in a definition: in the order of its additions, of those that were known then. */
type Known = Readonly<Record<string, Type<unknown> | undefined>>;

/** A SEQUENCE without "...". */
export function closed<S extends Readonly<Record<string, Component>>>(root: S): Type<Values<S>> {
  return (reader) => readRoot(reader, root) as Values<S>;
}

/** A SEQUENCE with "...": additions that are undefined here, and unknown ones, are passed over. */
export function sequence<
  S extends Readonly<Record<string, Component>>,
  A extends Known = Record<never, never>,
>(root: S, additions?: A): Type<Values<S> & Additions<A>> {
  const known = Object.entries(additions ?? {});
  return (reader) => {
    const extended = reader.bits(1) === 1;
    const values = readRoot(reader, root);
    if (extended && !reader.stopped) readAdditions(reader, known, values);
    return values as Values<S> & Additions<A>;
  };
}

function readRoot(reader: Reader, root: Readonly<Record<string, Component>>): Record<string, unknown> {
  const components = Object.entries(root);
  const present = components.map(([, one]) => typeof one === "function" || reader.bits(1) === 1);
  const values: Record<string, unknown> = {};
  for (const [i, [name, one]] of components.entries()) {
    if (reader.failed || reader.stopped) break;
    if (present[i] || one === unreadOption)
      values[name] = typeof one === "function" ? one(reader) : one.optional(reader);
  }
  return values;
}

function readAdditions(
  reader: Reader,
  known: readonly (readonly [string, Type<unknown> | undefined])[],
  values: Record<string, unknown>,
): void {
  const count = reader.small() + 1;
  const present = Array.from({ length: count }, () => reader.bits(1) === 1);
  for (let i = 0; i < count && !reader.failed; i++) {
    if (!present[i]) continue;
    const [name, type = nothing] = known[i] ?? [];
    const value = reader.wrapped(type);
    if (name !== undefined) values[name] = value;
  }
}

type Alternatives = Readonly<Record<string, Type<unknown>>>;
type Chosen<A> = { readonly [name in keyof A]?: A[name] extends Type<infer T> ? T : never };

/**
 * A CHOICE: the value under the name of its alternative. `additions`: those behind "..."; without it there is no "...".
 * What was chosen of none of these is an empty object.
 */
export function choice<R extends Alternatives, A extends Known = Record<never, never>>(
  root: R,
  additions?: A,
): Type<Chosen<R> & Additions<A>> {
  const alternatives = Object.entries(root);
  const known = Object.entries(additions ?? {});
  return (reader) => {
    if (additions && reader.bits(1)) {
      // A small number, too: Linux passes over alternatives with larger ones as over all that it does not know.
      const [name, type = nothing] = known[reader.bits(7)] ?? [];
      const value = reader.wrapped(type);
      return (name === undefined ? {} : { [name]: value }) as Chosen<R> & Additions<A>;
    }
    const [name, type] = alternatives[reader.constrained(alternatives.length)] ?? [];
    if (name === undefined || !type) {
      reader.failed = true;
      return {} as Chosen<R> & Additions<A>;
    }
    return { [name]: type(reader) } as Chosen<R> & Additions<A>;
  };
}

/** An alternative without contents that matters. */
export const chosen: Type<true> = () => true;
