/** Addresses in messages of H.323, and whose they are. */
import { parseAddress } from "../../address.js";
import type { Endpoints, HelperContext } from "../helper.js";
import type { TransportAddress } from "./h225.js";
import type { MediaAddress } from "./h245.js";

export interface Place {
  /** As bytes, where they stand in the payload; behind them stands the port. */
  readonly address: Uint8Array;
  readonly port: number;
}

/** The sender's direction of the flow, and the other one. */
export function directions({
  direction,
  original,
  reply,
}: HelperContext): [here: Endpoints, there: Endpoints] {
  return direction === "original" ? [original, reply] : [reply, original];
}

/** Where a call or a gatekeeper is to be reached, if that is an address of the flow's family. */
export function placeOf(
  taddr: TransportAddress | undefined,
  family: HelperContext["family"],
): Place | undefined {
  const found = family === "ipv4" ? taddr?.ipAddress : taddr?.ip6Address;
  return found && { address: found.ip, port: found.port };
}

/** Where a channel's packets are to go, if that is one host of the flow's family. */
export function mediaPlaceOf(
  taddr: MediaAddress | undefined,
  family: HelperContext["family"],
): Place | undefined {
  const unicast = taddr?.unicastAddress;
  const found = family === "ipv4" ? unicast?.iPAddress : unicast?.iP6Address;
  return found && { address: found.network, port: found.tsapIdentifier };
}

export function isAt(place: Place, text: string): boolean {
  if (place.address.length === 4) return textOf(place) === text;
  return parseAddress(text).address.every((byte, i) => byte === place.address[i]);
}

export function isLoopback({ address }: Place): boolean {
  return address.length === 4 && address[0] === 127;
}

export function textOf({ address }: Place): string {
  if (address.length === 4) return address.join(".");
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((address[2 * i] ?? 0) << 8) | (address[2 * i + 1] ?? 0)).toString(16),
  );
  return groups.join(":");
}
