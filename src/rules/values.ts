/** Values that several matches and targets share. */

export type Inverted<T> = T & {
  /** Written with "!": the condition holds when this does not. */ readonly invert: boolean;
};

/** Both ends belong to it. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

export interface BigRange {
  readonly min: bigint;
  readonly max: bigint;
}

/** Holds for x when (x & mask) === value. Unsigned. */
export interface Masked {
  readonly value: number;
  readonly mask: number;
}

/** 4 or 16 bytes in network order. */
export type AddressBytes = readonly number[];

/** Holds for an address when (address & mask) === `address`; the mask need not be contiguous. */
export interface Network {
  readonly address: AddressBytes;
  readonly mask: AddressBytes;
}

export interface AddressRange {
  readonly min: AddressBytes;
  readonly max: AddressBytes;
}

/** "eth0", or with `prefix` every name that begins so ("eth+"). */
export interface InterfacePattern {
  /** Without the "+". */
  readonly name: string;
  readonly prefix: boolean;
}
