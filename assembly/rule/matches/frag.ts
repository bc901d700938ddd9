/** `-m frag`: the fragment header of IPv6. */
import { Packet } from "../../layout";
import { FragCheck, FragRecord } from "../../shared/header-records";
import { ExtensionHeader } from "../../shared/protocol";
import { be16, be32 } from "../../wire/bytes";
import { ABSENT, CUT, findHeader } from "../ipv6-header";
import { outcome, Outcome } from "../outcome";
import { saw } from "../seen";
import { rangeHolds } from "./range";

const OFFSET: u32 = 0xfff8;
const RESERVED: u32 = 6;
const MORE: u32 = 1;

export function matchFrag(at: usize, packet: Packet): Outcome {
  const offset = findHeader(packet, ExtensionHeader.FRAGMENT);
  if (offset == ABSENT) return Outcome.FAILS;
  if (offset == CUT) return Outcome.DROPS;
  saw(offset, 0);
  const header = <usize>packet.l3 + offset;
  const word = be16(header + 2);
  const checks = <u32>load<u8>(at, FragRecord.CHECKS);
  if (!rangeHolds(at, be32(header + 4))) return Outcome.FAILS;
  if (checks & FragCheck.RESERVED && (load<u8>(header, 1) || word & RESERVED)) return Outcome.FAILS;
  if (checks & FragCheck.FIRST && word & OFFSET) return Outcome.FAILS;
  if (checks & FragCheck.MORE && !(word & MORE)) return Outcome.FAILS;
  return outcome(!(checks & FragCheck.LAST) || !(word & MORE));
}
