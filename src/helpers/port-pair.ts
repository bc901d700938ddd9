/** Media through NAT: a stream has a pair of ports, an even one for RTP and the odd one above it for RTCP (RFC 3550). */
import type { Expect, HelperContext } from "./helper.js";

/**
 * Announces a stream outside, at the first pair of ports from `first` on that is free. `outside`: what is expected there.
 * Returns the even port; undefined when there is no pair, or no room.
 */
export function expectPair(
  { expect, expectations }: HelperContext,
  first: number,
  outside: (port: number, inside: number) => Expect,
): number | undefined {
  if (first === 0) return undefined;
  for (let port = first; port <= 0xffff; port += 2) {
    const rtp = expect(outside(port, first));
    if (rtp === "BUSY") continue;
    if (rtp !== "ADDED") return undefined;
    const rtcp = expect(outside(port + 1, first + 1));
    if (rtcp === "ADDED") return port;
    expectations()[0]?.remove();
    if (rtcp !== "BUSY") return undefined;
  }
  return undefined;
}
