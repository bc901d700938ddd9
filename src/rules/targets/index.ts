import type { ChecksumTarget } from "./checksum.js";
import type { ClassifyTarget } from "./classify.js";
import type { ConnmarkTarget } from "./connmark.js";
import type { CtTarget } from "./ct.js";
import type { DscpTarget } from "./dscp.js";
import type { EcnTarget } from "./ecn.js";
import type { HopLimitTarget } from "./hop-limit.js";
import type { JumpTarget } from "./jump.js";
import type { LogTarget } from "./log.js";
import type { MarkTarget } from "./mark.js";
import type { NatTarget } from "./nat.js";
import type { NetmapTarget } from "./netmap.js";
import type { NflogTarget } from "./nflog.js";
import type { RejectTarget } from "./reject.js";
import type { SetTarget } from "./set.js";
import type { TcpmssTarget } from "./tcpmss.js";
import type { TcpoptstripTarget } from "./tcpoptstrip.js";
import type { TosTarget } from "./tos.js";
import type { TraceTarget } from "./trace.js";
import type { VerdictTarget } from "./verdict.js";

/** `name` says which. */
export type Target =
  | ChecksumTarget
  | ClassifyTarget
  | ConnmarkTarget
  | CtTarget
  | DscpTarget
  | EcnTarget
  | HopLimitTarget
  | JumpTarget
  | LogTarget
  | MarkTarget
  | NatTarget
  | NetmapTarget
  | NflogTarget
  | RejectTarget
  | SetTarget
  | TcpmssTarget
  | TcpoptstripTarget
  | TosTarget
  | TraceTarget
  | VerdictTarget;
