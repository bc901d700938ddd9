import { EcnRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { EcnMatch } from "../../matches/ecn.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";

/** Flags of TCP, and the ECN bits of the TOS byte. */
const ECE = 0x40;
const CWR = 0x80;
const ECT_MASK = 3;

export function encodeEcn({ tcpCwr, tcpEce, ipEct }: EcnMatch, { image }: EncodeContext): void {
  const at = matchRecord(image, MatchKind.ECN, EcnRecord.SIZE);
  image.u8(at + EcnRecord.IP_VALUE, ipEct?.value ?? 0);
  image.u8(at + EcnRecord.IP_MASK, ipEct ? ECT_MASK : 0);
  image.u8(at + EcnRecord.IP_INVERTED, Number(ipEct?.invert ?? false));
  const flags = [
    { flag: ECE, wanted: tcpEce },
    { flag: CWR, wanted: tcpCwr },
  ];
  const bits = (invert: boolean) =>
    flags.reduce((sum, { flag, wanted }) => (wanted?.invert === invert ? sum | flag : sum), 0);
  image.u8(at + EcnRecord.SET, bits(false));
  image.u8(at + EcnRecord.CLEAR, bits(true));
}
