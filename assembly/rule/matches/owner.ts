/** `-m owner`: the user and group that a packet of this machine's comes from. */
import { Packet, PacketFlag } from "../../layout";
import { isInGroup, owner } from "../../owner";
import { Hook } from "../../shared/ct-state";
import { OwnerCheck, OwnerRecord } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { Protocol } from "../../shared/protocol";
import { outcome, Outcome } from "../outcome";

const IDS: u32 = OwnerCheck.UID | OwnerCheck.GID;

export function matchOwner(at: usize, packet: Packet): Outcome {
  const flags = <u32>load<u8>(at, OwnerRecord.CHECKS);
  const checks = flags & ~OwnerCheck.GROUPS;
  const inverted = <u32>load<u8>(at, MatchRecord.INVERTED);
  if (!hasSocket(packet)) return outcome(checks == inverted);
  if (inverted & OwnerCheck.SOCKET) return Outcome.FAILS;
  // The kernel's own socket belongs to nobody.
  if (packet.flags & PacketFlag.GENERATED) return outcome(((checks ^ inverted) & IDS) == 0);
  if (!holds(owner.uid, at + OwnerRecord.UID_MIN, checks, inverted, OwnerCheck.UID)) return Outcome.FAILS;
  if (holds(owner.gid, at + OwnerRecord.GID_MIN, checks, inverted, OwnerCheck.GID)) {
    if (!(inverted & OwnerCheck.GID) || !(flags & OwnerCheck.GROUPS)) return Outcome.HOLDS;
    return outcome(!isInGroupOf(at));
  }
  return outcome((flags & OwnerCheck.GROUPS) != 0 && !(inverted & OwnerCheck.GID) && isInGroupOf(at));
}

function isInGroupOf(at: usize): bool {
  return isInGroup(load<u32>(at, OwnerRecord.GID_MIN), load<u32>(at, OwnerRecord.GID_MAX));
}

/** ICMP errors are sent by a socket of the kernel's, resets by none. */
function hasSocket(packet: Packet): bool {
  return (
    packet.hook == Hook.OUTPUT && !(packet.flags & PacketFlag.GENERATED && packet.protocol == Protocol.TCP)
  );
}

function holds(id: u32, range: usize, checks: u32, inverted: u32, check: OwnerCheck): bool {
  if (!(checks & check)) return true;
  const within = id >= load<u32>(range) && id <= load<u32>(range, 4);
  return within != ((inverted & check) != 0);
}
