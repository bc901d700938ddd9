import { NatFlag } from "../../../../assembly/shared/nat.js";
import { RuleAction } from "../../../../assembly/shared/rule-record.js";
import { NatRecord, TargetKind } from "../../../../assembly/shared/target-record.js";
import type { Target } from "../../targets/index.js";
import type { NatTarget } from "../../targets/nat.js";
import type { NetmapTarget } from "../../targets/netmap.js";
import type { EncodeContext } from "../context.js";
import { targetRecord } from "../record.js";

const OWN_ADDRESS: { readonly [name in NatTarget["name"]]: number } = {
  SNAT: 0,
  DNAT: 0,
  MASQUERADE: NatFlag.MASQUERADE,
  REDIRECT: NatFlag.REDIRECT,
};

export function encodeNat(target: NatTarget, { image }: EncodeContext): RuleAction {
  const { addresses, ports, basePort } = target;
  const at = targetRecord(image, TargetKind.NAT, NatRecord.SIZE);
  let flags = OWN_ADDRESS[target.name];
  if (addresses) {
    flags |= NatFlag.ADDRESSES;
    image.bytes(at + NatRecord.MIN_ADDRESS, addresses.min);
    image.bytes(at + NatRecord.MAX_ADDRESS, addresses.max);
  }
  if (ports) {
    flags |= NatFlag.PORTS;
    image.u16(at + NatRecord.MIN_PORT, ports.min);
    image.u16(at + NatRecord.MAX_PORT, ports.max);
  }
  if (basePort !== undefined) {
    flags |= NatFlag.OFFSET;
    image.u16(at + NatRecord.BASE_PORT, basePort);
  }
  if (target.random || target.randomFully) flags |= NatFlag.RANDOM;
  if (target.persistent) flags |= NatFlag.PERSISTENT;
  image.u32(at + NatRecord.FLAGS, flags);
  return RuleAction.NAT;
}

/** Whether a source gets one of several addresses. */
export function choosesSource(target: Target | undefined): boolean {
  if (target?.name !== "SNAT" || !target.addresses) return false;
  const { min, max } = target.addresses;
  return min.some((byte, i) => byte !== max[i]);
}

/** The range is the network: what its ends have in common replaces the packet's bits. */
export function encodeNetmap({ to }: NetmapTarget, { image }: EncodeContext): RuleAction {
  const at = targetRecord(image, TargetKind.NAT, NatRecord.SIZE);
  const bits = (i: number) => to.mask[i] ?? 0;
  image.bytes(
    at + NatRecord.MIN_ADDRESS,
    to.address.map((byte, i) => byte & bits(i)),
  );
  image.bytes(
    at + NatRecord.MAX_ADDRESS,
    to.address.map((byte, i) => byte | (~bits(i) & 0xff)),
  );
  image.u32(at + NatRecord.FLAGS, NatFlag.NETMAP);
  return RuleAction.NAT;
}
