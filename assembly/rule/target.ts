/** Which target is which, of those after which evaluation goes on. */
import { Packet } from "../layout";
import { TargetKind, TargetRecord } from "../shared/target-record";
import { setMark } from "./targets/mark";

/** False: the packet is dropped. */
export function applyTarget(at: usize, packet: Packet): bool {
  switch (<u32>load<u8>(at, TargetRecord.KIND)) {
    case TargetKind.MARK:
      setMark(at, packet);
      return true;
    default:
      return true;
  }
}
