import { PortCheck, TcpRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { TcpMatch } from "../../matches/tcp.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";
import { invertedPorts, writePorts } from "./ports.js";

export function encodeTcp(match: TcpMatch, { image }: EncodeContext): void {
  const { flags, option } = match;
  const inverted =
    invertedPorts(match) | (flags?.invert ? PortCheck.FLAGS : 0) | (option?.invert ? PortCheck.OPTION : 0);
  const at = matchRecord(image, MatchKind.TCP, TcpRecord.SIZE, inverted);
  writePorts(image, at, match);
  image.u8(at + TcpRecord.FLAGS, flags?.value ?? 0);
  image.u8(at + TcpRecord.FLAGS_MASK, flags?.mask ?? 0);
  image.u8(at + TcpRecord.OPTION, option?.kind ?? 0);
}
