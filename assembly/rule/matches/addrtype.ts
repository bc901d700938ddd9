/** `-m addrtype`: what an address is to this machine. */
import { routeBy, routeTo } from "../../device";
import { Packet } from "../../layout";
import { AddrtypeDevice, AddrtypeRecord } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { Family } from "../../shared/protocol";
import { RouteType } from "../../shared/route-type";
import { inDeviceOf, outDeviceOf } from "../checks";
import { outcome, Outcome } from "../outcome";
import { Seen, seen } from "../seen";

export function matchAddrtype(at: usize, packet: Packet): Outcome {
  const inverted = <u32>load<u8>(at, MatchRecord.INVERTED);
  const limit = <u32>load<u8>(at, AddrtypeRecord.DEVICE);
  let device: i32 = -1;
  if (limit == AddrtypeDevice.IN) device = <i32>inDeviceOf(packet);
  else if (limit == AddrtypeDevice.OUT) device = <i32>outDeviceOf(packet);
  const six = packet.family == Family.IPV6;
  const sources = <u32>load<u16>(at, AddrtypeRecord.SOURCE);
  const source = packet.l3 + (six ? 8 : 12);
  const see = changetype<usize>(seen);
  if (sources && isOneOf(sources, six, source, device, see) == ((inverted & 1) != 0)) return Outcome.FAILS;
  const destinations = <u32>load<u16>(at, AddrtypeRecord.DESTINATION);
  if (!destinations) return Outcome.HOLDS;
  const destination = packet.l3 + (six ? 24 : 16);
  const found = isOneOf(destinations, six, destination, device, see + offsetof<Seen>("b"));
  return outcome(found != ((inverted & 2) != 0));
}

/** `device`: -1 for any. `see`: where the type and 1 goes, for explanations. */
function isOneOf(types: u32, six: bool, address: usize, device: i32, see: usize): bool {
  if (six) return isOneOf6(types, load<u64>(address), load<u64>(address, 8), device, see);
  const type = type4(load<u32>(address), device);
  store<u64>(see, type + 1);
  return ((types >>> type) & 1) != 0;
}

/** Only what the machine's own addresses say counts: everything else is unicast, reachable or not. */
function type4(address: u32, device: i32): u32 {
  if (!address || address == 0xffffffff) return RouteType.BROADCAST;
  if ((address & 0xf0) == 0xe0) return RouteType.MULTICAST;
  const route = routeTo(Family.IPV4, address, 0);
  if (!route || (device >= 0 && <i32>route.device != device)) return RouteType.UNICAST;
  return route.type == RouteType.LOCAL || route.type == RouteType.BROADCAST ? route.type : RouteType.UNICAST;
}

/** What is asked of the address itself must hold, all of it; of what its route says, one suffices. */
function isOneOf6(types: u32, to0: u64, to1: u64, device: i32, see: usize): bool {
  const multicast = <u32>(to0 & 0xff) == 0xff;
  const unspecified = (to0 | to1) == 0;
  const mapped = to0 == 0 && <u32>to1 == 0xffff0000;
  if (types & (1 << RouteType.MULTICAST) && !multicast) return false;
  if (types & (1 << RouteType.UNICAST) && (multicast || unspecified || mapped)) return false;
  if (types & (1 << RouteType.UNSPEC) && !unspecified) return false;
  const routed = (1 << RouteType.LOCAL) | (1 << RouteType.ANYCAST) | (1 << RouteType.UNREACHABLE);
  if (!(types & routed)) return true;
  // Groups can be reached by all devices.
  const anyDevice = device < 0 || multicast;
  const route = anyDevice ? routeTo(Family.IPV6, to0, to1) : routeBy(<u32>device, Family.IPV6, to0, to1);
  const type = route ? <u32>route.type : <u32>RouteType.UNREACHABLE;
  store<u64>(see, type + 1);
  return (((types & routed) >>> type) & 1) != 0;
}
