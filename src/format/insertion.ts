/** Flows of a listing as Conntrack.insert() takes them. */
import { Status, TRANSLATED } from "../../assembly/shared/status.js";
import { ConntrackError } from "../errors.js";
import type { Insertion } from "../insertion.js";
import type { ListedFlow } from "./listed-flow.js";

const TOLD = Status.SEEN_REPLY | Status.ASSURED;

/**
 * What Conntrack.insert() needs to enter the flow of a listing. Counters, helpers and windows are not entered.
 * @throws ConntrackError CT_BAD_OPTION for a flow whose zone counts for one direction only
 */
export function insertionOf(flow: ListedFlow): Insertion {
  const { protocolNumber, original, reply, zone, timeout, state, status, mark, labels } = flow;
  if (flow.zoneDirection !== "both") {
    throw new ConntrackError("CT_BAD_OPTION", "a flow in a zone of one direction cannot be entered");
  }
  return {
    protocol: protocolNumber,
    original,
    ...(status & TRANSLATED && { reply }),
    zone,
    timeout,
    ...(state !== undefined && { state }),
    status: status & TOLD,
    mark,
    labels,
  };
}
