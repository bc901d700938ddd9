/**
 * What the machine knows of its network: devices with their names, their addresses, and where packets go. Rules and
 * NAT ask here; the numbers of devices are JavaScript's, from 1 on.
 */
import { reserveBlocks } from "./arena";
import { BLOCK } from "./limits";
import { Family } from "./shared/protocol";
import { RouteType } from "./shared/route-type";

/** A device: its name padded with zeros, as rules compare it, and the longest packet that it takes. */
@unmanaged
export class Device {
  name0: u64;
  name1: u64;
  mtu: u32;
  unused: u32;
}

/** Where packets to a network go. IPv4 addresses and masks stand in the first word. */
@unmanaged
export class Route {
  to0: u64;
  to1: u64;
  mask0: u64;
  mask1: u64;
  /** The machine's own address on the way, for MASQUERADE; the network's own one for LOCAL. */
  source0: u64;
  source1: u64;
  family: u8;
  /** RouteType. */
  type: u8;
  device: u16;
  unused: u32;
}

const DEVICE: u32 = offsetof<Device>();
export const ROUTE: u32 = (offsetof<Route>() + 7) & ~7;
/** The number of the device over which a machine talks to itself. */
export const LOOPBACK: u32 = 1;
export const MAX_DEVICES: u32 = 1024;
export const MAX_ROUTES: u32 = 16384;


@unmanaged
class Network {
  /** Table of devices, then table of routes; 0 as long as there are none. */
  devices: u32;
  routes: u32;
  routeCount: u32;
}

const network = changetype<Network>(memory.data(offsetof<Network>(), 8));

/** Room for the tables, made once. False when memory is out. */
function ensureTables(): bool {
  if (network.devices) return true;
  const devices = <u32>reserveBlocks((MAX_DEVICES * DEVICE + BLOCK - 1) / BLOCK);
  const routes = <u32>reserveBlocks((MAX_ROUTES * ROUTE + BLOCK - 1) / BLOCK);
  if (!devices || !routes) return false;
  network.devices = devices;
  network.routes = routes;
  return true;
}

/** Address of device `number`'s record, to be filled in by JavaScript; 0 when there is no room. */
export function deviceRecord(number: u32): u32 {
  return number < MAX_DEVICES && ensureTables() ? network.devices + number * DEVICE : 0;
}

/** The device's record. Only for numbers that JavaScript has given out. */
// @ts-ignore: decorator
@inline
export function deviceAt(number: u32): Device {
  return changetype<Device>(network.devices + number * DEVICE);
}

/** Address of the records of `count` routes, longest prefix first, to be filled in by JavaScript; 0: no room. */
export function setRoutes(count: u32): u32 {
  if (count > MAX_ROUTES || !ensureTables()) return 0;
  network.routeCount = count;
  memory.fill(found, 0, FOUND_BYTES << FOUND_BITS);
  return network.routes;
}

// @ts-ignore: decorator
@inline
function routeAt(i: u32): Route {
  return changetype<Route>(network.routes + i * ROUTE);
}

/** A route that has been looked for lately. */
@unmanaged
class Found {
  to0: u64;
  to1: u64;
  family: u32;
  /** 0: there is none. */
  route: u32;
}

const FOUND_BITS: u32 = 8;
const FOUND_BYTES: u32 = 24;
const found: usize = memory.data(FOUND_BYTES << FOUND_BITS, 8);

/** The route to an address, null for none. An IPv4 address stands in the lower half of `to0`. */
// @ts-ignore: decorator
@inline
export function routeTo(family: u32, to0: u64, to1: u64): Route | null {
  const mixed = ((<u32>(to0 ^ to1)) ^ (<u32>((to0 ^ to1) >>> 32))) * 0x9e3779b1;
  const last = changetype<Found>(found + <usize>((mixed >>> (32 - FOUND_BITS)) * FOUND_BYTES));
  if (last.to0 == to0 && last.to1 == to1 && last.family == family)
    return changetype<Route | null>(<usize>last.route);
  return remember(last, family, to0, to1);
}

function remember(last: Found, family: u32, to0: u64, to1: u64): Route | null {
  const route = search(family, to0, to1, ANY_DEVICE);
  last.to0 = to0;
  last.to1 = to1;
  last.family = family;
  last.route = <u32>changetype<usize>(route);
  return route;
}

/** The same of the routes by one device. */
export function routeBy(device: u32, family: u32, to0: u64, to1: u64): Route | null {
  return search(family, to0, to1, device);
}

/** The number of none. */
const ANY_DEVICE: u32 = 0xffffffff;

function search(family: u32, to0: u64, to1: u64, device: u32): Route | null {
  for (let i: u32 = 0; i < network.routeCount; i++) {
    const route = routeAt(i);
    if (
      route.family == family &&
      (device == ANY_DEVICE || route.device == device) &&
      ((to0 ^ route.to0) & route.mask0) == 0 &&
      ((to1 ^ route.to1) & route.mask1) == 0
    ) {
      return route;
    }
  }
  return null;
}

/** What an address is to this machine. */
export function addressType(family: u32, to0: u64, to1: u64): RouteType {
  if (family == Family.IPV4 && ((<u32>to0) & 0xf0) == 0xe0) return RouteType.MULTICAST;
  if (family == Family.IPV6 && ((<u32>to0) & 0xff) == 0xff) return RouteType.MULTICAST;
  const route = routeTo(family, to0, to1);
  return route ? <RouteType>route.type : RouteType.UNREACHABLE;
}

/** The machine's own addresses, which stand before all networks: the one behind `previous`, null at the end. */
export function nextOwnAddress(previous: Route | null): Route | null {
  let i: u32 = previous ? (<u32>changetype<usize>(previous) - network.routes) / ROUTE + 1 : 0;
  for (; i < network.routeCount; i++) {
    const route = routeAt(i);
    if (!isWhole(route)) return null;
    if (route.type == RouteType.LOCAL) return route;
  }
  return null;
}

function isWhole(route: Route): bool {
  if (route.family == Family.IPV4) return <u32>route.mask0 == 0xffffffff;
  return (route.mask0 & route.mask1) == 0xffffffffffffffff;
}
