/** `-m statistic`: every nth packet, or some by chance. */
import { randomNumber } from "../../random";
import { StatisticRecord } from "../../shared/counting-records";
import { MatchRecord } from "../../shared/match-record";
import { outcome, Outcome } from "../outcome";
import { saw } from "../seen";

export function matchNth(at: usize): Outcome {
  const count = load<u32>(at, StatisticRecord.COUNT);
  const next = count == load<u32>(at, StatisticRecord.EVERY) ? 0 : count + 1;
  store<u32>(at, next, StatisticRecord.COUNT);
  saw(next, 0);
  return outcome((next == 0) != (load<u8>(at, MatchRecord.INVERTED) != 0));
}

export function matchRandom(at: usize): Outcome {
  const drawn = randomNumber() >>> 1;
  saw(drawn, 0);
  const hit = drawn < load<u32>(at, StatisticRecord.EVERY);
  return outcome(hit != (load<u8>(at, MatchRecord.INVERTED) != 0));
}
