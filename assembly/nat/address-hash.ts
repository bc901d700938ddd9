/**
 * Which address of a range a client gets: the same in every boot of every Linux, so the hash has no key. It is lookup3
 * (Bob Jenkins, public domain) of the client's address, four words.
 */

const SEED: u32 = 0xdeadbeef;
const BYTES: u32 = 16;

export function hashAddress(w0: u32, w1: u32, w2: u32, w3: u32, seed: u32): u32 {
  const start = SEED + BYTES + seed;
  let a = start + w0;
  let b = start + w1;
  let c = start + w2;

  a = (a - c) ^ rotl(c, 4);
  c += b;
  b = (b - a) ^ rotl(a, 6);
  a += c;
  c = (c - b) ^ rotl(b, 8);
  b += a;
  a = (a - c) ^ rotl(c, 16);
  c += b;
  b = (b - a) ^ rotl(a, 19);
  a += c;
  c = (c - b) ^ rotl(b, 4);
  b += a;

  a += w3;
  c = (c ^ b) - rotl(b, 14);
  a = (a ^ c) - rotl(c, 11);
  b = (b ^ a) - rotl(a, 25);
  c = (c ^ b) - rotl(b, 16);
  a = (a ^ c) - rotl(c, 4);
  b = (b ^ a) - rotl(a, 14);
  c = (c ^ b) - rotl(b, 24);
  return c;
}
