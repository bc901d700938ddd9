/**
 * The connections that `connlimit` counts, each remembered by a tuple in its zones. Whose flow that is, or that it is
 * none's, is asked anew at each look, as a flow may end and another one have its tuple.
 */
import { isExpired } from "../../flow";
import { Flow, Flow6, Packet, Stage } from "../../layout";
import { giveBackRow, takeRow } from "../../rows";
import { CtState, Direction } from "../../shared/ct-state";
import { Family, Protocol } from "../../shared/protocol";
import { Status } from "../../shared/status";
import { CtZone } from "../../shared/target-record";
import { TcpState } from "../../shared/tcp-state";
import { Template } from "../../template";
import { stateOf, TcpFlow } from "../../tracker/tcp-flow";
import { flow6, zoneOf } from "../../tuple";
import { hashPacket } from "../../tuple-hash";
import { findByTuple } from "../../zone-search";


@unmanaged
export class Connection {
  next: u32;
  /** The flow that had the tuple last, and the generation of its place; 0 for none. */
  flow: u32;
  generation: u16;
  protocol: u8;
  /** 0: it has no tuple of its own, and no flow. */
  family: u8;
  ports: u32;
  originalZone: u16;
  replyZone: u16;
  unused: u32;
  /** Source and destination: IPv4 together in the first, which ends its row. */
  address0: u64;
  address1: u64;
  address2: u64;
  address3: u64;
}

const LONG: u32 = offsetof<Connection>();
const SHORT: u32 = offsetof<Connection>("address1");

// @ts-ignore: decorator
@inline
function bytesOf(family: u32): u32 {
  return family == Family.IPV6 ? LONG : SHORT;
}

/** What tells the packet's connection from others: a row that is filled in as far as a flow is found by it. */
const wanted = changetype<Packet>(memory.data(offsetof<Packet>(), 16));

/** The tuple and zones under which the packet is counted, until the next one is looked at. Its flow, if there is one. */
export function identify(packet: Packet): Flow | null {
  wanted.protocol = packet.protocol;
  wanted.family = packet.family;
  if (packet.flow) {
    const flow = changetype<Flow>(packet.flow);
    readTuple(flow);
    return flow;
  }
  readZones(packet);
  wanted.ports = packet.ports;
  wanted.address = packet.address;
  wanted.src0 = packet.src0;
  wanted.src1 = packet.src1;
  wanted.dst0 = packet.dst0;
  wanted.dst1 = packet.dst1;
  if (packet.stage == Stage.ICMP) wanted.family = 0;
  return find(wanted, packet.now);
}

/** Whichever of its ends a packet comes from, a flow counts by its first packet's tuple. */
function readTuple(flow: Flow): void {
  wanted.protocol = flow.protocol;
  wanted.originalZone = <u16>zoneOf(flow, Direction.ORIGINAL);
  wanted.replyZone = <u16>zoneOf(flow, Direction.REPLY);
  wanted.ports = flow.originalPorts;
  if (wanted.family == Family.IPV4) {
    wanted.address = flow.originalAddress;
    return;
  }
  const six: Flow6 = flow6(flow);
  wanted.src0 = six.originalSrc0;
  wanted.src1 = six.originalSrc1;
  wanted.dst0 = six.originalDst0;
  wanted.dst1 = six.originalDst1;
}

/** Before tracking, those that `-j CT` has given: `--zone mark` is no zone yet. */
function readZones(packet: Packet): void {
  const zone = templateZone(packet);
  const zoneOf = zone ? changetype<Template>(packet.template).zoneOf : 0;
  wanted.originalZone = zoneOf & CtZone.ORIGINAL ? <u16>zone : 0;
  wanted.replyZone = zoneOf & CtZone.REPLY ? <u16>zone : 0;
}

/** The zone of the packet's flow, or of its template. */
export function zoneOfPacket(packet: Packet): u32 {
  return packet.flow ? changetype<Flow>(packet.flow).zone : templateZone(packet);
}

function templateZone(packet: Packet): u32 {
  if (!packet.template || packet.ctState != CtState.NEW) return 0;
  const template = changetype<Template>(packet.template);
  return template.zoneOf & CtZone.MARK ? 0 : template.zone;
}

function find(tuple: Packet, now: u32): Flow | null {
  if (!tuple.family) return null;
  tuple.zone = tuple.originalZone;
  const flow = findByTuple(tuple, hashPacket(tuple));
  return flow && !isExpired(flow, now) ? flow : null;
}

/** 0 when memory is out. */
export function rememberIdentified(flow: Flow | null): u32 {
  const address = takeRow(bytesOf(wanted.family));
  if (!address) return 0;
  const connection = changetype<Connection>(address);
  setFlow(connection, flow);
  connection.protocol = wanted.protocol;
  connection.family = wanted.family;
  connection.ports = wanted.ports;
  connection.originalZone = wanted.originalZone;
  connection.replyZone = wanted.replyZone;
  if (wanted.family == Family.IPV6) {
    memory.copy(
      address + offsetof<Connection>("address0"),
      changetype<usize>(wanted) + offsetof<Packet>("src0"),
      32,
    );
  } else {
    connection.address0 = wanted.address;
  }
  return address;
}

export function forget(address: u32): void {
  giveBackRow(address, bytesOf(changetype<Connection>(address).family));
}

/** Whether it is the one that was identified. */
export function isIdentified(connection: Connection): bool {
  if (connection.ports != wanted.ports || connection.protocol != wanted.protocol) return false;
  if (connection.originalZone != wanted.originalZone || connection.replyZone != wanted.replyZone)
    return false;
  if (connection.family != Family.IPV6) return connection.address0 == wanted.address;
  return (
    connection.address0 == wanted.src0 &&
    connection.address1 == wanted.src1 &&
    connection.address2 == wanted.dst0 &&
    connection.address3 == wanted.dst1
  );
}

function setFlow(connection: Connection, flow: Flow | null): void {
  connection.flow = <u32>changetype<usize>(flow);
  connection.generation = flow ? flow.generation : 0;
}

/** The row for the tuple of a remembered connection. */
const remembered = changetype<Packet>(memory.data(offsetof<Packet>(), 16));

/** The flow that has the connection's tuple now. */
export function flowOfConnection(connection: Connection, now: u32): Flow | null {
  const last = changetype<Flow | null>(connection.flow);
  if (last && last.generation == connection.generation && isInTable(last, now)) return last;
  remembered.protocol = connection.protocol;
  remembered.family = connection.family;
  remembered.ports = connection.ports;
  remembered.originalZone = connection.originalZone;
  remembered.replyZone = connection.replyZone;
  if (connection.family == Family.IPV6) {
    const from = changetype<usize>(connection) + offsetof<Connection>("address0");
    memory.copy(changetype<usize>(remembered) + offsetof<Packet>("src0"), from, 32);
  } else {
    remembered.address = connection.address0;
  }
  const flow = find(remembered, now);
  setFlow(connection, flow);
  return flow;
}

function isInTable(flow: Flow, now: u32): bool {
  return (flow.status & (Status.CONFIRMED | Status.DYING)) == Status.CONFIRMED && !isExpired(flow, now);
}

export function isClosed(flow: Flow): bool {
  if (flow.protocol != Protocol.TCP) return false;
  const state = stateOf(changetype<TcpFlow>(changetype<usize>(flow)));
  return state == TcpState.TIME_WAIT || state == TcpState.CLOSE;
}
