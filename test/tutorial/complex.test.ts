/** The tutorial on complex protocols (claims T-90 to T-95), held against Linux 6.18. */
import { beforeEach, expect, it } from "vitest";
import { tcp } from "../../src/packet/index.js";
import { type Connection, Machine } from "./machine.js";

const CLIENT = "192.168.1.5";
const SERVER = "192.168.1.35";

let machine: Machine;
beforeEach(async () => {
  machine = await Machine.create();
});

function logIn(): Connection {
  const control = machine.connection({ client: CLIENT, server: SERVER, serverPort: 21 }).open();
  control.server("PSH+ACK", "220 ready\r\n");
  control.client("PSH+ACK", "USER anonymous\r\n");
  control.server("PSH+ACK", "331 password\r\n");
  return control;
}

const syn = (src: string, dst: string, sport: number, dport: number) =>
  machine.send(tcp({ src, dst, sport, dport, flags: "SYN" }));

it("T-90: active FTP: the client announces a port, the server's connection to it is RELATED", () => {
  machine.ct.addHelper({ name: "ftp" });
  const control = logIn();
  expect(control.client("PSH+ACK", "PORT 192,168,1,5,4,1\r\n").ctState).toBe("ESTABLISHED");
  expect(machine.expectations()).toEqual([
    "300 l3proto = 2 proto=6 src=192.168.1.35 dst=192.168.1.5 sport=0 dport=1025 ftp",
  ]);
  const data = machine.connection({ client: SERVER, server: CLIENT, clientPort: 20, serverPort: 1025 });
  expect(data.client("SYN").ctState).toBe("RELATED");
  expect(data.server("SYN+ACK").ctState).toBe("ESTABLISHED");
  expect(data.client("ACK").ctState).toBe("ESTABLISHED");
  expect(machine.expectations()).toEqual([]);
});

it("T-90: only from the client's second command on: the first has no line before it", () => {
  machine.ct.addHelper({ name: "ftp" });
  const control = machine.connection({ client: CLIENT, server: SERVER, serverPort: 21 }).open();
  control.client("PSH+ACK", "PORT 192,168,1,5,4,1\r\n");
  expect(machine.expectations()).toEqual([]);
  control.client("PSH+ACK", "PORT 192,168,1,5,4,1\r\n");
  expect(machine.expectations().length).toBe(1);
});

it("T-91: passive FTP: the server announces a port, the client's connection to it is RELATED", () => {
  machine.ct.addHelper({ name: "ftp" });
  const control = logIn();
  control.client("PSH+ACK", "PASV\r\n");
  control.server("PSH+ACK", "227 Entering Passive Mode (192,168,1,35,4,1)\r\n");
  expect(syn(CLIENT, SERVER, 1027, 1025).ctState).toBe("RELATED");
});

it("T-92: from whatever port the client likes; port 20 is the active server's", () => {
  machine.ct.addHelper({ name: "ftp" });
  const control = logIn();
  for (const port of [20, 40000]) {
    control.client("PSH+ACK", "PASV\r\n");
    control.server("PSH+ACK", "227 Entering Passive Mode (192,168,1,35,4,1)\r\n");
    expect(syn(CLIENT, SERVER, port, 1025).ctState).toBe("RELATED");
  }
});

it("T-93: IRC's DCC likewise, when the client asks for it", () => {
  machine.ct.addHelper({ name: "irc" });
  const chat = machine.connection({ client: CLIENT, server: SERVER, serverPort: 6667 }).open();
  const address = ((192 << 24) | (168 << 16) | (1 << 8) | 5) >>> 0;
  chat.client("PSH+ACK", `PRIVMSG friend :\u0001DCC SEND file ${address} 5000 100\u0001\r\n`);
  expect(syn("203.0.113.7", CLIENT, 2000, 5000).ctState).toBe("RELATED");
  chat.server("PSH+ACK", `:x PRIVMSG friend :\u0001DCC SEND file ${address} 5001 100\u0001\r\n`);
  expect(syn("203.0.113.7", CLIENT, 2000, 5001).ctState).toBe("NEW");
});

it("T-94: a helper does nothing until it is given to flows", () => {
  const control = logIn();
  control.client("PSH+ACK", "PORT 192,168,1,5,4,1\r\n");
  expect([...machine.ct.flows()][0]!.helper).toBeUndefined();
  expect(machine.expectations()).toEqual([]);
});

it("T-95: TFTP and Amanda are there", () => {
  for (const name of ["tftp", "amanda"]) machine.ct.addHelper({ name });
  machine.datagrams({ client: CLIENT, server: SERVER, serverPort: 10080 }).client();
  machine.datagrams({ client: CLIENT, server: SERVER, serverPort: 69 }).client();
  expect([...machine.ct.flows()].map(({ helper }) => helper).sort()).toEqual(["amanda", "tftp"]);
});
