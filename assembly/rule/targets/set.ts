/** `-j SET`: adds what a packet has to a set, removes it, or marks the packet as a set says. */
import { Packet } from "../../layout";
import { ElementRecord } from "../../shared/ipset-record";
import { SetTargetFlag, SetTargetRecord } from "../../shared/target-record";
import { setOf } from "../ipset/search";
import { testSet } from "../ipset/test";
import { addFor, removeFor } from "../ipset/use";

export function changeSets(at: usize, packet: Packet): void {
  const flags = <u32>load<u8>(at, SetTargetRecord.FLAGS);
  const add = at + SetTargetRecord.ADD;
  if (load<u32>(add)) {
    const seconds = flags & SetTargetFlag.TIMEOUT ? load<i32>(at, SetTargetRecord.TIMEOUT) : -1;
    addFor(setOf(add), add, packet, seconds, (flags & SetTargetFlag.EXIST) != 0);
  }
  const remove = at + SetTargetRecord.DELETE;
  if (load<u32>(remove)) removeFor(setOf(remove), remove, packet);
  const map = at + SetTargetRecord.MAP;
  if (load<u32>(map)) mapFrom(map, packet, flags);
}

function mapFrom(use: usize, packet: Packet, flags: u32): void {
  const element = testSet(setOf(use), use, packet, 0, 0);
  if (!element) return;
  if (flags & SetTargetFlag.MAP_MARK) {
    const mask = load<u32>(element, ElementRecord.MARK_MASK);
    packet.mark = (packet.mark & ~mask) ^ load<u32>(element, ElementRecord.MARK);
  }
  if (flags & SetTargetFlag.MAP_PRIORITY) packet.priority = load<u32>(element, ElementRecord.PRIORITY);
}
