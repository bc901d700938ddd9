// What no tracker on this machine can undercut: hash the tuple of every packet, touch a line of the index and a line
// of the flow's record, and do nothing else. Packets lie from 0 on, their addresses in ROWS. A batch goes in three passes, so that
// the cache misses of its packets overlap.

const PACKET_BYTES: usize = 64 * 256;
const MAX_BATCH: usize = 256;
const HASHES: usize = PACKET_BYTES;
/** Where the caller writes the address of each packet, 32 bits. */
export const ROWS: usize = HASHES + 8 * MAX_BATCH;
const TABLES: usize = 0x10000;

const CHUNK_BYTES: usize = 64;
const CHUNK_ENTRIES: f64 = 12;
const CHUNK_LOAD: f64 = 0.8;
const RECORD_BYTES: usize = 128;

const IPV4_PROTOCOL: usize = 23;
const IPV4_ADDRESSES: usize = 26;
const TCP_PORTS: usize = 34;

let indexMask: u32 = 0;
let records: usize = 0;
let recordCount: u64 = 0;
let key0: u64 = 0;
let key1: u64 = 0;
let sink: u64 = 0;

/** Makes the tables for so many flows; how many bytes they take, 0 when there is no memory. */
export function create(flows: u32, k0: u64, k1: u64): u32 {
  key0 = k0;
  key1 = k1;
  let chunks: u32 = 1;
  while (<f64>chunks * CHUNK_ENTRIES * CHUNK_LOAD < <f64>flows) chunks <<= 1;
  indexMask = chunks - 1;
  records = TABLES + <usize>chunks * CHUNK_BYTES;
  recordCount = flows;
  const end: u64 = <u64>records + <u64>flows * RECORD_BYTES;
  const pages = <i32>((end + 0xffff) >>> 16);
  if (pages > memory.size() && memory.grow(pages - memory.size()) < 0) return 0;
  // Written once, or the system would back all of it by one page of zeros.
  memory.fill(TABLES, 1, <usize>(end - TABLES));
  return <u32>(end - TABLES);
}

/** SipHash-1-3 of a packet's 15 bytes: addresses, ports, protocol and zone. */
export function hash(packet: usize, zone: u32): u64 {
  const first = load<u64>(packet, IPV4_ADDRESSES);
  const last =
    (<u64>load<u32>(packet, TCP_PORTS)) |
    ((<u64>load<u8>(packet, IPV4_PROTOCOL)) << 32) |
    ((<u64>zone) << 40) |
    ((<u64>15) << 56);
  let v0 = key0 ^ 0x736f6d6570736575;
  let v1 = key1 ^ 0x646f72616e646f6d;
  let v2 = key0 ^ 0x6c7967656e657261;
  let v3 = key1 ^ 0x7465646279746573;
  // Five rounds, written out: a loop takes twice as long.
  v3 ^= first;
  v0 += v1;
  v2 += v3;
  v1 = rotl(v1, 13) ^ v0;
  v3 = rotl(v3, 16) ^ v2;
  v0 = rotl(v0, 32) + v3;
  v2 += v1;
  v1 = rotl(v1, 17) ^ v2;
  v3 = rotl(v3, 21) ^ v0;
  v2 = rotl(v2, 32);
  v0 ^= first;

  v3 ^= last;
  v0 += v1;
  v2 += v3;
  v1 = rotl(v1, 13) ^ v0;
  v3 = rotl(v3, 16) ^ v2;
  v0 = rotl(v0, 32) + v3;
  v2 += v1;
  v1 = rotl(v1, 17) ^ v2;
  v3 = rotl(v3, 21) ^ v0;
  v2 = rotl(v2, 32);
  v0 ^= last;

  v2 ^= 0xff;
  v0 += v1;
  v2 += v3;
  v1 = rotl(v1, 13) ^ v0;
  v3 = rotl(v3, 16) ^ v2;
  v0 = rotl(v0, 32) + v3;
  v2 += v1;
  v1 = rotl(v1, 17) ^ v2;
  v3 = rotl(v3, 21) ^ v0;
  v2 = rotl(v2, 32);

  v0 += v1;
  v2 += v3;
  v1 = rotl(v1, 13) ^ v0;
  v3 = rotl(v3, 16) ^ v2;
  v0 = rotl(v0, 32) + v3;
  v2 += v1;
  v1 = rotl(v1, 17) ^ v2;
  v3 = rotl(v3, 21) ^ v0;
  v2 = rotl(v2, 32);

  v0 += v1;
  v2 += v3;
  v1 = rotl(v1, 13) ^ v0;
  v3 = rotl(v3, 16) ^ v2;
  v0 = rotl(v0, 32) + v3;
  v2 += v1;
  v1 = rotl(v1, 17) ^ v2;
  v3 = rotl(v3, 21) ^ v0;
  v2 = rotl(v2, 32);
  return v0 ^ v1 ^ v2 ^ v3;
}

/** Passes over the packets of the first `count` rows. */
export function run(count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    store<u64>(HASHES + ((<usize>i) << 3), hash(load<u32>(ROWS + ((<usize>i) << 2)), 0));
  }
  let seen: u64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const chunk = load<u32>(HASHES + ((<usize>i) << 3)) & indexMask;
    seen ^= load<u64>(TABLES + <usize>chunk * CHUNK_BYTES);
  }
  for (let i: u32 = 0; i < count; i++) {
    const record = (<u64>load<u32>(HASHES + ((<usize>i) << 3), 4) * recordCount) >>> 32;
    const at = records + <usize>record * RECORD_BYTES;
    const value = load<u64>(at) + 1;
    store<u64>(at, value);
    seen ^= value;
  }
  // Kept, so that no load is optimised away.
  sink ^= seen;
}

export function touched(): u32 {
  return <u32>sink;
}
