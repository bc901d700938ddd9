/** `-m recent`: addresses that packets came from lately, in lists that rules share. */
import { Packet } from "../../layout";
import { HZ } from "../../limits";
import { RecentOperation, RecentRecord } from "../../shared/counting-records";
import { Hook } from "../../shared/ct-state";
import { MatchRecord } from "../../shared/match-record";
import { key, writeAddress } from "../memory/address-key";
import { findEntry, nextEntry } from "../memory/hash-table";
import {
  countStamps,
  firstSeen,
  forget,
  reapOldest,
  RecentList,
  Seen,
  seenAgain,
} from "../memory/recent-list";
import { outcome, Outcome } from "../outcome";
import { saw } from "../seen";
import { hopLimit } from "./hop-limit";

export function matchRecent(at: usize, packet: Packet): Outcome {
  const list = changetype<RecentList>(load<u32>(at, RecentRecord.LIST));
  const inverted = load<u8>(at, MatchRecord.INVERTED) != 0;
  const operation = <u32>load<u8>(at, RecentRecord.OPERATION);
  const ttl = ttlOnArrival(packet);
  const mask = changetype<usize>(list) + offsetof<RecentList>("mask0");
  writeAddress(key, packet, load<u8>(at, RecentRecord.DESTINATION) != 0, mask);
  store<u64>(key, packet.family, 16);
  const seen = find(list, load<u8>(at, RecentRecord.TTL) ? ttl : 0);
  if (!seen) {
    if (operation != RecentOperation.SET) return outcome(inverted);
    return firstSeen(list, key, packet.now, ttl) ? outcome(!inverted) : Outcome.DROPS;
  }
  saw(1, 0);
  if (operation == RecentOperation.SET) {
    seenAgain(list, seen, packet.now, ttl);
    return outcome(!inverted);
  }
  if (operation == RecentOperation.REMOVE) {
    forget(list, seen);
    return outcome(!inverted);
  }
  const seconds = load<u32>(at, RecentRecord.SECONDS);
  const since = packet.now - seconds * HZ;
  const enough = max<u32>(load<u32>(at, RecentRecord.HITS), 1);
  const hits = countStamps(seen, since, !seconds, enough);
  saw(1, hits);
  const matches = hits >= enough != inverted;
  const updates = operation == RecentOperation.UPDATE && matches;
  if (load<u8>(at, RecentRecord.REAP)) reapOldest(list, since, updates ? seen : null);
  if (updates) seenAgain(list, seen, packet.now, ttl);
  return outcome(matches);
}

/** `ttl`: 0 for any; an entry made by a rule that does not ask for it is taken by all. */
function find(list: RecentList, ttl: u32): Seen | null {
  for (let entry = findEntry(list, key); entry; entry = nextEntry(list, entry)) {
    const seen = changetype<Seen>(entry);
    if (!ttl || !seen.ttl || seen.ttl == ttl) return seen;
  }
  return null;
}

/** Forwarding has lowered it by one. */
function ttlOnArrival(packet: Packet): u32 {
  const forwarded = packet.inDevice != 0 && (packet.at == Hook.FORWARD || packet.at == Hook.POSTROUTING);
  return (hopLimit(packet) + <u32>forwarded) & 0xff;
}
