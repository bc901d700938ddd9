/** The conditions that a rule has before its matches: addresses, devices, protocol, fragment. */
import { deviceAt } from "../device";
import { Packet } from "../layout";
import { Hook } from "../shared/ct-state";
import { Family } from "../shared/protocol";
import { Reason } from "../shared/reason";
import { RuleCheck, RuleRecord } from "../shared/rule-record";
import { CUT } from "../wire/ipv6";
import { outcome, Outcome } from "./outcome";

/** Network order; IPv4 as the header has it. */
const FRAGMENT_OFFSET: u32 = 0xff1f;

const ADDRESSES: u32 = RuleCheck.SOURCE | RuleCheck.DESTINATION;
const DEVICES: u32 = RuleCheck.IN | RuleCheck.OUT;

// @ts-ignore: decorator
@inline
export function checksHold(rule: usize, packet: Packet): Outcome {
  const checks = <u32>load<u8>(rule, RuleRecord.CHECKS);
  return checks ? allHold(rule, packet, checks) : Outcome.HOLDS;
}

function allHold(rule: usize, packet: Packet, checks: u32): Outcome {
  const inverted = <u32>load<u8>(rule, RuleRecord.INVERTED);
  if (!addressesHold(rule, packet, checks, inverted)) return Outcome.FAILS;
  if (checks & RuleCheck.PROTOCOL) {
    if (packet.protocol == CUT && packet.reason == Reason.IPV6_HEADERS) return Outcome.DROPS;
    const differs = packet.protocol != load<u8>(rule, RuleRecord.PROTOCOL);
    if (!holds(differs, inverted, RuleCheck.PROTOCOL)) return Outcome.FAILS;
  }
  if (checks & (RuleCheck.FRAGMENT | RuleCheck.NEVER)) {
    if (checks & RuleCheck.NEVER) return Outcome.FAILS;
    const first = (load<u16>(packet.l3, 6) & FRAGMENT_OFFSET) == 0;
    return outcome(holds(first, inverted, RuleCheck.FRAGMENT));
  }
  return Outcome.HOLDS;
}

/** Addresses and devices, which lie behind the rule's head. */
// @ts-ignore: decorator
@inline
function addressesHold(rule: usize, packet: Packet, checks: u32, inverted: u32): bool {
  let at = rule + RuleRecord.SIZE;
  if (checks & ADDRESSES) {
    const six = packet.family == Family.IPV6;
    if (!(six ? addresses6Hold(at, packet, inverted) : addresses4Hold(at, packet, inverted))) return false;
    at += six ? 64 : 16;
  }
  return !(checks & DEVICES) || devicesHold(at, packet, inverted);
}

/** Whether a condition whose bits differ holds. */
// @ts-ignore: decorator
@inline
function holds(differs: bool, inverted: u32, check: RuleCheck): bool {
  return differs == ((inverted & check) != 0);
}

/** A condition that the rule does not have is written with an empty mask, and never inverted. */
// @ts-ignore: decorator
@inline
function addresses4Hold(at: usize, packet: Packet, inverted: u32): bool {
  const l3 = <usize>packet.l3;
  const source = (load<u32>(l3, 12) ^ load<u32>(at)) & load<u32>(at, 4);
  if (!holds(source != 0, inverted, RuleCheck.SOURCE)) return false;
  const destination = (load<u32>(l3, 16) ^ load<u32>(at, 8)) & load<u32>(at, 12);
  return holds(destination != 0, inverted, RuleCheck.DESTINATION);
}

function addresses6Hold(at: usize, packet: Packet, inverted: u32): bool {
  const l3 = <usize>packet.l3;
  if (!holds(differ(v128.load(l3, 8), at), inverted, RuleCheck.SOURCE)) return false;
  return holds(differ(v128.load(l3, 24), at + 32), inverted, RuleCheck.DESTINATION);
}

function devicesHold(at: usize, packet: Packet, inverted: u32): bool {
  if (!holds(differ(v128.load(inNameOf(packet)), at), inverted, RuleCheck.IN)) return false;
  return holds(differ(v128.load(outNameOf(packet)), at + 32), inverted, RuleCheck.OUT);
}

/** The first condition that does not hold, of a rule of which one does not. */
export function failingCheck(rule: usize, packet: Packet): RuleCheck {
  const checks = <u32>load<u8>(rule, RuleRecord.CHECKS);
  const inverted = <u32>load<u8>(rule, RuleRecord.INVERTED);
  let at = rule + RuleRecord.SIZE;
  if (checks & ADDRESSES) {
    const six = packet.family == Family.IPV6;
    const source = six
      ? differ(v128.load(packet.l3, 8), at)
      : ((load<u32>(packet.l3, 12) ^ load<u32>(at)) & load<u32>(at, 4)) != 0;
    if (!holds(source, inverted, RuleCheck.SOURCE)) return RuleCheck.SOURCE;
    if (!(six ? addresses6Hold(at, packet, inverted) : addresses4Hold(at, packet, inverted))) {
      return RuleCheck.DESTINATION;
    }
    at += six ? 64 : 16;
  }
  if (checks & DEVICES) {
    const device = differ(v128.load(inNameOf(packet)), at);
    if (!holds(device, inverted, RuleCheck.IN)) return RuleCheck.IN;
    if (!devicesHold(at, packet, inverted)) return RuleCheck.OUT;
  }
  if (checks & RuleCheck.PROTOCOL) {
    const differs = packet.protocol != load<u8>(rule, RuleRecord.PROTOCOL);
    if (!holds(differs, inverted, RuleCheck.PROTOCOL)) return RuleCheck.PROTOCOL;
  }
  return checks & RuleCheck.NEVER ? RuleCheck.NEVER : RuleCheck.FRAGMENT;
}

/** Whether a value differs from the one at an address in a bit of the mask behind it. */
// @ts-ignore: decorator
@inline
function differ(value: v128, at: usize): bool {
  return v128.any_true(v128.and(v128.xor(value, v128.load(at)), v128.load(at, 16)));
}

/** Address of the name, 16 bytes, of the device that rules see a packet come in by. */
// @ts-ignore: decorator
@inline
export function inNameOf(packet: Packet): usize {
  return changetype<usize>(deviceAt(inDeviceOf(packet)));
}

/** Address of the name, 16 bytes, of the device that rules see a packet go out by. */
// @ts-ignore: decorator
@inline
export function outNameOf(packet: Packet): usize {
  return changetype<usize>(deviceAt(outDeviceOf(packet)));
}

/** Device that rules see a packet come in by: none when this machine sends it. */
export function inDeviceOf(packet: Packet): u32 {
  return packet.at == Hook.OUTPUT ? 0 : packet.inDevice;
}

/** Device that rules see a packet go out by: none before it has been routed, and where it ends here. */
export function outDeviceOf(packet: Packet): u32 {
  return packet.at == Hook.PREROUTING || packet.at == Hook.INPUT ? 0 : packet.outDevice;
}
