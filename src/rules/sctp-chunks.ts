/** Chunks of SCTP and their flags, by the names that iptables has for them. */

/** In the order in which they are printed. */
export const SCTP_CHUNKS: readonly { readonly name: string; readonly type: number }[] = [
  { name: "DATA", type: 0 },
  { name: "INIT", type: 1 },
  { name: "INIT_ACK", type: 2 },
  { name: "SACK", type: 3 },
  { name: "HEARTBEAT", type: 4 },
  { name: "HEARTBEAT_ACK", type: 5 },
  { name: "ABORT", type: 6 },
  { name: "SHUTDOWN", type: 7 },
  { name: "SHUTDOWN_ACK", type: 8 },
  { name: "ERROR", type: 9 },
  { name: "COOKIE_ECHO", type: 10 },
  { name: "COOKIE_ACK", type: 11 },
  { name: "ECN_ECNE", type: 12 },
  { name: "ECN_CWR", type: 13 },
  { name: "SHUTDOWN_COMPLETE", type: 14 },
  { name: "I_DATA", type: 64 },
  { name: "ASCONF_ACK", type: 128 },
  { name: "RE_CONFIG", type: 130 },
  { name: "PAD", type: 132 },
  { name: "FORWARD_TSN", type: 192 },
  { name: "ASCONF", type: 193 },
  { name: "I_FORWARD_TSN", type: 194 },
];

/** Bits of a chunk's flags by their letters, in the order in which they are printed; by chunk type. */
export const CHUNK_FLAGS: ReadonlyMap<number, ReadonlyMap<string, number>> = new Map([
  [
    0,
    new Map([
      ["I", 8],
      ["U", 4],
      ["B", 2],
      ["E", 1],
    ]),
  ],
  [6, new Map([["T", 1]])],
  [14, new Map([["T", 1]])],
  [
    64,
    new Map([
      ["I", 8],
      ["U", 4],
      ["B", 2],
      ["E", 1],
    ]),
  ],
]);
