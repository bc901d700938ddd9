/**
 * Everything that lies in linear memory, field by field. TypeScript learns sizes and offsets from the exported
 * globals of layout-exports.ts, never from copies of its own.
 *
 *   blocks of 64 KiB (arena.ts)
 *     batch      rows (PacketRow x capacity), then packet bytes
 *     extent     header | hints u32 x slots | counters (accounted kinds only) | flows
 *     index      chunks of 64 bytes, a power of two of them
 *     events     ring of Event
 *
 * Addresses and 16-bit fields of tuples stay in network byte order, as they lie in the packet: tuples are
 * compared and hashed, not calculated with.
 */

/** One packet on its way through the engine: what JavaScript says of it, what is read from it, what comes out. */
@unmanaged
export class Packet {
  // --- in: written by JavaScript
  /** Milliseconds on the caller's clock. */
  time: f64;
  /** Address of the first byte. */
  data: u32;
  /** Bytes captured, and bytes the packet had on the wire. */
  length: u32;
  wireLength: u32;
  link: u16;
  /** Where the packet enters: PREROUTING or OUTPUT. */
  hook: u8;
  /** 1: a new flow enters the table with this packet; 0: it is judged and forgotten. */
  confirm: u8;

  // --- out: read by JavaScript
  ctState: u8;
  direction: u8;
  verdict: u8;
  reason: u8;
  /** Address of the flow or 0, and the generation of its slot. */
  flow: u32;
  generation: u32;
  /** Numbers that go with the reason. */
  a: u32;
  b: u32;
  c: u32;
  d: u32;

  // --- work
  hash: u64;
  /** The packet's tuple; IPv6 addresses stand at the end. */
  address: u64;
  ports: u32;
  protocol: u8;
  family: u8;
  /** What is left to do with the packet. */
  stage: u8;
  /** 1: the capture cut the packet, checksums cannot be verified. */
  cut: u8;
  /** Network layer and transport layer: addresses, bytes by the IP header, bytes captured. */
  l3: u32;
  l3Length: u32;
  l4: u32;
  l4Length: u32;
  l4Captured: u32;
  now: u32;
  candidate: u32;
  /** EventBit set of what this packet changed. */
  changes: u16;
  zone: u16;
  /** IPv6 source and destination. */
  src0: u64;
  src1: u64;
  dst0: u64;
  dst1: u64;

  // --- with rules: what JavaScript says
  /** Number of the device that the packet arrives on (device.ts), 0 when this machine sends it. */
  inDevice: u16;
  // --- with rules: what comes out
  /** Number of the device that it leaves by, 0 for none. */
  outDevice: u16;
  /** The packet's own mark (nfmark), which rules set and see. */
  mark: u32;
  /** Number of the rule that decided (rule/program.ts), 0 for none. */
  rule: u32;
  /** Bit n: has entered hook n. */
  path: u8;
  // --- with rules: work
  /** The hook that it is in. */
  at: u8;
  /** PacketFlag set. */
  flags: u8;
  /** The table whose rule or policy decided, and above it the hook (traverse.ts). */
  table: u8;
  /** The mark that it had when it entered the hook, or was tracked in it: what is told of a packet dropped there. */
  seenMark: u32;
  /** What `-j CT` gave it: address of the target's record in the rule program, 0 = none. */
  template: u32;
  /** Zones that `-j CT --zone` gave it, for the original and the reply direction. */
  originalZone: u16;
  replyZone: u16;
  /** What `-j CLASSIFY` gave it for the queues: major << 16 | minor. */
  priority: u32;
}

/** Bits of Packet.flags. */
export enum PacketFlag {
  /** A rule has said NOTRACK. */
  NOTRACK = 1,
  /** Every rule that it meets is told of (`-j TRACE`, or asked for with the packet). */
  TRACE = 2,
  /** Its bytes have been changed since it came. */
  CHANGED = 4,
  /** It answers a packet that is UNTRACKED, but is tracked itself, whatever rules say. */
  ANSWER = 8,
  /** It is an answer, which no process of the machine has sent. */
  GENERATED = 16,
  /** What each rule that it meets finds of it is written down (rule/journal.ts). */
  EXPLAINED = 32,
}

/** INVALID, ACCEPT, no reason, no flow, nothing changed, zone 0: all zero, and written many bytes at a time. */
// @ts-ignore: decorator
@inline
export function clearOutcome(packet: Packet): void {
  const at = changetype<usize>(packet);
  const zero = i64x2.splat(0);
  v128.store(at, zero, offsetof<Packet>("ctState"));
  v128.store(at, zero, offsetof<Packet>("ctState") + 16);
  store<u64>(at, 0, offsetof<Packet>("candidate"));
}

if (offsetof<Packet>("flow") != offsetof<Packet>("ctState") + 4) ERROR("clearOutcome");
if (offsetof<Packet>("d") != offsetof<Packet>("a") + 12) ERROR("clearOutcome");
if (offsetof<Packet>("zone") != offsetof<Packet>("candidate") + 6) ERROR("clearOutcome");

/** How far a packet has come. */
export enum Stage {
  /** Judged already; nothing left to do. */
  REFUSED = 0,
  /** Has a tuple and its hash. */
  TUPLE = 1,
  /** An ICMP or ICMPv6 message without a tuple of its own: an error, or too short to tell. */
  ICMP = 2,
  /** An ICMP or ICMPv6 message with a tuple, to be checked before it is looked up. */
  ICMP_QUERY = 3,
  /** A GRE packet with a tuple, whose source key is looked up once more before it is. */
  GRE = 4,
  /** What REJECT sends: belongs to a flow without being tracked. */
  ANSWER = 5,
  /** Tracked, and waiting for its flow's helper: the flow is in the table, or would enter it with this packet. */
  PAUSED_KNOWN = 6,
  PAUSED_NEW = 7,
}

/** Bits of Flow.kind. */
export enum Kind {
  IPV6 = 1,
  /** The slot has counters. */
  COUNTERS = 2,
  /** The slot has NatLinks. */
  NAT = 4,
  /** The flow's zone counts for its original or for its reply tuple only. Not part of what kind of slot it is. */
  ZONE_ORIGINAL = 8,
  ZONE_REPLY = 16,
  /** Lowest of three bits: see masqueradeDevice() in source-index.ts. */
  MASQUERADE = 32,
}

/** Flows of one kind of slot are interchangeable. */
export const SLOT_KIND: u32 = Kind.IPV6 | Kind.COUNTERS | Kind.NAT;
/** The flow's tuples lie in different zones. */
export const ONE_WAY_ZONE: u32 = Kind.ZONE_ORIGINAL | Kind.ZONE_REPLY;

/**
 * A tracked connection: both tuples, timer, status. A tracker's own words follow from byte 44 on, declared by
 * the tracker as a subclass; IPv6 addresses follow at FLOW4_SIZE.
 */
@unmanaged
export class Flow {
  /** tuple[ORIGINAL] and tuple[REPLY]: source | destination << 32 (IPv4), source port | destination port << 16. */
  originalAddress: u64;
  originalPorts: u32;
  replyPorts: u32;
  replyAddress: u64;
  status: u16;
  protocol: u8;
  /** Kind bits of the slot. */
  kind: u8;
  zone: u16;
  /** Counts the slot's occupants, so that a stale view is noticed. */
  generation: u16;
  /** Tick at which the flow ends. */
  deadline: u32;
  mark: u32;
  /** Address of the flow's Extension, 0 = none (flow-extension.ts). */
  extension: u32;
}

/** Bytes of an IPv4 flow; addresses of flows are multiples of 32, which leaves an index entry five bits. */
export const FLOW4_SIZE: u32 = 96;

/** The IPv6 addresses of a flow, at FLOW4_SIZE. */
@unmanaged
export class Flow6 {
  originalSrc0: u64;
  originalSrc1: u64;
  originalDst0: u64;
  originalDst1: u64;
  replySrc0: u64;
  replySrc1: u64;
  replyDst0: u64;
  replyDst1: u64;
}

export const FLOW6_SIZE: u32 = FLOW4_SIZE + 64;
if (offsetof<Flow6>() != 64) ERROR("Flow6");

/** Per direction, 48 bits of packets and of bytes each: only in extents of a COUNTERS kind. */
export const COUNTERS_SIZE: u32 = 24;

/**
 * What a flow has beside it that NAT may translate: only in extents of a NAT kind, so that flows pay for NAT only where
 * there is any. See source-index.ts.
 */
@unmanaged
export class NatLinks {
  /** Neighbours among the flows of one source, newest first. */
  nextOfSource: u32;
  previousOfSource: u32;
  /** The newest flow of the next source in the bucket: only of a flow that is the newest of its own. */
  nextSource: u32;
  /** Device by which the flow leaves masqueraded, 0 = none. */
  masqueradeDevice: u16;
  /** 1: the flow stands in the source index. */
  indexed: u16;
}

export const NAT_LINKS_SIZE: u32 = 16;
if (offsetof<NatLinks>() != NAT_LINKS_SIZE) ERROR("NatLinks");
