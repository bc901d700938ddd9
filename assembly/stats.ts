import { Stat } from "./shared/stat";

const counters: usize = memory.data(Stat.COUNT * 8, 16);

// @ts-ignore: decorator
@inline
export function count(id: i32): void {
  countMany(id, 1);
}

// @ts-ignore: decorator
@inline
export function countMany(id: i32, n: u32): void {
  const at = counters + ((<usize>id) << 3);
  store<u64>(at, load<u64>(at) + n);
}

/** As f64: exact up to 2^53 and no BigInt at the boundary. */
export function statistic(id: i32): f64 {
  return <u32>id < <u32>Stat.COUNT ? <f64>load<u64>(counters + ((<usize>id) << 3)) : 0;
}

/** For an engine that goes on where another one stopped. */
export function setStatistic(id: i32, value: f64): void {
  if (<u32>id < <u32>Stat.COUNT) store<u64>(counters + ((<usize>id) << 3), <u64>value);
}
