import { TcpRecord } from "../../../../assembly/shared/header-records.js";
import { MatchKind } from "../../../../assembly/shared/match-record.js";
import type { UdpMatch } from "../../matches/udp.js";
import type { EncodeContext } from "../context.js";
import { matchRecord } from "../record.js";
import { invertedPorts, writePorts } from "./ports.js";

export function encodeUdp(match: UdpMatch, { image }: EncodeContext): void {
  const at = matchRecord(image, MatchKind.UDP, TcpRecord.SIZE, invertedPorts(match));
  writePorts(image, at, match);
}
