import { Sysctl } from "./shared/sysctl";

const words: usize = memory.data(Sysctl.COUNT * 4, 16);

// @ts-ignore: decorator
@inline
export function sysctl(id: i32): u32 {
  return load<u32>(words + ((<usize>id) << 2));
}

export function storeSysctl(id: i32, value: u32): void {
  if (<u32>id < <u32>Sysctl.COUNT) store<u32>(words + ((<usize>id) << 2), value);
}
