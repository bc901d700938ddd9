
@unmanaged
export class NatRange {
  a: u32;
}
