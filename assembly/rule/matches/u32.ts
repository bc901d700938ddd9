/** `-m u32`: numbers found by calculation anywhere in the packet. */
import { Packet } from "../../layout";
import { U32Record, U32Step } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { be32 } from "../../wire/bytes";
import { capturedBytes } from "../packet-bytes";
import { outcome, Outcome } from "../outcome";
import { saw, seen } from "../seen";

export function matchU32(at: usize, packet: Packet): Outcome {
  return outcome(allHold(at, packet) != (load<u8>(at, MatchRecord.INVERTED) != 0));
}

function allHold(at: usize, packet: Packet): bool {
  const length = capturedBytes(packet);
  let test = at + U32Record.TESTS;
  for (let n = <u32>load<u8>(at, U32Record.COUNT); n; n--) {
    const steps = load<u32>(test, 4);
    const ranges = load<u32>(test, 8);
    // Until its value has been found, and how many tests are left with this one.
    saw(0, n);
    if (!holds(test, packet.l3, length, steps, ranges)) return false;
    test += 12 + ((steps + ranges) << 3);
  }
  return true;
}

function holds(test: usize, data: u32, length: u32, steps: u32, ranges: u32): bool {
  let base: u32 = 0;
  let place = load<u32>(test);
  if (length < 4 || place > length - 4) return false;
  let value = be32(data + place);
  let at = test + 12;
  for (let end = at + (steps << 3); at < end; at += 8) {
    const number = load<u32>(at, 4);
    switch (load<u32>(at)) {
      case U32Step.AND:
        value &= number;
        break;
      case U32Step.LEFT:
        value = number > 31 ? 0 : value << number;
        break;
      case U32Step.RIGHT:
        value = number > 31 ? 0 : value >>> number;
        break;
      default:
        if (base + value < base) return false;
        base += value;
        if (base + 4 < base || length < base + 4 || number > length - base - 4) return false;
        value = be32(data + base + number);
    }
  }
  seen.a = 1 + <u64>value;
  for (let end = at + (ranges << 3); at < end; at += 8) {
    if (value >= load<u32>(at) && value <= load<u32>(at, 4)) return true;
  }
  return false;
}
