/** `-m connlimit`: how many connections an address has. */
import { Packet, Stage } from "../../layout";
import { ConnlimitRecord } from "../../shared/counting-records";
import { MatchRecord } from "../../shared/match-record";
import { key, writeAddress } from "../memory/address-key";
import { zoneOfPacket } from "../memory/connection";
import { countConnections, createConnections } from "../memory/connections";
import { outcome, Outcome } from "../outcome";
import { saw } from "../seen";
import { ICMP_HEADER } from "../../wire/header-size";

export function matchConnlimit(at: usize, packet: Packet): Outcome {
  // A packet without a tuple cannot be told apart from others.
  if (packet.stage == Stage.REFUSED || isShortIcmp(packet)) return Outcome.DROPS;
  if (!load<u32>(at, ConnlimitRecord.CONNECTIONS))
    store<u32>(at, createConnections(), ConnlimitRecord.CONNECTIONS);
  const connections = load<u32>(at, ConnlimitRecord.CONNECTIONS);
  if (!connections) return Outcome.DROPS;
  const destination = load<u8>(at, ConnlimitRecord.DESTINATION) != 0;
  writeAddress(key, packet, destination, at + ConnlimitRecord.MASK);
  store<u64>(key, <u64>zoneOfPacket(packet), 16);
  const count = countConnections(connections, key, packet);
  if (!count) return Outcome.DROPS;
  saw(count, 0);
  const above = count > load<u32>(at, ConnlimitRecord.LIMIT);
  return outcome(above != (load<u8>(at, MatchRecord.INVERTED) != 0));
}

function isShortIcmp(packet: Packet): bool {
  return !packet.flow && packet.stage == Stage.ICMP && packet.l4Captured < ICMP_HEADER;
}
