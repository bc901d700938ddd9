/** What `ipset save` prints, as data. */
import type { RuleFamily } from "../rules/ruleset.js";
import type { AddressBytes, Masked, Range } from "../rules/values.js";

/** Parts of an element, by the names that types of sets have for them: "hash:ip,port". */
export type SetPart = "ip" | "net" | "port" | "mac" | "iface" | "mark" | "set";

export type SetValue =
  | { readonly kind: "ip"; readonly address: AddressBytes }
  /** The address without the bits behind the prefix. */
  | { readonly kind: "net"; readonly address: AddressBytes; readonly prefix: number }
  /**
   * Of ICMP: type << 8 | code. Protocols without ports have port 0. A bitmap:port has no protocol: TCP, UDP and all
   * others with ports count.
   */
  | { readonly kind: "port"; readonly protocol?: number; readonly port: number }
  /** Undefined: to be filled in by the first packet from the address (bitmap:ip,mac). */
  | { readonly kind: "mac"; readonly address?: readonly number[] }
  | {
      readonly kind: "iface";
      readonly name: string;
      /** Every interface whose name begins so. */
      readonly prefix: boolean;
      /** The port of a bridge, not the bridge. */
      readonly physical: boolean;
    }
  | { readonly kind: "mark"; readonly mark: number }
  /** Another set, by name. */
  | { readonly kind: "set"; readonly set: string };

export interface SetElement {
  /** One for each part of the set's type. */
  readonly values: readonly SetValue[];
  /** Where this is found, the set does not match. */
  readonly nomatch: boolean;
  /** Seconds that it has left; 0: it stays. Only in sets with timeouts. */
  readonly timeout?: number;
  readonly packets: bigint;
  readonly bytes: bigint;
  readonly comment?: string;
  /** What `-j SET --map-set` gives to a packet. */
  readonly mark?: Masked;
  readonly priority?: number;
  readonly queue?: number;
  /** Where it stood, both from 1. */
  readonly line: number;
  readonly column: number;
}

export interface HashSettings {
  /** Buckets at the beginning: a power of two. */
  readonly hashSize: number;
  readonly maxElements: number;
  /** As given; the kernel's default depends on its version. */
  readonly bucketSize?: number;
  readonly initialValue?: number;
  /** When the set is full, an element makes room for a new one. */
  readonly forceAdd: boolean;
}

export interface IpSet {
  readonly name: string;
  /** "hash:ip,port" */
  readonly type: string;
  readonly method: "bitmap" | "hash" | "list";
  readonly parts: readonly SetPart[];
  /** Of sets with addresses. */
  readonly family?: RuleFamily;
  readonly hash?: HashSettings;
  /** Addresses are masked before they are looked up: hash:ip, hash:ip,port, hash:net,net and bitmap:ip. */
  readonly mask?: { readonly option: "netmask" | "bitmask"; readonly bytes: AddressBytes };
  /** Of hash:ip,mark. */
  readonly markMask?: number;
  /** Of bitmaps: which addresses or ports it has room for. IPv4 addresses as numbers. */
  readonly range?: Range;
  /** Of list:set. */
  readonly size?: number;
  /** Seconds that an element stays when nothing else is said, 0: forever; undefined: the set has no timeouts. */
  readonly timeout?: number;
  readonly counters: boolean;
  readonly comments: boolean;
  readonly skbinfo: boolean;
  /** In the order in which they were added. */
  readonly elements: readonly SetElement[];
  readonly line: number;
  readonly column: number;
}
