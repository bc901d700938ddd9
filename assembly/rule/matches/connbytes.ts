/** `-m connbytes`: what the packet's flow has carried so far. Flows without counters never match. */
import { countersOf } from "../../flow-slab";
import { Flow, Kind, Packet } from "../../layout";
import { ConnbytesMode, ConnbytesRecord } from "../../shared/flow-records";
import { MatchRecord } from "../../shared/match-record";
import { outcome, Outcome } from "../outcome";
import { saw } from "../seen";

export function matchConnbytes(at: usize, packet: Packet): Outcome {
  const flow = changetype<Flow>(packet.flow);
  if (!packet.flow || !(flow.kind & Kind.COUNTERS)) return Outcome.FAILS;
  const value = measured(at, flow);
  saw(1, value);
  const within = value >= load<u64>(at, ConnbytesRecord.MIN) && value <= load<u64>(at, ConnbytesRecord.MAX);
  return outcome(within != (load<u8>(at, MatchRecord.INVERTED) != 0));
}

function measured(at: usize, flow: Flow): u64 {
  const directions = <u32>load<u8>(at, ConnbytesRecord.DIRECTIONS);
  const counters = countersOf(flow);
  let packets: u64 = 0;
  let bytes: u64 = 0;
  for (let direction: usize = 0; direction < 2; direction++) {
    if (!((directions >>> (<u32>direction)) & 1)) continue;
    const own = counters + direction * 12;
    packets += counter(own);
    bytes += counter(own + 6);
  }
  switch (<u32>load<u8>(at, ConnbytesRecord.MODE)) {
    case ConnbytesMode.PACKETS:
      return packets;
    case ConnbytesMode.BYTES:
      return bytes;
    default:
      return packets ? bytes / packets : 0;
  }
}

function counter(at: usize): u64 {
  return (<u64>load<u32>(at)) | ((<u64>load<u16>(at, 4)) << 32);
}
