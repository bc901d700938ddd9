/**
 * SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF"), keyed per engine. The caller builds the
 * message words, the last of which ends in the message's length.
 */

const key: usize = memory.data(16, 16);

export function setHashKey(w0: u32, w1: u32, w2: u32, w3: u32): void {
  store<u64>(key, (<u64>w0) | ((<u64>w1) << 32));
  store<u64>(key, (<u64>w2) | ((<u64>w3) << 32), 8);
}

/** Two words, written out: the hash of every IPv4 packet. (A loop over the rounds costs 8 ns more of 16.) */
// @ts-ignore: decorator
@inline
export function sipHash2(m0: u64, m1: u64): u64 {
  const k0 = load<u64>(key);
  const k1 = load<u64>(key, 8);
  let v0 = k0 ^ 0x736f6d6570736575;
  let v1 = k1 ^ 0x646f72616e646f6d;
  let v2 = k0 ^ 0x6c7967656e657261;
  let v3 = k1 ^ 0x7465646279746573 ^ m0;
  v0 += v1;
  v2 += v3;
  v1 = rotl(v1, 13) ^ v0;
  v3 = rotl(v3, 16) ^ v2;
  v0 = rotl(v0, 32);
  v2 += v1;
  v0 += v3;
  v1 = rotl(v1, 17) ^ v2;
  v3 = rotl(v3, 21) ^ v0;
  v2 = rotl(v2, 32);
  v0 ^= m0;
  v3 ^= m1;
  v0 += v1;
  v2 += v3;
  v1 = rotl(v1, 13) ^ v0;
  v3 = rotl(v3, 16) ^ v2;
  v0 = rotl(v0, 32);
  v2 += v1;
  v0 += v3;
  v1 = rotl(v1, 17) ^ v2;
  v3 = rotl(v3, 21) ^ v0;
  v2 = rotl(v2, 32);
  v0 ^= m1;
  v2 ^= 0xff;
  v0 += v1;
  v2 += v3;
  v1 = rotl(v1, 13) ^ v0;
  v3 = rotl(v3, 16) ^ v2;
  v0 = rotl(v0, 32);
  v2 += v1;
  v0 += v3;
  v1 = rotl(v1, 17) ^ v2;
  v3 = rotl(v3, 21) ^ v0;
  v2 = rotl(v2, 32);
  v0 += v1;
  v2 += v3;
  v1 = rotl(v1, 13) ^ v0;
  v3 = rotl(v3, 16) ^ v2;
  v0 = rotl(v0, 32);
  v2 += v1;
  v0 += v3;
  v1 = rotl(v1, 17) ^ v2;
  v3 = rotl(v3, 21) ^ v0;
  v2 = rotl(v2, 32);
  v0 += v1;
  v2 += v3;
  v1 = rotl(v1, 13) ^ v0;
  v3 = rotl(v3, 16) ^ v2;
  v0 = rotl(v0, 32);
  v2 += v1;
  v0 += v3;
  v1 = rotl(v1, 17) ^ v2;
  v3 = rotl(v3, 21) ^ v0;
  v2 = rotl(v2, 32);
  return v0 ^ v1 ^ v2 ^ v3;
}

/** At most eight words, then the three zero words that finalisation absorbs. */
const message: usize = memory.data(11 * 8, 16);
const FINAL_ROUNDS: usize = 3;

// @ts-ignore: decorator
@inline
export function setWord(i: usize, word: u64): void {
  store<u64>(message + (i << 3), word);
}

/** Hashes the first `words` words that setWord() set. */
export function sipHashWords(words: usize): u64 {
  const k0 = load<u64>(key);
  const k1 = load<u64>(key, 8);
  let v0 = k0 ^ 0x736f6d6570736575;
  let v1 = k1 ^ 0x646f72616e646f6d;
  let v2 = k0 ^ 0x6c7967656e657261;
  let v3 = k1 ^ 0x7465646279746573;
  const last = message + (words << 3);
  store<u64>(last, 0);
  store<u64>(last, 0, 8);
  store<u64>(last, 0, 16);
  for (let at = message; at < last + (FINAL_ROUNDS << 3); at += 8) {
    if (at == last) v2 ^= 0xff;
    const word = load<u64>(at);
    v3 ^= word;
    v0 += v1;
    v2 += v3;
    v1 = rotl(v1, 13) ^ v0;
    v3 = rotl(v3, 16) ^ v2;
    v0 = rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = rotl(v1, 17) ^ v2;
    v3 = rotl(v3, 21) ^ v0;
    v2 = rotl(v2, 32);
    v0 ^= word;
  }
  return v0 ^ v1 ^ v2 ^ v3;
}
