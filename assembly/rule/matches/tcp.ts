/** `-m tcp`: ports, flags, options. */
import { Packet } from "../../layout";
import { PortCheck, TcpRecord } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { outcome, Outcome } from "../outcome";
import { tcpHeaderLength } from "../tcp-header";
import { portsHold } from "./ports";
import { TCP_HEADER } from "../../wire/header-size";

const FLAGS: u32 = 13;

export function matchTcp(at: usize, packet: Packet): Outcome {
  const l4 = <usize>packet.l4;
  if (packet.l4Captured < TCP_HEADER) return Outcome.DROPS;
  if (!portsHold(at, l4)) return Outcome.FAILS;
  const inverted = <u32>load<u8>(at, MatchRecord.INVERTED);
  const differ = (load<u8>(l4, FLAGS) & load<u8>(at, TcpRecord.FLAGS_MASK)) != load<u8>(at, TcpRecord.FLAGS);
  if (differ != ((inverted & PortCheck.FLAGS) != 0)) return Outcome.FAILS;
  const option = <u32>load<u8>(at, TcpRecord.OPTION);
  if (!option) return Outcome.HOLDS;
  const header = tcpHeaderLength(packet);
  if (!header) return Outcome.DROPS;
  return outcome(hasOption(l4 + TCP_HEADER, l4 + header, option) != ((inverted & PortCheck.OPTION) != 0));
}

/** Linux walks on over malformed options: a length of 0 counts as 1. */
function hasOption(at: usize, end: usize, option: u32): bool {
  while (at < end) {
    const kind = <u32>load<u8>(at);
    if (kind == option) return true;
    at += kind < 2 || at + 1 == end ? 1 : <usize>max<u32>(load<u8>(at, 1), 1);
  }
  return false;
}
