/**
 * Long chains: which rules can match a packet at all is found by a search in each dimension, so that thousands of rules
 * about other addresses, ports and devices cost nothing. Candidates are then asked in their order, in full: a classifier may
 * name too many, never too few. The layout stands in shared/classifier-record.ts.
 */
import { Packet, PacketFlag, Stage } from "../layout";
import { ClassifierRecord, Dimension, DimensionRecord } from "../shared/classifier-record";
import { Family, Protocol } from "../shared/protocol";
import { be16, be32 } from "../wire/bytes";
import { inNameOf, outNameOf } from "./checks";

/** Bytes of header that matches of ports want: a packet that has fewer is dropped by the first that sees it. */
function portsReadable(packet: Packet): bool {
  switch (<u32>packet.protocol) {
    case Protocol.TCP:
      return packet.l4Captured >= 20;
    case Protocol.UDP:
    case Protocol.UDPLITE:
      return packet.l4Captured >= 8;
    case Protocol.SCTP:
    case Protocol.DCCP:
      return packet.l4Captured >= 12;
    default:
      return true;
  }
}

function hasPorts(packet: Packet): bool {
  const protocol = <u32>packet.protocol;
  return (
    protocol == Protocol.TCP ||
    protocol == Protocol.UDP ||
    protocol == Protocol.UDPLITE ||
    protocol == Protocol.SCTP ||
    protocol == Protocol.DCCP
  );
}

/** The first candidate, 0 for none. */
export function firstCandidate(classifier: usize, packet: Packet): u32 {
  const words = load<u32>(classifier, ClassifierRecord.SUMMARY_WORDS);
  const left = <usize>load<u32>(classifier, ClassifierRecord.LEFT);
  // Whoever asks for an explanation wants to know of the others, too.
  const explained = (packet.flags & PacketFlag.EXPLAINED) != 0;
  const everything = explained || packet.stage == Stage.REFUSED || !portsReadable(packet);
  store<u32>(classifier, <u32>everything, ClassifierRecord.EVERYTHING);
  memory.fill(left, 0xff, (<usize>words) << 3);
  if (!everything) {
    let dimension = <usize>load<u32>(classifier, ClassifierRecord.DIMENSIONS);
    for (let n = load<u32>(classifier, ClassifierRecord.DIMENSION_COUNT); n; n--) {
      narrow(dimension, packet, left, words);
      dimension += DimensionRecord.SIZE;
    }
  }
  store<u64>(classifier, 0, ClassifierRecord.BITS);
  return nextCandidate(classifier);
}

/** Finds the packet's row in a dimension, and leaves the words that can be other than zero there. */
function narrow(dimension: usize, packet: Packet, left: usize, words: u32): void {
  const row = rowFor(dimension, packet);
  store<u32>(dimension, row, DimensionRecord.ROW);
  const any = load<u32>(dimension, DimensionRecord.ANY_SUMMARY);
  for (let i: u32 = 0; i < words; i++) {
    const at = i << 3;
    const some = load<u64>(row + at) | load<u64>(any + at);
    store<u64>(left + at, load<u64>(left + at) & some);
  }
}

function rowFor(dimension: usize, packet: Packet): u32 {
  const rows = load<u32>(dimension, DimensionRecord.ROWS);
  const kind = load<u32>(dimension, DimensionRecord.KIND);
  const l3 = <usize>packet.l3;
  let class_: u32 = 0;
  switch (kind) {
    case Dimension.SOURCE:
    case Dimension.DESTINATION:
      if (packet.family == Family.IPV6) {
        class_ = search128(dimension, l3 + (kind == Dimension.SOURCE ? 8 : 24));
      } else {
        class_ = search(dimension, be32(l3 + (kind == Dimension.SOURCE ? 12 : 16)));
      }
      break;
    case Dimension.PROTOCOL:
      class_ = search(dimension, packet.protocol);
      break;
    case Dimension.IN:
      class_ = search128(dimension, inNameOf(packet));
      break;
    case Dimension.OUT:
      class_ = search128(dimension, outNameOf(packet));
      break;
    default:
      // Before the first boundary are the rules that ask for no port: there is always one at 0.
      if (hasPorts(packet)) {
        class_ = search(dimension, be16(packet.l4 + (kind == Dimension.SOURCE_PORT ? 0 : 2)));
      }
  }
  return load<u32>(rows + (class_ << 2));
}

/** How many boundaries are not above a value. */
function search(dimension: usize, value: u32): u32 {
  let at = <usize>load<u32>(dimension, DimensionRecord.BOUNDARIES);
  const start = at;
  let count = load<u32>(dimension, DimensionRecord.BOUNDARY_COUNT);
  // Without a branch that depends on the value: it could not be predicted.
  while (count > 1) {
    const half = count >>> 1;
    at = select<usize>(at + ((<usize>half) << 2), at, load<u32>(at + ((<usize>half) << 2)) <= value);
    count -= half;
  }
  return <u32>((at - start) >>> 2) + <u32>(count == 1 && load<u32>(at) <= value);
}

/** The same for 16 bytes in network order. */
function search128(dimension: usize, address: usize): u32 {
  const upper = bswap<u64>(load<u64>(address));
  const lower = bswap<u64>(load<u64>(address, 8));
  const start = <usize>load<u32>(dimension, DimensionRecord.BOUNDARIES);
  let at = start;
  let count = load<u32>(dimension, DimensionRecord.BOUNDARY_COUNT);
  while (count > 1) {
    const half = count >>> 1;
    const middle = at + ((<usize>half) << 4);
    if (notAbove(middle, upper, lower)) at = middle;
    count -= half;
  }
  return <u32>((at - start) >>> 4) + <u32>(count == 1 && notAbove(at, upper, lower));
}

// @ts-ignore: decorator
@inline
function notAbove(boundary: usize, upper: u64, lower: u64): bool {
  const high = load<u64>(boundary);
  return high < upper || (high == upper && load<u64>(boundary, 8) <= lower);
}

/** The candidate after the last one, 0 for none. */
export function nextCandidate(classifier: usize): u32 {
  let bits = load<u64>(classifier, ClassifierRecord.BITS);
  if (!bits) {
    bits = nextWord(classifier);
    if (!bits) return 0;
  }
  store<u64>(classifier, bits & (bits - 1), ClassifierRecord.BITS);
  const number = (load<u32>(classifier, ClassifierRecord.WORD) << 6) + <u32>ctz(bits);
  return load<u32>(load<u32>(classifier, ClassifierRecord.RULES) + (number << 2));
}

/** Candidates of the next word that has any, which becomes the current one; 0 when there is none. */
function nextWord(classifier: usize): u64 {
  const left = <usize>load<u32>(classifier, ClassifierRecord.LEFT);
  const words = load<u32>(classifier, ClassifierRecord.SUMMARY_WORDS);
  const last = load<u32>(classifier, ClassifierRecord.WORDS);
  for (let i: u32 = 0; i < words; i++) {
    let some = load<u64>(left + (i << 3));
    while (some) {
      const word = (i << 6) + <u32>ctz(some);
      some &= some - 1;
      store<u64>(left + (i << 3), some);
      if (word >= last) return 0;
      const bits = candidatesIn(classifier, word);
      if (!bits) continue;
      store<u32>(classifier, word, ClassifierRecord.WORD);
      return bits;
    }
  }
  return 0;
}

function candidatesIn(classifier: usize, word: u32): u64 {
  let bits: u64 = u64.MAX_VALUE;
  let dimension = <usize>load<u32>(classifier, ClassifierRecord.DIMENSIONS);
  if (load<u32>(classifier, ClassifierRecord.EVERYTHING)) return load<u64>(allOf(classifier) + (word << 3));
  for (let n = load<u32>(classifier, ClassifierRecord.DIMENSION_COUNT); n && bits; n--) {
    const any = load<u64>(load<u32>(dimension, DimensionRecord.ANY) + (word << 3));
    bits &= any | wordOf(load<u32>(dimension, DimensionRecord.ROW), word, classifier);
    dimension += DimensionRecord.SIZE;
  }
  return bits;
}

/** All rules' bits stand behind the summary of what is left. */
// @ts-ignore: decorator
@inline
function allOf(classifier: usize): usize {
  const words = <usize>load<u32>(classifier, ClassifierRecord.SUMMARY_WORDS);
  return <usize>load<u32>(classifier, ClassifierRecord.LEFT) + (words << 3);
}

/** Word number `word` of a row, which has only those that are not zero. */
function wordOf(row: usize, word: u32, classifier: usize): u64 {
  const mine = word >>> 6;
  const summary = load<u64>(row + (mine << 3));
  if (!((summary >>> (word & 63)) & 1)) return 0;
  let before = popcnt(summary & (((<u64>1) << (word & 63)) - 1));
  for (let i: u32 = 0; i < mine; i++) before += popcnt(load<u64>(row + (i << 3)));
  const words = <u64>load<u32>(classifier, ClassifierRecord.SUMMARY_WORDS);
  return load<u64>(row + <usize>((words + before) << 3));
}
