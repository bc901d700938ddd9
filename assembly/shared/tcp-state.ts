/** TCP states in the kernel's numbering; /proc prints these names. */
export enum TcpState {
  NONE = 0,
  SYN_SENT = 1,
  SYN_RECV = 2,
  ESTABLISHED = 3,
  FIN_WAIT = 4,
  CLOSE_WAIT = 5,
  LAST_ACK = 6,
  TIME_WAIT = 7,
  CLOSE = 8,
  SYN_SENT2 = 9,
}

/** What a segment is to the state machine: its "index" in the kernel's log lines. */
export enum TcpClass {
  SYN = 0,
  SYNACK = 1,
  FIN = 2,
  ACK = 3,
  RST = 4,
  NONE = 5,
}

/** Flags of one side of a TCP flow (ctnetlink's tcp flags), and of the last recorded segment. */
export enum TcpFlag {
  WINDOW_SCALE = 0x01,
  SACK_PERM = 0x02,
  CLOSE_INIT = 0x04,
  BE_LIBERAL = 0x08,
  DATA_UNACKNOWLEDGED = 0x10,
  MAXACK_SET = 0x20,
  EXP_CHALLENGE_ACK = 0x40,
  SIMULTANEOUS_OPEN = 0x80,
}
