import type { Extension } from "../extension.js";
import { type ChecksumTarget, checksum } from "./checksum.js";
import { type ClassifyTarget, classify } from "./classify.js";
import { type ConnmarkTarget, connmark } from "./connmark.js";
import { type CtTarget, ct } from "./ct.js";
import { type DscpTarget, dscp } from "./dscp.js";
import { type EcnTarget, ecn } from "./ecn.js";
import { type HopLimitTarget, hl, ttl } from "./hop-limit.js";
import type { JumpTarget } from "./jump.js";
import { type LogTarget, log } from "./log.js";
import { type MarkTarget, mark } from "./mark.js";
import { dnat, masquerade, type NatTarget, redirect, snat } from "./nat.js";
import { type NetmapTarget, netmap } from "./netmap.js";
import { type NflogTarget, nflog } from "./nflog.js";
import { type NotrackTarget, notrack } from "./notrack.js";
import { type RejectTarget, reject } from "./reject.js";
import { type SetTarget, set } from "./set.js";
import { type TcpmssTarget, tcpmss } from "./tcpmss.js";
import { type TcpoptstripTarget, tcpoptstrip } from "./tcpoptstrip.js";
import { type TosTarget, tos } from "./tos.js";
import { type TraceTarget, trace } from "./trace.js";
import { type VerdictTarget, verdicts } from "./verdict.js";

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
  | NotrackTarget
  | RejectTarget
  | SetTarget
  | TcpmssTarget
  | TcpoptstripTarget
  | TosTarget
  | TraceTarget
  | VerdictTarget;

export const TARGETS: readonly Extension<Target>[] = [
  ...verdicts,
  checksum,
  classify,
  connmark,
  ct,
  dnat,
  dscp,
  ecn,
  hl,
  log,
  mark,
  masquerade,
  netmap,
  nflog,
  notrack,
  redirect,
  reject,
  set,
  snat,
  tcpmss,
  tcpoptstrip,
  tos,
  trace,
  ttl,
];
