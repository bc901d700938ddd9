/** `-m quota`: until so many bytes have passed. */
import { Packet } from "../../layout";
import { QuotaRecord } from "../../shared/counting-records";
import { MatchRecord } from "../../shared/match-record";
import { outcome, Outcome } from "../outcome";
import { saw } from "../seen";

/** A packet that exceeds what is left uses it up: smaller ones fail, too, from then on. */
export function matchQuota(at: usize, packet: Packet): Outcome {
  const left = load<u64>(at, QuotaRecord.LEFT);
  saw(left, 0);
  const enough = left >= packet.l3Length;
  store<u64>(at, enough ? left - packet.l3Length : 0, QuotaRecord.LEFT);
  return outcome(enough != (load<u8>(at, MatchRecord.INVERTED) != 0));
}
