/**
 * Log entries wait here for JavaScript to fetch them: records of any length, one behind the other, each with a copy of
 * its packet. A full ring takes no more and counts what it lost. The words are found in TypeScript (src/log.ts).
 */
import { reserveBlocks } from "./arena";
import { nowMs } from "./clock";
import { Packet } from "./layout";
import { BLOCK, LOG_BLOCKS } from "./limits";
import { hasOwner, owner } from "./owner";
import { LinkType } from "./shared/link-type";
import { LogKind } from "./shared/log-kind";
import { Reason } from "./shared/reason";
import { Sysctl } from "./shared/sysctl";
import { sysctl } from "./sysctl";
import { ETHERNET_HEADER } from "./wire/header-size";


@unmanaged
export class LogRecord {
  time: f64;
  /** Bytes of the record and its packet, a multiple of 8; 0: the next record is the ring's first. */
  size: u32;
  /** LogKind. */
  kind: u8;
  hook: u8;
  family: u8;
  protocol: u8;
  /** A number that says more about the kind. */
  subject: u32;
  a: u32;
  b: u32;
  c: u32;
  d: u32;
  mark: u32;
  inDevice: u16;
  outDevice: u16;
  /** Bytes of the packet that follow, from its IP header on, and of the Ethernet header behind them. */
  bytes: u32;
  linkBytes: u32;
  /** 1: a process of this machine sends it, of this user and group. */
  owned: u32;
  uid: u32;
  gid: u32;
}

/** Of other link layers, and of VLANs, the kernel's log tells nothing that could be read. */

/** Reason codes are logged when their packet's protocol is named by nf_conntrack_log_invalid, or all are. */
const ALL_PROTOCOLS: u32 = 255;


@unmanaged
class Ring {
  start: u32;
  /** Offsets of the oldest record and of the first byte behind the newest. */
  head: u32;
  tail: u32;
  records: u32;
  lost: u32;
}

const ring = changetype<Ring>(memory.data(offsetof<Ring>(), 8));
const CAPACITY: u32 = LOG_BLOCKS * BLOCK;

/** Room for a record of `size` bytes without a break, or null. */
function nextPlace(size: u32): LogRecord | null {
  if (!ring.start) ring.start = <u32>reserveBlocks(LOG_BLOCKS);
  if (!ring.records) {
    ring.head = 0;
    ring.tail = 0;
  }
  let end = ring.head;
  if (ring.tail > ring.head || !ring.records) {
    end = CAPACITY;
    if (CAPACITY - ring.tail < size && ring.head >= size) {
      if (ring.tail < CAPACITY) store<u32>(ring.start + ring.tail, 0, offsetof<LogRecord>("size"));
      ring.tail = 0;
      end = ring.head;
    }
  }
  if (!ring.start || end - ring.tail < size) {
    ring.lost++;
    return null;
  }
  const record = changetype<LogRecord>(ring.start + ring.tail);
  ring.tail += size;
  ring.records++;
  memory.fill(changetype<usize>(record), 0, offsetof<LogRecord>());
  record.size = size;
  record.time = nowMs();
  return record;
}

/** Logs a packet whose headers have been found, with at most `most` of its bytes. */
export function logPacket(kind: LogKind, subject: u32, packet: Packet, most: u32): LogRecord | null {
  const captured = packet.l4 + packet.l4Captured - packet.l3;
  const bytes = min(min(captured, packet.l3Length), most);
  const link =
    packet.link == LinkType.ETHERNET && packet.l3 - packet.data == ETHERNET_HEADER ? ETHERNET_HEADER : 0;
  const record = nextPlace((<u32>offsetof<LogRecord>() + bytes + link + 7) & ~7);
  if (!record) return null;
  record.kind = <u8>kind;
  record.hook = packet.hook;
  record.family = packet.family;
  record.protocol = packet.protocol;
  record.subject = subject;
  record.a = packet.a;
  record.b = packet.b;
  record.c = packet.c;
  record.d = packet.d;
  record.mark = packet.mark;
  record.inDevice = packet.inDevice;
  record.outDevice = packet.outDevice;
  record.bytes = bytes;
  record.linkBytes = link;
  record.owned = hasOwner(packet) ? 1 : 0;
  record.uid = owner.uid;
  record.gid = owner.gid;
  const to = changetype<usize>(record) + offsetof<LogRecord>();
  memory.copy(to, packet.l3, bytes);
  memory.copy(to + bytes, packet.data, link);
  return record;
}

/** Logs why a packet is invalid or ignored, if nf_conntrack_log_invalid asks for its protocol. */
// @ts-ignore: decorator
@inline
export function logReason(packet: Packet): void {
  if (packet.reason != Reason.NONE && sysctl(Sysctl.LOG_INVALID)) logAnyReason(packet);
}

function logAnyReason(packet: Packet): void {
  // Whatever is refused before has no transport header, and tracking has no part in it.
  if (<u32>packet.reason < <u32>Reason.TCP_SHORT) return;
  const protocols = sysctl(Sysctl.LOG_INVALID);
  if (protocols != ALL_PROTOCOLS && protocols != packet.protocol) return;
  logPacket(LogKind.INVALID, packet.reason, packet, u32.MAX_VALUE);
}

/** Logs that a helper refuses the packet of a row, in words that TypeScript keeps under a number. */
export function logHelperDrop(row: u32, words: u32): void {
  logPacket(LogKind.HELPER, words, changetype<Packet>(row), u32.MAX_VALUE);
}

function logMessage(kind: LogKind, a: u32): void {
  const record = nextPlace(<u32>offsetof<LogRecord>());
  if (!record) return;
  record.kind = <u8>kind;
  record.a = a;
}

/** Linux's limit for messages that packets can cause: so many in so many milliseconds. */
const BURST: u32 = 10;
const INTERVAL: f64 = 5000;


@unmanaged
class Limit {
  begin: f64;
  begun: u32;
  told: u32;
  suppressed: u32;
}

const limit = changetype<Limit>(memory.data(offsetof<Limit>(), 8));

/** A message that goes to the log whatever nf_conntrack_log_invalid says, but not too often. */
export function warn(kind: LogKind): void {
  const ended = limit.begun && nowMs() - limit.begin > INTERVAL;
  if (ended && limit.suppressed) logMessage(LogKind.SUPPRESSED, limit.suppressed);
  if (ended || !limit.begun) {
    limit.begun = 1;
    limit.begin = nowMs();
    limit.told = 0;
    limit.suppressed = 0;
  }
  if (limit.told == BURST) {
    limit.suppressed++;
    return;
  }
  limit.told++;
  logMessage(kind, 0);
}

/** Address of the oldest record, 0 for none. */
export function firstLogRecord(): u32 {
  if (!ring.records) return 0;
  if (ring.head == CAPACITY || !load<u32>(ring.start + ring.head, offsetof<LogRecord>("size"))) ring.head = 0;
  return ring.start + ring.head;
}

export function dropFirstLogRecord(): void {
  const first = firstLogRecord();
  if (!first) return;
  ring.head += changetype<LogRecord>(first).size;
  ring.records--;
}

/** Entries lost since the last call. */
export function takeLostLogRecords(): u32 {
  const lost = ring.lost;
  ring.lost = 0;
  return lost;
}
