/** Masqueraded flows end with what they were masqueraded as: the device that goes down, the address that it loses. */
import { Extent, firstExtent, flowAt } from "../flow-slab";
import { Flow, Kind } from "../layout";
import { destroyFlow } from "../lifecycle";
import { Family } from "../shared/protocol";
import { Status } from "../shared/status";
import { masqueradeDevice } from "../source-index";
import { flow6 } from "../tuple";

/**
 * Ends the flows that leave masqueraded by the device: all of them (it has gone down, `family` 0), or those that have
 * got an address of it, given as it lies in a packet. Returns how many.
 */
export function endMasquerade(device: u32, family: u32, w0: u32, w1: u32, w2: u32, w3: u32): u32 {
  const word0 = (<u64>w0) | ((<u64>w1) << 32);
  const word1 = (<u64>w2) | ((<u64>w3) << 32);
  let ended: u32 = 0;
  for (let address = firstExtent(); address; address = changetype<Extent>(address).next) {
    const extent = changetype<Extent>(address);
    if (!(extent.kind & Kind.NAT)) continue;
    for (let slot: u32 = 0; slot < extent.slots; slot++) {
      const flow = flowAt(extent, slot);
      if (!(flow.status & Status.CONFIRMED) || masqueradeDevice(flow) != device) continue;
      if (family && !repliesTo(flow, family, word0, word1)) continue;
      destroyFlow(flow);
      ended++;
    }
  }
  return ended;
}

function repliesTo(flow: Flow, family: u32, word0: u64, word1: u64): bool {
  const six = (flow.kind & Kind.IPV6) != 0;
  if (six != (family == Family.IPV6)) return false;
  if (!six) return flow.replyAddress >>> 32 == word0;
  const tuple = flow6(flow);
  return tuple.replyDst0 == word0 && tuple.replyDst1 == word1;
}
