/** Who sends what this machine sends: said before each call of a batch, whose packets all have the same sender. */
import { Packet, PacketFlag } from "./layout";
import { Hook } from "./shared/ct-state";
import { MAX_GROUPS } from "./shared/header-records";


@unmanaged
export class Owner {
  uid: u32;
  gid: u32;
  /** How many supplementary groups there are. */
  groupCount: u32;
}

export const owner = changetype<Owner>(memory.data(offsetof<Owner>(), 4));

const groups: usize = memory.data(4 * MAX_GROUPS, 4);

/** Returns where JavaScript writes the supplementary groups, at most MAX_GROUPS. */
export function setOwner(uid: u32, gid: u32, groupCount: u32): u32 {
  owner.uid = uid;
  owner.gid = gid;
  owner.groupCount = min(groupCount, MAX_GROUPS);
  return <u32>groups;
}

/** Whether a process of this machine sends the packet: answers come from the kernel, and on lo it changes hands. */
export function hasOwner(packet: Packet): bool {
  const leaves = packet.at == Hook.OUTPUT || packet.at == Hook.POSTROUTING;
  return packet.hook == Hook.OUTPUT && leaves && !(packet.flags & PacketFlag.GENERATED);
}

/** Whether one of them lies between two, both included. */
export function isInGroup(first: u32, last: u32): bool {
  for (let i: u32 = 0; i < owner.groupCount; i++) {
    const group = load<u32>(groups + (i << 2));
    if (group >= first && group <= last) return true;
  }
  return false;
}
