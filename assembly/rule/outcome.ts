/** What a match makes of a packet. */
export enum Outcome {
  FAILS = 0,
  HOLDS = 1,
  /** The packet is dropped at once: it claims to be what it is too short for. */
  DROPS = 2,
  /** It holds, but the packet is dropped once the rule has been carried out. */
  DOOMS = 3,
}

/** Whether a condition holds, for matches that never drop. */
// @ts-ignore: decorator
@inline
export function outcome(holds: bool): Outcome {
  return <Outcome>(<u32>holds);
}
