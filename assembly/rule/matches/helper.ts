/** `-m helper`: flows that a flow with this helper has announced. The announcing flow itself is not one. */
import { Extension } from "../../flow-extension";
import { helperName } from "../../helper";
import { Flow, Packet } from "../../layout";
import { HelperRecord } from "../../shared/flow-records";
import { MatchRecord } from "../../shared/match-record";
import { outcome, Outcome } from "../outcome";
import { saw } from "../seen";

const NAME: usize = 16;

export function matchHelper(at: usize, packet: Packet): Outcome {
  const inverted = load<u8>(at, MatchRecord.INVERTED) != 0;
  return outcome(isAnnounced(at, packet) != inverted);
}

function isAnnounced(at: usize, packet: Packet): bool {
  const flow = changetype<Flow>(packet.flow);
  if (!packet.flow || !flow.extension) return false;
  const extension = changetype<Extension>(flow.extension);
  const master = changetype<Flow>(extension.master);
  if (!extension.master || master.generation != extension.masterGeneration || !master.extension) return false;
  const helper = changetype<Extension>(master.extension).helper;
  if (!helper) return false;
  const name = <usize>helperName(helper);
  saw(load<u64>(name), load<u64>(name, 8));
  return beginsWith(at + HelperRecord.NAME, name);
}

/** The rule's name may go on behind the helper's ("ftp-2121"); an empty one means any. */
function beginsWith(wanted: usize, name: usize): bool {
  if (!load<u8>(wanted)) return true;
  for (let i: usize = 0; i < NAME; i++) {
    const byte = load<u8>(name + i);
    if (!byte) return true;
    if (byte != load<u8>(wanted + i)) return false;
  }
  return true;
}
