/** What a rule with `connlimit` remembers: the flows it has seen, by address. Flows that are over go when it is their address's turn. */
import { isExpired } from "../../flow";
import { findFlow } from "../../flow-table";
import { Flow, Packet, Stage } from "../../layout";
import { HZ } from "../../limits";
import { giveBackRow, takeRow } from "../../rows";
import { Protocol } from "../../shared/protocol";
import { Status } from "../../shared/status";
import { TcpState } from "../../shared/tcp-state";
import { stateOf, TcpFlow } from "../../tracker/tcp-flow";
import {
  addEntry,
  clearTable,
  findEntry,
  firstFrom,
  following,
  HashTable,
  initTable,
  KEY,
  removeEntry,
} from "./hash-table";

/** Key: the address and its zone. */
const KEY_WORDS: u32 = 3;
/** Addresses that a packet looks at beside its own, so that those that nobody uses any more are forgotten. */
const SWEEP: u32 = 2;
/** Connections that may be added in a tick before all are looked at again. */
const MAX_UNSEEN: u32 = 64;


@unmanaged
class Connections extends HashTable {
  /** Bucket that is looked at next. */
  cursor: u32;
}


@unmanaged
class Client {
  next: u32;
  hash: u32;
  address0: u64;
  address1: u64;
  zone: u64;
  /** First of its connections, and how many there are. */
  first: u32;
  count: u32;
  /** Tick of the last look for those that are over, and how many it left. */
  looked: u32;
  left: u32;
}

if (offsetof<Client>("first") != KEY + KEY_WORDS * 8) ERROR("Client");


@unmanaged
class Connection {
  next: u32;
  /** 0: of a packet without one. */
  flow: u32;
  generation: u32;
}

const CONNECTION: u32 = offsetof<Connection>();

/** 0 when memory is out. */
export function createConnections(): u32 {
  const address = takeRow(offsetof<Connections>());
  if (address) initTable(changetype<Connections>(address), KEY_WORDS, offsetof<Client>());
  return address;
}

export function destroyConnections(address: u32): void {
  const connections = changetype<Connections>(address);
  for (let entry = firstFrom(connections, 0); entry; entry = following(connections, entry)) {
    const client = changetype<Client>(entry);
    while (client.first) drop(changetype<usize>(client) + offsetof<Client>("first"));
  }
  clearTable(connections);
  giveBackRow(address, offsetof<Connections>());
}

function drop(link: usize): void {
  const address = load<u32>(link);
  store<u32>(link, changetype<Connection>(address).next);
  giveBackRow(address, CONNECTION);
}

/**
 * Connections of the key, this packet's included; 0 when there is none, because it is over, or when memory is out.
 *
 * As in Linux a list is looked through once a tick. An assured flow that comes to a list which is there already is not
 * entered, as one that is in use elsewhere; and what has no flow in the table counts until the next look.
 */
export function countConnections(address: u32, key: usize, packet: Packet): u32 {
  const connections = changetype<Connections>(address);
  const flow = flowFor(packet);
  const entry = findEntry(connections, key);
  if (!entry) return begin(connections, key, flow, packet.now);
  const client = changetype<Client>(entry);
  if (flow && flow.status & Status.ASSURED) return recount(client, packet.now);
  const known = flow != null && (flow.status & Status.CONFIRMED) != 0;
  if (known || client.looked != packet.now || client.count - client.left >= MAX_UNSEEN) {
    if (lookThrough(client, flow, packet.now)) return recount(client, packet.now);
    looked(client, packet.now);
  }
  return remember(client, flow) ? client.count : 0;
}

/** Also that of a packet that is INVALID or UNTRACKED, by its tuple. */
function flowFor(packet: Packet): Flow | null {
  if (packet.flow) return changetype<Flow>(packet.flow);
  if (packet.stage != Stage.TUPLE || packet.zone) return null;
  const flow = findFlow(packet.hash, packet);
  return flow && !isExpired(flow, packet.now) ? flow : null;
}

function begin(connections: Connections, key: usize, flow: Flow | null, now: u32): u32 {
  sweep(connections, now);
  const entry = addEntry(connections, key);
  if (!entry) return 0;
  const client = changetype<Client>(entry);
  looked(client, now);
  return remember(client, flow) ? 1 : 0;
}

function recount(client: Client, now: u32): u32 {
  if (client.looked != now) {
    lookThrough(client, null, now);
    looked(client, now);
  }
  return client.count;
}

function looked(client: Client, now: u32): void {
  client.looked = now;
  client.left = client.count;
}

/** Drops what is over. True when the flow is in the list, which ends the look. */
function lookThrough(client: Client, own: Flow | null, now: u32): bool {
  let link = changetype<usize>(client) + offsetof<Client>("first");
  while (load<u32>(link)) {
    const connection = changetype<Connection>(load<u32>(link));
    const flow = changetype<Flow | null>(connection.flow);
    const gone = !flow || flow.generation != connection.generation || !isAlive(flow, now);
    if (!gone && flow == own) return true;
    if (gone || isClosed(flow!)) {
      drop(link);
      client.count--;
    } else {
      link = load<u32>(link) + offsetof<Connection>("next");
    }
  }
  return false;
}

/** Others can find it. */
function isAlive(flow: Flow, now: u32): bool {
  return (flow.status & (Status.CONFIRMED | Status.DYING)) == Status.CONFIRMED && !isExpired(flow, now);
}

function isClosed(flow: Flow): bool {
  if (flow.protocol != Protocol.TCP) return false;
  const state = stateOf(changetype<TcpFlow>(changetype<usize>(flow)));
  return state == TcpState.TIME_WAIT || state == TcpState.CLOSE;
}

function remember(client: Client, flow: Flow | null): bool {
  const address = takeRow(CONNECTION);
  if (!address) return false;
  const connection = changetype<Connection>(address);
  connection.flow = <u32>changetype<usize>(flow);
  connection.generation = flow ? flow.generation : 0;
  connection.next = client.first;
  client.first = address;
  client.count++;
  return true;
}

/** Forgets clients that have had no connection for a while, a few at a time. */
function sweep(connections: Connections, now: u32): void {
  for (let n: u32 = 0; n < SWEEP && connections.count; n++) {
    const entry = firstFrom(connections, connections.cursor);
    if (!entry) {
      connections.cursor = 0;
      continue;
    }
    const client = changetype<Client>(entry);
    connections.cursor = (client.hash & connections.mask) + 1;
    if (now - client.looked < HZ) continue;
    lookThrough(client, null, now);
    if (!client.first) removeEntry(connections, entry);
  }
}
