/** What a rule with `connlimit` remembers: the flows it has seen, by address. Flows that are over go when it is their address's turn. */
import { Flow, Packet } from "../../layout";
import { HZ } from "../../limits";
import { giveBackRow, takeRow } from "../../rows";
import { Status } from "../../shared/status";
import {
  Connection,
  flowOfConnection,
  forget,
  identify,
  isClosed,
  isIdentified,
  rememberIdentified,
} from "./connection";
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
/** Addresses that a new one looks at, so that those that nobody uses any more are forgotten. */
const SWEEP: u32 = 2;
/** Linux looks at those that share one of so many slots: as long as there are few of them, none is forgotten. */
const SLOTS: u32 = 256;
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
  /** First and last of its connections, and how many there are. */
  first: u32;
  last: u32;
  count: u32;
  /** Tick of the last look for those that are over, and how many it left. */
  looked: u32;
  left: u32;
}

if (offsetof<Client>("first") != KEY + KEY_WORDS * 8) ERROR("Client");

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
    while (client.first) drop(client, null, changetype<Connection>(client.first));
  }
  clearTable(connections);
  giveBackRow(address, offsetof<Connections>());
}

/** `before`: the one in front of it, if there is one. */
function drop(client: Client, before: Connection | null, connection: Connection): void {
  const address = <u32>changetype<usize>(connection);
  if (before) before.next = connection.next;
  else client.first = connection.next;
  if (client.last == address) client.last = <u32>changetype<usize>(before);
  client.count--;
  forget(address);
}

/**
 * Connections of the key, this packet's included; 0 when there is none, because it is over, or when memory is out.
 *
 * As in Linux a list is looked through once a tick. An assured flow that comes to a list which is there already is not
 * entered, as one that is in use elsewhere; and what has no flow in the table counts until the next look.
 */
export function countConnections(address: u32, key: usize, packet: Packet): u32 {
  const connections = changetype<Connections>(address);
  const flow = identify(packet);
  const entry = findEntry(connections, key);
  if (!entry) return begin(connections, key, flow, packet.now);
  const client = changetype<Client>(entry);
  if (flow && flow.status & Status.ASSURED) return recount(client, packet.now);
  const known = flow != null && (flow.status & Status.CONFIRMED) != 0;
  if (known || client.looked != packet.now || client.count - client.left >= MAX_UNSEEN) {
    if (lookThrough(client, true, packet.now)) return client.count;
    looked(client, packet.now);
  }
  return remember(client, flow) ? client.count : 0;
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
    lookThrough(client, false, now);
    looked(client, now);
  }
  return client.count;
}

function looked(client: Client, now: u32): void {
  client.looked = now;
  client.left = client.count;
}

/** Drops what is over. True when the one that was identified is in the list, which ends the look if that is `sought`. */
function lookThrough(client: Client, sought: bool, now: u32): bool {
  let before: Connection | null = null;
  let address = client.first;
  while (address) {
    const connection = changetype<Connection>(address);
    address = connection.next;
    const flow = flowOfConnection(connection, now);
    if (flow && sought && isIdentified(connection)) return true;
    if (!flow || isClosed(flow)) drop(client, before, connection);
    else before = connection;
  }
  return false;
}

function remember(client: Client, flow: Flow | null): bool {
  const address = rememberIdentified(flow);
  if (!address) return false;
  if (client.last) changetype<Connection>(client.last).next = address;
  else client.first = address;
  client.last = address;
  client.count++;
  return true;
}

/** Forgets clients that have had no connection for a while, a few at a time. */
function sweep(connections: Connections, now: u32): void {
  if (connections.count < SLOTS) return;
  for (let n: u32 = 0; n < SWEEP && connections.count; n++) {
    const entry = firstFrom(connections, connections.cursor);
    if (!entry) {
      connections.cursor = 0;
      continue;
    }
    const client = changetype<Client>(entry);
    connections.cursor = (client.hash & connections.mask) + 1;
    if (now - client.looked < HZ) continue;
    lookThrough(client, false, now);
    if (!client.first) removeEntry(connections, entry);
  }
}
