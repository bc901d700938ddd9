/**
 * The contract of helpers: programs that read a connection's payload and announce the connections it leads to. A
 * helper runs for every packet of its flows that was accepted, after rules and before the flow is confirmed, as in
 * Linux. It must not keep what it is handed beyond the call.
 */
import type { CtStateName, DirectionName } from "../result.js";

/** How many expectations of one class a flow may have at a time, and how long each waits. */
export interface ExpectationClass {
  /** Printed behind the helper's name in listings, for helpers with several classes. */
  readonly name?: string;
  /** When there are that many, the oldest makes room. */
  readonly max: number;
  /** Seconds. */
  readonly timeout: number;
}

/** Drops the packet, silently or with reasons for the log; undefined lets it pass. */
export type HelperVerdict = "drop" | { readonly drop: string | readonly string[] } | undefined;

export interface Helper<State = unknown> {
  readonly name: string;
  readonly protocol: "tcp" | "udp";
  /** Conventional server port; addHelper() may name another. */
  readonly port: number;
  /** Address families it understands; default both. */
  readonly families?: readonly ("ipv4" | "ipv6")[];
  /** One to four. */
  readonly classes: readonly ExpectationClass[];
  /** Helpers, other than this one, that flows it announces can get: known by their names, without a port. */
  readonly children?: readonly Helper[];
  /** What the helper remembers of a flow, made with its first packet. Plain data, as JSON has it: snapshots keep it. */
  createState?(): State;
  /** What to do with the packet. An exception lets it pass, and is counted and reported. */
  packet(context: HelperContext<State>): HelperVerdict;
}

/** Addresses and ports of one direction of the flow. */
export interface Endpoints {
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
}

export interface HelperContext<State = unknown> {
  /** Bytes behind the transport header, as far as they were captured; valid during the call. */
  readonly payload: Uint8Array;
  /** The capture cut the payload: there was more of it. */
  readonly truncated: boolean;
  readonly family: "ipv4" | "ipv6";
  readonly protocol: "tcp" | "udp";
  readonly direction: DirectionName;
  /** NEW, ESTABLISHED or RELATED. */
  readonly ctState: CtStateName;
  /** TCP sequence number of the first payload byte. */
  readonly seq: number;
  readonly original: Endpoints;
  readonly reply: Endpoints;
  /**
   * Mask of the network to whose broadcast address this machine sends the packet; undefined for all other packets,
   * and always where nothing is known of interfaces, as in `Conntrack`.
   */
  readonly broadcastMask: string | undefined;
  /** Milliseconds on the caller's clock. */
  readonly time: number;
  readonly state: State;
  /** The flow was announced itself. */
  readonly expected: boolean;
  /** Announces a connection. */
  expect(expectation: Expect): ExpectResult;
  /** The same announced by another flow of this helper, in the same class, and still waited for. */
  announcedElsewhere(expectation: Expect): Elsewhere | undefined;
  /** What this flow has announced and nobody has claimed, newest first. */
  expectations(): readonly PendingExpectation[];
  /** Sets the flow's timeout, in seconds from now. */
  refresh(seconds: number): void;
  /** Only of flows that are translated: what they announce has to be translated, too. */
  readonly nat: HelperNat | undefined;
  /** For helpers of IPv4 flows that lead calls over enhanced GRE (RFC 2637). */
  readonly gre: GreCalls;
}

/**
 * What a helper does where its flow is translated: announce the sender under the address by which the other side knows it,
 * expect the connection there, and write into the payload what has been announced.
 *
 *     const port = nat.expect({ protocol: "tcp", source: { address: there.src }, destination: { address: nat.address, port: 2000 } });
 *     if (port === undefined) return "drop";
 *     nat.replace(offset, length, ascii(`${nat.address} ${port}`));
 */
export interface HelperNat {
  /** The address of the packet's sender, as the packet's receiver knows it. */
  readonly address: string;
  /**
   * Announces a connection to the packet's sender. It is let in at the port that `destination` names, or where that is
   * taken at a random one above it, and led to that port of the sender, unless `follow` says otherwise.
   * @returns the port, undefined when none is free or there is no room for another expectation
   */
  expect(expectation: Expect): number | undefined;
  /**
   * Puts `bytes` into the place of `length` bytes of the payload that begin at `offset`, once the helper has returned:
   * offsets are those of `payload` as it was. Places must not overlap. A packet that would become too long is dropped.
   */
  replace(offset: number, length: number, bytes: Uint8Array): void;
  /** Sends the packet to another port of its receiver. */
  deliverTo(port: number): void;
}

/**
 * A GRE packet carries one id of its call, the receiver's: with keys the engine tells flows apart by both. A flow
 * leads one call at a time.
 */
export interface GreCalls {
  /**
   * Names the call by the ids that the flow's client and server gave it. It ends with the flow. `outsideId`: the client's
   * as the server knows it, where the flow is translated.
   */
  call(clientId: number, serverId: number, outsideId?: number): void;
  /** Makes GRE packets between the two known by both ids. False when the flow has keys of another call, or no room. */
  addKeys(): boolean;
  /** Ends the call that was named last: its GRE flow, or what of it is still expected; and any keys of the flow. */
  end(): void;
}

/** ADDED, or why not: the same exists in another class, it overlaps another flow's, or there is no room. */
export type ExpectResult = "ADDED" | "ALREADY" | "BUSY" | "FULL" | "NO_MASTER";

export interface Expect {
  readonly protocol: "tcp" | "udp" | "gre";
  /** Omitted: any. `mask` as an address, such as 255.255.0.0; omitted: the whole address counts. */
  readonly source?: { readonly address?: string; readonly mask?: string; readonly port?: number };
  readonly destination: { readonly address: string; readonly port: number };
  /** Index into the helper's classes; default 0. */
  readonly class?: number;
  /** Survives the connection it admits. */
  readonly permanent?: boolean;
  /** Admits nothing until it is changed. */
  readonly inactive?: boolean;
  /** Whichever end begins the connection: the one that admits it takes the expectation of the inverse tuple along. */
  readonly eitherEnd?: boolean;
  /** Name of the helper that the announced flow gets, one for `protocol`. */
  readonly helper?: string;
  /** Where the announced connection is led when the flow is translated; without it rules decide. */
  readonly follow?: Following;
  /** When another flow has announced the same, that will do: ALREADY instead of BUSY. */
  readonly shared?: boolean;
}

/** What another flow has announced. */
export interface Elsewhere {
  /** Where the connection is led, if to another address or port than it goes to. */
  readonly ledTo: { readonly address: string; readonly port: number } | undefined;
}

export interface Following {
  /** The port, or with `portOf: "source"` that of the connection's source (for GRE: the call id). */
  readonly port: number;
  readonly portOf?: "destination" | "source";
  /** The end that it is led to; default the packet's sender. */
  readonly towards?: "client" | "server";
  /** The address there; default that end's own. */
  readonly address?: string;
  /**
   * When the connection looks as if it came from where the flow sends to: "always" (default); "peer": only if it comes
   * from there; "stream": as its source's own stream has been announced, if it has, and else as "peer". Rules decide
   * otherwise. "forwarded": a call that the client has forwarded keeps its source, one that the server has forwarded comes
   * from the address that it went to.
   */
  readonly disguise?: "always" | "peer" | "stream" | "forwarded";
}

export interface PendingExpectation {
  readonly class: number;
  readonly protocol: number;
  readonly destination: { readonly address: string; readonly port: number };
  readonly source: { readonly address: string; readonly port: number };
  readonly inactive: boolean;
  remove(): void;
  /** Makes it active or not, and lets it wait `timeout` seconds from now. */
  change(changes: { readonly inactive: boolean; readonly timeout: number }): void;
}
