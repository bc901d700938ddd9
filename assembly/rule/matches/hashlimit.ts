/** `-m hashlimit`: a rate for each source, destination, port, or combination of them. */
import { Packet } from "../../layout";
import { HashlimitKey, HashlimitRecord } from "../../shared/counting-records";
import { MatchRecord } from "../../shared/match-record";
import { Protocol } from "../../shared/protocol";
import { Reason } from "../../shared/reason";
import { BYTE_CREDITS } from "../../shared/ticks";
import { key, writeAddress } from "../memory/address-key";
import { Bucket, bucketFor, HashlimitTable } from "../memory/hashlimit-table";
import { outcome, Outcome } from "../outcome";
import { saw } from "../seen";

const PORTS: u32 = HashlimitKey.SOURCE_PORT | HashlimitKey.DESTINATION_PORT;
const CHUNK_SHIFT: u32 = 4;
/** Where AH has its SPI (RFC 4302); ESP begins with it. */
const AH_SPI: u32 = 4;

export function matchHashlimit(at: usize, packet: Packet): Outcome {
  const table = changetype<HashlimitTable>(load<u32>(at, HashlimitRecord.TABLE));
  if (!writeKey(table, packet)) return Outcome.DROPS;
  const bucket = bucketFor(table, key, packet);
  if (!bucket) return Outcome.DROPS;
  const cost = table.mode & HashlimitKey.BYTES ? byteCost(table, bucket, packet.l3Length) : table.cost;
  const enough = bucket.credit >= cost;
  saw(bucket.credit, cost);
  if (enough) bucket.credit -= cost;
  return outcome(enough != (load<u8>(at, MatchRecord.INVERTED) != 0));
}

/** As long as the burst lasts, an empty bucket is filled at once. */
function byteCost(table: HashlimitTable, bucket: Bucket, bytes: u32): u64 {
  const cost = min(<u64>((bytes >>> CHUNK_SHIFT) + 1) * table.cost, BYTE_CREDITS);
  if (bucket.credit < cost && bucket.cap) {
    bucket.cap--;
    bucket.credit = BYTE_CREDITS;
  }
  return cost;
}

/** False: the packet claims to have ports and is too short for them, or its headers lead to nothing. */
function writeKey(table: HashlimitTable, packet: Packet): bool {
  const at = changetype<usize>(table);
  memory.fill(key, 0, 40);
  if (table.mode & HashlimitKey.SOURCE) {
    writeAddress(key, packet, false, at + offsetof<HashlimitTable>("sourceMask0"));
  }
  if (table.mode & HashlimitKey.DESTINATION) {
    writeAddress(key + 16, packet, true, at + offsetof<HashlimitTable>("destinationMask0"));
  }
  if (!(table.mode & PORTS)) return true;
  if (packet.reason == Reason.IPV6_HEADERS) return false;
  if (!hasPorts(packet.protocol)) return true;
  const from: u32 = packet.protocol == Protocol.AH ? AH_SPI : 0;
  if (packet.l4Captured < from + 4) return false;
  const ports = packet.l4 + from;
  if (table.mode & HashlimitKey.SOURCE_PORT) store<u16>(key, load<u16>(ports), 32);
  if (table.mode & HashlimitKey.DESTINATION_PORT) store<u16>(key, load<u16>(ports, 2), 34);
  return true;
}

/** ESP and AH have an SPI, which Linux takes for ports. */
function hasPorts(protocol: u32): bool {
  return (
    protocol == Protocol.TCP ||
    protocol == Protocol.UDP ||
    protocol == Protocol.UDPLITE ||
    protocol == Protocol.SCTP ||
    protocol == Protocol.DCCP ||
    protocol == Protocol.ESP ||
    protocol == Protocol.AH
  );
}
