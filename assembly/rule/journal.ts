/**
 * The journal: what rules find of a packet that is to be explained, written down while they are asked. It is emptied
 * before each such packet; what it has no room for is counted. The layout stands in shared/journal-record.ts.
 */
import { reserveBlocks } from "../arena";
import { Flow, FLOW4_SIZE, FLOW6_SIZE, Kind, Packet } from "../layout";
import { BLOCK, JOURNAL_BLOCKS, JOURNAL_PACKET } from "../limits";
import { Hook } from "../shared/ct-state";
import {
  JournalKind,
  JournalRecord,
  PolicyRecord,
  SightFlow,
  SightRecord,
  VisitRecord,
} from "../shared/journal-record";
import { LinkType } from "../shared/link-type";
import { MatchRecord } from "../shared/match-record";
import { ChainRecord, RuleRecord } from "../shared/rule-record";
import { checksHold, failingCheck, inDeviceOf, outDeviceOf } from "./checks";
import { flowOf } from "./flow-view";
import { matchHolds } from "./match";
import { Outcome } from "./outcome";
import { capturedBytes } from "./packet-bytes";
import { saw, seen } from "./seen";
import { ETHERNET_HEADER } from "../wire/header-size";


@unmanaged
class Journal {
  start: u32;
  /** Bytes written. */
  bytes: u32;
  lost: u32;
}

const journal = changetype<Journal>(memory.data(offsetof<Journal>(), 4));
const CAPACITY: u32 = JOURNAL_BLOCKS * BLOCK;
const SEEN: u32 = 16;

export function clearJournal(): void {
  journal.bytes = 0;
  journal.lost = 0;
}

/** Address of the first record. */
export function journalAddress(): u32 {
  return journal.start;
}

export function journalBytes(): u32 {
  return journal.bytes;
}

/** Records that there was no room for. */
export function lostFromJournal(): u32 {
  return journal.lost;
}

/** A record of zeros, 0 when there is no room. Once one is lost, none follow. */
function append(kind: JournalKind, bytes: u32): usize {
  if (!journal.start) journal.start = <u32>reserveBlocks(JOURNAL_BLOCKS);
  const length = (bytes + 7) & ~7;
  if (!journal.start || journal.lost || journal.bytes + length > CAPACITY) {
    journal.lost++;
    return 0;
  }
  const at = <usize>(journal.start + journal.bytes);
  journal.bytes += length;
  memory.fill(at, 0, length);
  store<u32>(at, length, JournalRecord.LENGTH);
  store<u8>(at, <u8>kind, JournalRecord.KIND);
  return at;
}

/** Writes down what the rules that follow see. */
export function writeSight(packet: Packet): void {
  const bytes = min(min(capturedBytes(packet), packet.l3Length), JOURNAL_PACKET);
  const ethernet = packet.link == LinkType.ETHERNET;
  const link = ethernet ? ETHERNET_HEADER : 0;
  const at = append(JournalKind.SIGHT, SightRecord.FLOW_COPY + FLOW6_SIZE + bytes + link);
  if (!at) return;
  store<u8>(at, packet.at, SightRecord.HOOK);
  store<u8>(at, packet.family, SightRecord.FAMILY);
  store<u8>(at, packet.protocol, SightRecord.PROTOCOL);
  store<u8>(at, packet.ctState, SightRecord.CT_STATE);
  store<u8>(at, packet.direction, SightRecord.DIRECTION);
  store<u32>(at, packet.mark, SightRecord.MARK);
  store<u16>(at, <u16>inDeviceOf(packet), SightRecord.IN_DEVICE);
  store<u16>(at, <u16>outDeviceOf(packet), SightRecord.OUT_DEVICE);
  store<u32>(at, packet.l3Length, SightRecord.PACKET_LENGTH);
  store<u32>(at, packet.l4 - packet.l3, SightRecord.TRANSPORT);
  store<u32>(at, packet.l4Captured, SightRecord.CAPTURED);
  store<f64>(at, packet.time, SightRecord.TIME);
  store<u32>(at, bytes, SightRecord.PACKET_BYTES);
  store<u8>(at, <u8>link, SightRecord.LINK_BYTES);
  store<u8>(at, <u8>(packet.hook == Hook.OUTPUT), SightRecord.SENT);
  writeFlow(at, packet);
  const to = at + SightRecord.FLOW_COPY + FLOW6_SIZE;
  memory.copy(to, packet.l3, bytes);
  memory.copy(to + bytes, packet.data, link);
}

function writeFlow(at: usize, packet: Packet): void {
  const flow = flowOf(packet);
  if (!flow) return;
  store<u8>(at, <u8>(packet.flow ? SightFlow.OWN : SightFlow.TEMPLATE), SightRecord.FLOW);
  const size = (<Flow>flow).kind & Kind.IPV6 ? FLOW6_SIZE : FLOW4_SIZE;
  memory.copy(at + SightRecord.FLOW_COPY, changetype<usize>(flow), size);
}

/** Asks a rule as it is always asked, and writes down what was found. */
export function visit(rule: u32, packet: Packet): Outcome {
  const at = append(JournalKind.VISIT, VisitRecord.SEEN);
  let held = checksHold(rule, packet);
  if (at) store<u32>(at, load<u32>(rule, RuleRecord.NUMBER), VisitRecord.RULE);
  if (held == Outcome.HOLDS) held = askMatches(at, rule, packet);
  else if (at) store<u8>(at, <u8>failingCheck(rule, packet), VisitRecord.FAILED_CHECK);
  if (at) store<u8>(at, <u8>held, VisitRecord.OUTCOME);
  return held;
}

/** `record`: where to write, 0 for nowhere. */
function askMatches(record: usize, rule: u32, packet: Packet): Outcome {
  const end = load<u32>(rule, RuleRecord.TARGET);
  let at = rule + load<u16>(rule, RuleRecord.MATCHES);
  let held = Outcome.HOLDS;
  let doomed = false;
  while (at < end && held == Outcome.HOLDS) {
    saw(0, 0);
    held = matchHolds(at, packet);
    if (held == Outcome.DOOMS) {
      doomed = true;
      held = Outcome.HOLDS;
    }
    if (record) writeSeen(record);
    at += load<u16>(at, MatchRecord.LENGTH);
  }
  if (doomed) return held == Outcome.HOLDS ? Outcome.DOOMS : Outcome.DROPS;
  return held;
}

/** The record is the newest one, and grows. */
function writeSeen(record: usize): void {
  if (journal.lost || journal.bytes + SEEN > CAPACITY) {
    // What is written of the rule goes with it.
    if (!journal.lost) journal.bytes = <u32>record - journal.start;
    journal.lost++;
    return;
  }
  const length = load<u32>(record, JournalRecord.LENGTH);
  store<u64>(record + length, seen.a);
  store<u64>(record + length, seen.b, 8);
  store<u32>(record, length + SEEN, JournalRecord.LENGTH);
  store<u32>(record, load<u32>(record, VisitRecord.ASKED) + 1, VisitRecord.ASKED);
  journal.bytes += SEEN;
}

export function writePolicy(chain: u32): void {
  const at = append(JournalKind.POLICY, PolicyRecord.SIZE);
  if (at) store<u32>(at, load<u32>(chain, ChainRecord.NUMBER), PolicyRecord.CHAIN);
}
