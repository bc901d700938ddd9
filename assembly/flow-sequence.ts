/**
 * How far a TCP flow's sequence numbers are shifted because its helper has changed lengths of payload: for each
 * direction the place of the last change, and what is added to numbers up to it and behind it.
 */
import { extend, Extension } from "./flow-extension";
import { Flow } from "./layout";
import { Status } from "./shared/status";


@unmanaged
export class Shift {
  position: u32;
  before: i32;
  after: i32;
}

/** Only of a flow with SEQ_ADJUST. */
// @ts-ignore: decorator
@inline
export function shiftOf(flow: Flow, direction: u32): Shift {
  return changetype<Shift>(
    <usize>flow.extension + offsetof<Extension>("originalPosition") + direction * offsetof<Shift>(),
  );
}

/** What is added to a sequence number that the sender in this direction has given. */
// @ts-ignore: decorator
@inline
export function offsetOf(shift: Shift, number: u32): i32 {
  return <i32>(number - shift.position) > 0 ? shift.after : shift.before;
}

/** Notes that the payload of the segment at `position` has got longer by `difference` bytes, or shorter. */
export function noteShift(flow: Flow, direction: u32, position: u32, difference: i32): void {
  if (!extend(flow)) return;
  flow.status |= <u16>Status.SEQ_ADJUST;
  const shift = shiftOf(flow, direction);
  // The same segment once more: it has been counted.
  if (shift.before != shift.after && <i32>(position - shift.position) <= 0) return;
  shift.position = position;
  shift.before = shift.after;
  shift.after += difference;
}
