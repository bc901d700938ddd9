/** `-m set`: whether what a packet has is in a set. */
import { Packet } from "../../layout";
import { SetMatchRecord } from "../../shared/counting-records";
import { MatchRecord } from "../../shared/match-record";
import { testSet } from "../ipset/test";
import { setOf } from "../ipset/search";
import { outcome, Outcome } from "../outcome";

export function matchSet(at: usize, packet: Packet): Outcome {
  const use = at + SetMatchRecord.USE;
  const found = testSet(setOf(use), use, packet, load<u8>(at, SetMatchRecord.FLAGS), at) != 0;
  return outcome(found != (load<u8>(at, MatchRecord.INVERTED) != 0));
}
