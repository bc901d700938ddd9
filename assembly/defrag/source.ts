/**
 * Counts the fragments of each IPv4 source that has queues. Ids are 16 bits and come round: when more than
 * net.ipv4.ipfrag_max_dist fragments of a source lie between two of one queue, the second is taken for the begin of
 * another datagram.
 */
import { setWord, sipHashWords } from "../sip-hash";
import { releaseCells, takeCell } from "./cells";
import { sourceBucket } from "./buckets";


@unmanaged
class Source {
  hashNext: u32;
  address: u32;
  /** Queues that refer to it. */
  users: u32;
  fragments: u32;
}

function bucketOf(address: u32): u32 {
  setWord(0, (<u64>address) | ((<u64>4) << 56));
  return sourceBucket(sipHashWords(1));
}

/** The record of a source, for one more queue; a new one takes a cell. */
export function acquireSource(address: u32): u32 {
  const bucket = bucketOf(address);
  for (let at = load<u32>(bucket); at; at = changetype<Source>(at).hashNext) {
    const source = changetype<Source>(at);
    if (source.address != address) continue;
    source.users++;
    return at;
  }
  const at = takeCell();
  const source = changetype<Source>(at);
  source.address = address;
  source.users = 1;
  source.hashNext = load<u32>(bucket);
  store<u32>(bucket, at);
  return at;
}

/** Whether the record has just been made: its cell has to be accounted for. */
export function isNewSource(at: u32): bool {
  const source = changetype<Source>(at);
  return source.users == 1 && source.fragments == 0;
}

/** True when that was the last queue, and the record's cell is free again. */
export function releaseSource(at: u32): bool {
  const source = changetype<Source>(at);
  if (--source.users) return false;
  let link = bucketOf(source.address);
  while (load<u32>(link) != at) link = load<u32>(link);
  store<u32>(link, source.hashNext);
  releaseCells(at, at, 1);
  return true;
}

/** Counts a fragment. Returns its number. */
export function countFragment(at: u32): u32 {
  return ++changetype<Source>(at).fragments;
}
