/** The SCTP state machine as a table: direction x chunk x state, columns in the order of SctpState. */
import {
  ABORT,
  COOKIE_ACK,
  COOKIE_ECHO,
  ERROR_CHUNK,
  HEARTBEAT,
  HEARTBEAT_ACK,
  INIT,
  INIT_ACK,
  SHUTDOWN,
  SHUTDOWN_ACK,
  SHUTDOWN_COMPLETE,
} from "../wire/sctp";

/** The chunk does not fit the state. */
export const INVALID: u32 = 15;

const CL: u8 = 1;
const CW: u8 = 2;
const CE: u8 = 3;
const ES: u8 = 4;
const SS: u8 = 5;
const SR: u8 = 6;
const SA: u8 = 7;
const HS: u8 = 8;
const IV: u8 = <u8>INVALID;

const STATES: u32 = 9;
const ROWS: u32 = 11;

// prettier-ignore
const table = memory.data<u8>([
  // original direction
  /* INIT              */ CL, CL, CW, CE, ES, CL, CL, SA, CW,
  /* INIT_ACK          */ CL, CL, CW, CE, ES, SS, SR, SA, CL,
  /* ABORT             */ CL, CL, CL, CL, CL, CL, CL, CL, CL,
  /* SHUTDOWN          */ CL, CL, CW, CE, SS, SS, SR, SA, CL,
  /* SHUTDOWN_ACK      */ SA, CL, CW, CE, ES, SA, SA, SA, SA,
  /* ERROR             */ CL, CL, CW, CE, ES, SS, SR, SA, CL,
  /* COOKIE_ECHO       */ CL, CL, CE, CE, ES, SS, SR, SA, CL,
  /* COOKIE_ACK        */ CL, CL, CW, ES, ES, SS, SR, SA, CL,
  /* SHUTDOWN_COMPLETE */ CL, CL, CW, CE, ES, SS, SR, CL, CL,
  /* HEARTBEAT         */ HS, CL, CW, CE, ES, SS, SR, SA, HS,
  /* HEARTBEAT_ACK     */ CL, CL, CW, CE, ES, SS, SR, SA, HS,
  // reply direction
  /* INIT              */ IV, CL, CW, CE, ES, SS, SR, SA, IV,
  /* INIT_ACK          */ IV, CW, CW, CE, ES, SS, SR, SA, IV,
  /* ABORT             */ IV, CL, CL, CL, CL, CL, CL, CL, IV,
  /* SHUTDOWN          */ IV, CL, CW, CE, SR, SS, SR, SA, IV,
  /* SHUTDOWN_ACK      */ IV, CL, CW, CE, ES, SA, SA, SA, IV,
  /* ERROR             */ IV, CL, CW, CL, ES, SS, SR, SA, IV,
  /* COOKIE_ECHO       */ IV, CL, CE, CE, ES, SS, SR, SA, IV,
  /* COOKIE_ACK        */ IV, CL, CW, ES, ES, SS, SR, SA, IV,
  /* SHUTDOWN_COMPLETE */ IV, CL, CW, CE, ES, SS, SR, CL, IV,
  /* HEARTBEAT         */ IV, CL, CW, CE, ES, SS, SR, SA, HS,
  /* HEARTBEAT_ACK     */ IV, CL, CW, CE, ES, SS, SR, SA, ES,
]);

function rowOf(chunk: u32): i32 {
  switch (<i32>chunk) {
    case INIT:
      return 0;
    case INIT_ACK:
      return 1;
    case ABORT:
      return 2;
    case SHUTDOWN:
      return 3;
    case SHUTDOWN_ACK:
      return 4;
    case ERROR_CHUNK:
      return 5;
    case COOKIE_ECHO:
      return 6;
    case COOKIE_ACK:
      return 7;
    case SHUTDOWN_COMPLETE:
      return 8;
    case HEARTBEAT:
      return 9;
    case HEARTBEAT_ACK:
      return 10;
    default:
      return -1;
  }
}

/** Chunks without a row, DATA and SACK among them, keep the state. */
export function transition(direction: u32, chunk: u32, state: u32): u32 {
  const row = rowOf(chunk);
  if (row < 0) return state;
  return load<u8>(table + (direction * ROWS + <u32>row) * STATES + state);
}
