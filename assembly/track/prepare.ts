/** From a packet's bytes to its tuple and hash. */
import { Batch, packetAt, ROW_SIZE, takeIn } from "../batch-memory";
import { clearOutcome, Packet } from "../layout";
import { Hook } from "../shared/ct-state";
import { Sysctl } from "../shared/sysctl";
import { sysctl } from "../sysctl";
import { hashPacket, hashPair } from "../tuple-hash";
import { parsePacket } from "../wire/parse";
import { NO_PLAIN_LINK, parsePlain, plainLinkHeader } from "../wire/plain";

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

/**
 * Takes in and prepares packets from `row` on, which is number `i`, two at a time, as long as both are plain and enter
 * as the first one does. Returns where it stopped: at a packet that needs the long way, or is the last one.
 *
 * A hash is one long chain of operations: two share their instructions, and those of several pairs overlap. There is no
 * call in the loop, so that V8 keeps its variables in registers. (5 ns a packet less than a loop for each step.)
 */
export function preparePlain(batch: Batch, i: u32, row: usize, end: usize): usize {
  const entry = entryOf(row);
  const verify = verifies(packetAt(row));
  const header = plainLinkHeader(packetAt(row).link);
  if (header == NO_PLAIN_LINK) return row;
  let times = <usize>batch.times + (i << 3);
  let data = <usize>batch.data + (i << 2);
  let lengths = <usize>batch.lengths + (i << 2);
  for (; row + ROW_SIZE < end; row += 2 * ROW_SIZE) {
    if ((entryOf(row) ^ entry) | (entryOf(row + ROW_SIZE) ^ entry)) break;
    if (!takePlain(row, times, data, lengths, header, verify)) break;
    if (!takePlain(row + ROW_SIZE, times + 8, data + 4, lengths + 4, header, verify)) break;
    hashPair(packetAt(row));
    times += 16;
    data += 8;
    lengths += 8;
  }
  return row;
}

/** Where and how a packet enters: link, hook and whether it is confirmed. */
// @ts-ignore: decorator
@inline
function entryOf(row: usize): u32 {
  return load<u32>(row, offsetof<Packet>("link"));
}

/**
 * prepare() and takeIn() for a plain packet, whose words stand at these places of the columns; false for another. How
 * long it was on the wire, its IP header says.
 */
// @ts-ignore: decorator
@inline
function takePlain(row: usize, time: usize, data: usize, length: usize, header: u32, verify: bool): bool {
  const packet = packetAt(row);
  const at = load<u32>(data);
  const captured = load<u32>(length);
  packet.time = load<f64>(time);
  packet.data = at;
  packet.length = captured;
  clearOutcome(packet);
  return parsePlain(packet, at, captured, header, verify);
}

if (offsetof<Packet>("confirm") != offsetof<Packet>("link") + 3) ERROR("entryOf");
