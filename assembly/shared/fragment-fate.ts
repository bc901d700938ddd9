/** What became of a fragment: the number `a` that goes with the reason FRAGMENT. */
export enum FragmentFate {
  /** Held until its datagram is complete. */
  HELD = 0,
  /** Has come already. */
  COPY,
  /** Overlaps what has come: the datagram is given up. */
  OVERLAP,
  /** Contradicts where the datagram ends. */
  END,
  /** Carries nothing. */
  EMPTY,
  /** The datagram would be longer than 65535 bytes. */
  TOO_LONG,
  /** Completes a datagram of which only some fragments are ECN-capable. */
  ECN,
  /** Memory for fragments is used up. */
  NO_ROOM,
  /** IPv6: its length is no multiple of eight, yet more are to follow. It passes on its own. */
  UNALIGNED,
  /** IPv6: the first fragment ends before the transport header does. It passes on its own. */
  NO_TRANSPORT,
}
