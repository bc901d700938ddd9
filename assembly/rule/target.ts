/** Which target is which, of those after which evaluation goes on. */
import { Packet, PacketFlag } from "../layout";
import { RuleRecord } from "../shared/rule-record";
import { ClassifyRecord, TargetKind, TargetRecord } from "../shared/target-record";
import { restoreMark, saveMark, setFlowMark } from "./targets/connmark";
import { setNotrack, setTemplate } from "./targets/ct";
import { removeEcn } from "./targets/ecn";
import { setHopLimit } from "./targets/hop-limit";
import { logFor } from "./targets/log";
import { setMark } from "./targets/mark";
import { changeSets } from "./targets/set";
import { lowerMss } from "./targets/tcpmss";
import { stripOptions } from "./targets/tcpoptstrip";
import { setTos } from "./targets/tos";

/** False: the packet is dropped. */
export function applyTarget(rule: u32, packet: Packet): bool {
  const at = <usize>load<u32>(rule, RuleRecord.TARGET);
  switch (<u32>load<u8>(at, TargetRecord.KIND)) {
    case TargetKind.MARK:
      setMark(at, packet);
      return true;
    case TargetKind.CONNMARK_SET:
      setFlowMark(at, packet);
      return true;
    case TargetKind.CONNMARK_SAVE:
      saveMark(at, packet);
      return true;
    case TargetKind.CONNMARK_RESTORE:
      restoreMark(at, packet);
      return true;
    case TargetKind.CT:
      setTemplate(at, packet);
      return true;
    case TargetKind.NOTRACK:
      setNotrack(packet);
      return true;
    case TargetKind.HOP_LIMIT:
      setHopLimit(at, packet);
      return true;
    case TargetKind.TOS:
      setTos(at, packet);
      return true;
    case TargetKind.ECN:
      return removeEcn(packet);
    case TargetKind.TCPMSS:
      return lowerMss(at, packet);
    case TargetKind.TCPOPTSTRIP:
      return stripOptions(at, packet);
    case TargetKind.CLASSIFY:
      packet.priority = load<u32>(at, ClassifyRecord.PRIORITY);
      return true;
    case TargetKind.TRACE:
      packet.flags |= <u8>PacketFlag.TRACE;
      return true;
    case TargetKind.SET:
      changeSets(at, packet);
      return true;
    case TargetKind.LOG:
      logFor(at, load<u32>(rule, RuleRecord.NUMBER), packet);
      return true;
    default:
      return true;
  }
}
