/** From a packet's bytes to its tuple and hash. */
import { clearOutcome, Packet } from "../layout";
import { Hook } from "../shared/ct-state";
import { Sysctl } from "../shared/sysctl";
import { sysctl } from "../sysctl";
import { hashPacket, hashPair } from "../tuple-hash";
import { parsePacket } from "../wire/parse";

/** Checksums are the business of the hook that packets arrive at: what this machine sends is not verified. */
// @ts-ignore: decorator
@inline
export function verifies(packet: Packet): bool {
  return sysctl(Sysctl.CHECKSUM) != 0 && packet.hook == Hook.PREROUTING;
}

/** Reads the packet's tuple; clears the outcome. */
// @ts-ignore: decorator
@inline
export function prepare(packet: Packet): void {
  clearOutcome(packet);
  parsePacket(packet, verifies(packet));
}

/** The second half of the preparation, for packets that have a tuple. */
// @ts-ignore: decorator
@inline
export function prepareHash(packet: Packet): void {
  // Of a packet without a tuple the hash means nothing and harms nobody.
  packet.hash = hashPacket(packet);
}

/** The same for two packets. */
// @ts-ignore: decorator
@inline
export function prepareHashes(first: Packet, second: Packet): void {
  if (hashPair(first, second)) return;
  prepareHash(first);
  prepareHash(second);
}
