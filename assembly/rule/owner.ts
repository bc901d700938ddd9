/** Who sends what this machine sends: said before each call of a batch, whose packets all have the same sender. */

@unmanaged
export class Owner {
  uid: u32;
  gid: u32;
}

export const owner = changetype<Owner>(memory.data(offsetof<Owner>(), 4));

export function setOwner(uid: u32, gid: u32): void {
  owner.uid = uid;
  owner.gid = gid;
}
