@unmanaged
export class NatRange { a: u32; }
export function rangeOf(target: u32): NatRange | null { return null; }
