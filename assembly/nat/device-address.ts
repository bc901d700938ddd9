/** The machine's own addresses that MASQUERADE and REDIRECT give to packets: addresses of two words, 0 for none. */
import { firstAddressOf, Route, routeTo } from "../device";
import { Family } from "../shared/protocol";
import { reply } from "./reply";

const loopback4: usize = memory.data<u64>([0x0100007f, 0], 8);
const loopback6: usize = memory.data<u64>([0, 0x0100000000000000], 8);

export function loopback(family: u32): usize {
  return family == Family.IPV6 ? loopback6 : loopback4;
}

export function addressOfDevice(device: u32, family: u32): usize {
  const route = firstAddressOf(device, family);
  return route ? changetype<usize>(route) + offsetof<Route>("to0") : 0;
}

/** The address with which this machine would speak to where the packet goes, through the device. */
export function sourceFor(family: u32, device: u32): usize {
  const six = family == Family.IPV6;
  const route = routeTo(family, six ? reply.src0 : reply.address & 0xffffffff, six ? reply.src1 : 0);
  if (route && route.device == device && (route.source0 | route.source1) != 0) {
    return changetype<usize>(route) + offsetof<Route>("source0");
  }
  return addressOfDevice(device, family);
}
