/**
 * One packet in a call of its own: what a batch does for many in passes is done straight on, what JavaScript says of
 * the packet comes as arguments, and what became of it goes back as one word.
 */
import { endCall, trackBatch, trackGeneral } from "./batch";
import { Batch, ctStateAt, packetAt, putIn, ROW_SIZE, rowAddress } from "./batch-memory";
import { forgetDatagram } from "./defrag/datagram";
import { Packet } from "./layout";
import { mixOf, recentFlow, rememberFlow } from "./recent-flows";
import { CtState } from "./shared/ct-state";
import { OutcomeShift, PAUSED } from "./shared/outcome-word";
import { Reason } from "./shared/reason";
import { Sysctl } from "./shared/sysctl";
import { sysctl } from "./sysctl";
import { hasReply, trackEstablishedRun, verifyRun } from "./track/established";
import { prepare, prepareHash } from "./track/prepare";
import { meetsRules } from "./traverse/traverse";

/**
 * Tracks the packet whose bytes lie where those of the batch begin. Returns its outcome (shared/outcome-word.ts); a
 * PAUSED one is finished with finishPacket() and resumeBatch(), as in a batch.
 * @param entry link, hook and confirm, as they lie in a row
 */
export function trackOne(
  address: u32,
  time: f64,
  length: u32,
  wireLength: u32,
  entry: u32,
  template: u32,
): u32 {
  const batch = changetype<Batch>(address);
  const row = rowAddress(batch, 0);
  const packet = packetAt(row);
  store<u32>(row, entry, offsetof<Packet>("link"));
  packet.template = template;
  if (meetsRules()) {
    putIn(batch, time, length, wireLength);
    return outcomeOf(packet, trackBatch(address, 0, 1) == 0);
  }
  forgetDatagram();
  packet.time = time;
  packet.data = batch.bytes;
  packet.length = length;
  packet.wireLength = wireLength;
  prepare(packet);
  if (isEstablished(batch, packet)) {
    endCall(1);
    return outcomeWord(packet, CtState.ESTABLISHED, Reason.NONE);
  }
  if (trackGeneral(packet)) return outcomeOf(packet, true);
  endCall(1);
  return outcomeOf(packet, false);
}

/** True when the packet has been tracked and nothing is left to do: see track/established.ts. */
// @ts-ignore: decorator
@inline
function isEstablished(batch: Batch, packet: Packet): bool {
  const mix = mixOf(packet);
  const flow = recentFlow(mix);
  if (flow && tracksWith(flow, batch, packet)) return true;
  if (packet.flow) return false;
  prepareHash(packet);
  if (!tracksWith(0, batch, packet)) return false;
  rememberFlow(mix, packet.flow);
  return true;
}

// @ts-ignore: decorator
@inline
function tracksWith(candidate: u32, batch: Batch, packet: Packet): bool {
  const row = changetype<usize>(packet);
  const end = row + ROW_SIZE;
  packet.candidate = candidate;
  if (sysctl(Sysctl.CHECKSUM)) verifyRun(row, end);
  return hasReply(packet) && trackEstablishedRun(row, end, ctStateAt(batch, 0)) == end;
}

/** Its parts are stored one by one, and read one by one: to read four bytes at once would wait for the stores. */
// @ts-ignore: decorator
@inline
function outcomeOf(packet: Packet, paused: bool): u32 {
  const word =
    outcomeWord(packet, packet.ctState, packet.reason) | ((<u32>packet.verdict) << OutcomeShift.VERDICT);
  return paused ? word | PAUSED : word;
}

// @ts-ignore: decorator
@inline
function outcomeWord(packet: Packet, ctState: u32, reason: u32): u32 {
  return (
    ctState |
    ((<u32>packet.direction) << OutcomeShift.DIRECTION) |
    (reason << OutcomeShift.REASON) |
    (packet.generation << OutcomeShift.GENERATION)
  );
}
