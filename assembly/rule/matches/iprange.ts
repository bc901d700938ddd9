/** `-m iprange`: addresses between two others. */
import { Packet } from "../../layout";
import { IprangeRecord } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { Family } from "../../shared/protocol";
import { be32 } from "../../wire/bytes";
import { outcome, Outcome } from "../outcome";

export function matchIprange(at: usize, packet: Packet): Outcome {
  const checks = <u32>load<u8>(at, IprangeRecord.CHECKS);
  const inverted = <u32>load<u8>(at, MatchRecord.INVERTED);
  const l3 = <usize>packet.l3;
  const six = packet.family == Family.IPV6;
  if (checks & 1) {
    if (isBetween(at + IprangeRecord.SOURCE, six, l3 + (six ? 8 : 12)) == ((inverted & 1) != 0)) {
      return Outcome.FAILS;
    }
  }
  if (!(checks & 2)) return Outcome.HOLDS;
  return outcome(
    isBetween(at + IprangeRecord.DESTINATION, six, l3 + (six ? 24 : 16)) != ((inverted & 2) != 0),
  );
}

function isBetween(range: usize, six: bool, address: usize): bool {
  if (!six) {
    const value = <u64>be32(address);
    return value >= load<u64>(range, 8) && value <= load<u64>(range, 24);
  }
  const upper = bswap<u64>(load<u64>(address));
  const lower = bswap<u64>(load<u64>(address, 8));
  const min = load<u64>(range);
  const max = load<u64>(range, 16);
  if (upper < min || (upper == min && lower < load<u64>(range, 8))) return false;
  return upper < max || (upper == max && lower <= load<u64>(range, 24));
}
