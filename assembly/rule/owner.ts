/** Who sends what this machine sends: said before each call of a batch, whose packets all have the same sender. */
import { MAX_GROUPS } from "../shared/header-records";


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

/** Whether one of them lies between two, both included. */
export function isInGroup(first: u32, last: u32): bool {
  for (let i: u32 = 0; i < owner.groupCount; i++) {
    const group = load<u32>(groups + (i << 2));
    if (group >= first && group <= last) return true;
  }
  return false;
}
