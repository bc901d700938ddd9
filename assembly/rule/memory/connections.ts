/** What a rule with `connlimit` remembers: the flows it has seen, by address. Flows that are over go when it is their address's turn. */
import { isExpired } from "../../flow";
import { Flow, Packet } from "../../layout";
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
  /** First of its connections. */
  first: u32;
}

if (offsetof<Client>("first") != KEY + KEY_WORDS * 8) ERROR("Client");


@unmanaged
class Connection {
  next: u32;
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

/** Connections of the key, this packet's included; 0 when memory is out. */
export function countConnections(address: u32, key: usize, packet: Packet): u32 {
  const connections = changetype<Connections>(address);
  let entry = findEntry(connections, key);
  if (!entry) {
    sweep(connections, packet.now);
    entry = addEntry(connections, key);
    if (!entry) return 0;
  }
  const client = changetype<Client>(entry);
  const known = countAlive(client, packet.flow, packet.now);
  if (known & KNOWN) return known & ~KNOWN;
  // What is not tracked counts as long as it is here.
  if (packet.flow && !remember(client, packet)) return 0;
  return known + 1;
}

/** Beside the count: the packet's own flow is among them. */
const KNOWN: u32 = 0x80000000;

function countAlive(client: Client, own: u32, now: u32): u32 {
  let count: u32 = 0;
  let known: u32 = 0;
  let link = changetype<usize>(client) + offsetof<Client>("first");
  while (load<u32>(link)) {
    const connection = changetype<Connection>(load<u32>(link));
    const flow = changetype<Flow>(connection.flow);
    if (flow.generation != connection.generation) {
      drop(link);
      continue;
    }
    if (connection.flow == own) known = KNOWN;
    else if (isOver(flow, now)) {
      drop(link);
      continue;
    }
    count++;
    link = load<u32>(link) + offsetof<Connection>("next");
  }
  return count | known;
}

/** Gone, or on its way out. */
function isOver(flow: Flow, now: u32): bool {
  if (!(flow.status & Status.CONFIRMED) || isExpired(flow, now)) return true;
  if (flow.protocol != Protocol.TCP) return false;
  const state = stateOf(changetype<TcpFlow>(changetype<usize>(flow)));
  return state == TcpState.TIME_WAIT || state == TcpState.CLOSE;
}

function remember(client: Client, packet: Packet): bool {
  const address = takeRow(CONNECTION);
  if (!address) return false;
  const connection = changetype<Connection>(address);
  connection.flow = packet.flow;
  connection.generation = changetype<Flow>(packet.flow).generation;
  connection.next = 0;
  let link = changetype<usize>(client) + offsetof<Client>("first");
  connection.next = load<u32>(link);
  store<u32>(link, address);
  return true;
}

/** Forgets clients without connections, a few at a time. */
function sweep(connections: Connections, now: u32): void {
  for (let n: u32 = 0; n < SWEEP && connections.count; n++) {
    const entry = firstFrom(connections, connections.cursor);
    if (!entry) {
      connections.cursor = 0;
      continue;
    }
    const client = changetype<Client>(entry);
    connections.cursor = (client.hash & connections.mask) + 1;
    countAlive(client, 0, now);
    if (!client.first) removeEntry(connections, entry);
  }
}
