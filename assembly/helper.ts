/**
 * Which helper a new flow gets, by protocol and destination port, as a rule with `CT --helper` would give it. The
 * helpers themselves are JavaScript: a packet of a helped flow interrupts its batch.
 */

/** A binding: helper number u16 | protocol u8 | families u8 | destination port u16 (network order). */
@unmanaged
class Binding {
  helper: u16;
  port: u16;
  protocol: u8;
  /** Bit 0: IPv4, bit 1: IPv6. */
  families: u8;
}

const MAX_BINDINGS: u32 = 256;
const SIZE: u32 = 8;
const bindings: usize = memory.data(MAX_BINDINGS * SIZE, 16);
const bound: usize = memory.data(4, 4);

/** False when there is no room for another. */
export function bindHelper(helper: u32, protocol: u32, port: u32, families: u32): bool {
  const n = load<u32>(bound);
  if (n == MAX_BINDINGS) return false;
  const binding = changetype<Binding>(bindings + n * SIZE);
  binding.helper = <u16>helper;
  binding.port = <u16>port;
  binding.protocol = <u8>protocol;
  binding.families = <u8>families;
  store<u32>(bound, n + 1);
  return true;
}

/** The helper for a flow that begins with these, 0 for none. */
// @ts-ignore: decorator
@inline
export function helperFor(protocol: u32, destinationPort: u32, six: bool): u32 {
  const n = load<u32>(bound);
  if (!n) return 0;
  return searchBindings(n, protocol, destinationPort, six ? 2 : 1);
}

function searchBindings(n: u32, protocol: u32, port: u32, family: u32): u32 {
  for (let i: u32 = 0; i < n; i++) {
    const binding = changetype<Binding>(bindings + i * SIZE);
    if (binding.port == port && binding.protocol == protocol && binding.families & family)
      return binding.helper;
  }
  return 0;
}

/** Helpers have numbers from 1 to this. */
export const MAX_HELPERS: u32 = 255;
const NAME: u32 = 16;
const names: usize = memory.data((MAX_HELPERS + 1) * NAME, 16);

/** Address of a helper's name, 16 bytes padded with zeros: written by JavaScript, compared by rules. 0: no such one. */
export function helperName(number: u32): u32 {
  return number && number <= MAX_HELPERS ? <u32>names + number * NAME : 0;
}
