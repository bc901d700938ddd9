/** What the match that was asked last has seen, where the packet alone does not show it: for explanations. */

@unmanaged
export class Seen {
  a: u64;
  b: u64;
}

export const seen = changetype<Seen>(memory.data(offsetof<Seen>(), 8));

// @ts-ignore: decorator
@inline
export function saw(a: u64, b: u64): void {
  seen.a = a;
  seen.b = b;
}
