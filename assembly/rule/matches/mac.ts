/** `-m mac`: who sent the frame. Packets that came without an Ethernet header never match. */
import { Packet } from "../../layout";
import { MacRecord } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { LinkType } from "../../shared/link-type";
import { outcome, Outcome } from "../outcome";

const SOURCE: usize = 6;

export function matchMac(at: usize, packet: Packet): Outcome {
  if (packet.link != LinkType.ETHERNET) return Outcome.FAILS;
  const differ =
    (load<u32>(packet.data, SOURCE) ^ load<u32>(at, MacRecord.ADDRESS)) |
    (load<u16>(packet.data, SOURCE + 4) ^ load<u16>(at, MacRecord.ADDRESS + 4));
  return outcome((differ == 0) != (load<u8>(at, MatchRecord.INVERTED) != 0));
}
