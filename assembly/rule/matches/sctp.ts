/** `-m sctp`: ports and chunks (RFC 9260). */
import { Packet } from "../../layout";
import { ChunkRule, PortCheck, SctpRecord } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { be16 } from "../../wire/bytes";
import { outcome, Outcome } from "../outcome";
import { portsHold } from "./ports";
import { SCTP_HEADER } from "../../wire/header-size";
import { CHUNK_HEADER } from "../../wire/sctp";

/** Chunk types that have not been seen yet, of a rule that wants all of its. */
const missing: usize = memory.data(32, 16);

export function matchSctp(at: usize, packet: Packet): Outcome {
  if (packet.l4Captured < SCTP_HEADER) return Outcome.DROPS;
  if (!portsHold(at, packet.l4)) return Outcome.FAILS;
  const rule = <u32>load<u8>(at, SctpRecord.RULE);
  if (rule == ChunkRule.NONE) return Outcome.HOLDS;
  const found = chunksHold(at, packet, rule);
  const inverted = (load<u8>(at, MatchRecord.INVERTED) & PortCheck.FLAGS) != 0;
  // Chunks that cannot be read are not those of the rule, either.
  if (found == Outcome.DROPS) return inverted ? Outcome.DOOMS : found;
  return outcome((found == Outcome.HOLDS) != inverted);
}

function chunksHold(at: usize, packet: Packet, rule: u32): Outcome {
  if (rule == ChunkRule.ALL) memory.copy(missing, at + SctpRecord.TYPES, 32);
  let offset = SCTP_HEADER;
  do {
    if (offset + CHUNK_HEADER > packet.l4Captured) return Outcome.DROPS;
    const chunk = packet.l4 + offset;
    const length = be16(chunk + 2);
    if (!length) return Outcome.DROPS;
    offset += (length + 3) & ~3;
    const type = <u32>load<u8>(chunk);
    const wanted = hasBit(at + SctpRecord.TYPES, type) && flagsHold(at, type, load<u8>(chunk, 1));
    if (rule == ChunkRule.ANY && wanted) return Outcome.HOLDS;
    if (rule == ChunkRule.ONLY && !wanted) return Outcome.FAILS;
    if (rule == ChunkRule.ALL && wanted) clearBit(missing, type);
  } while (offset < packet.l4Length);
  if (rule == ChunkRule.ALL)
    return outcome(!v128.any_true(v128.or(v128.load(missing), v128.load(missing, 16))));
  return outcome(rule == ChunkRule.ONLY);
}

/** A type without an entry may have any flags. */
function flagsHold(at: usize, type: u32, flags: u32): bool {
  let entry = at + SctpRecord.FLAGS;
  const end = entry + <usize>load<u8>(at, SctpRecord.FLAG_COUNT) * SctpRecord.FLAG_SIZE;
  for (; entry < end; entry += SctpRecord.FLAG_SIZE) {
    if (load<u8>(entry) == type) return (flags & load<u8>(entry, 1)) == load<u8>(entry, 2);
  }
  return true;
}

function hasBit(at: usize, bit: u32): bool {
  return ((load<u8>(at + (bit >>> 3)) >>> (bit & 7)) & 1) != 0;
}

function clearBit(at: usize, bit: u32): void {
  store<u8>(at + (bit >>> 3), <u8>((<u32>load<u8>(at + (bit >>> 3))) & ~(1 << (bit & 7))));
}
