/** Ranges of ports, as several matches have them: two u16 in host order, both ends included. */
import { PortCheck, TcpRecord } from "../../shared/header-records";
import { MatchRecord } from "../../shared/match-record";
import { be16 } from "../../wire/bytes";

// @ts-ignore: decorator
@inline
export function inRange(port: u32, range: usize): bool {
  return port >= load<u16>(range) && port <= load<u16>(range, 2);
}

/** Whether the ports at `l4` are those of the match at `at`. */
// @ts-ignore: decorator
@inline
export function portsHold(at: usize, l4: usize): bool {
  const inverted = <u32>load<u8>(at, MatchRecord.INVERTED);
  const source = inRange(be16(l4), at + TcpRecord.SOURCE_MIN);
  if (source == ((inverted & PortCheck.SOURCE) != 0)) return false;
  const destination = inRange(be16(l4 + 2), at + TcpRecord.DESTINATION_MIN);
  return destination != ((inverted & PortCheck.DESTINATION) != 0);
}
