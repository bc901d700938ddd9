import { beforeEach, describe, expect, it } from "vitest";
import type { Conntrack } from "../../../src/index.js";
import { CLIENT, CLIENT6, SERVER, SERVER6, SYN, tcp } from "./packets.js";
import { announced, Session, trackerWith } from "./session.js";

const toClient = (port: number) =>
  `l3proto = 2 proto=6 src=${SERVER} dst=${CLIENT} sport=0 dport=${port} ftp`;
const toServer = (port: number) =>
  `l3proto = 2 proto=6 src=${CLIENT} dst=${SERVER} sport=0 dport=${port} ftp`;

describe("ftp", () => {
  let conntrack: Conntrack;

  beforeEach(async () => {
    conntrack = await trackerWith({ name: "ftp" });
  });

  /** Both sides have ended a line. */
  function loggedIn(options = {}): Session {
    const session = new Session(conntrack, options);
    session.server("220 ready\r\n");
    session.client("USER x\r\n");
    return session;
  }

  const dial = (src: string, dst: string, dport: number, sport = 20) =>
    conntrack.track(tcp({ src, dst, sport, dport }, { flags: SYN }), { time: 0 });

  it("follows PORT to the client", () => {
    loggedIn().client("PORT 10,1,0,2,156,64\r\n");
    expect(announced(conntrack)).toEqual([toClient(40000)]);
    const { ctState, flow } = dial(SERVER, CLIENT, 40000);
    expect(ctState).toBe("RELATED");
    expect(flow?.master?.original.dport).toBe(21);
    expect(announced(conntrack)).toEqual([]);
    expect(dial(SERVER, CLIENT, 40000, 1020).ctState).toBe("NEW");
  });

  it("admits only the server", () => {
    loggedIn().client("PORT 10,1,0,2,156,64\r\n");
    expect(dial("203.0.113.11", CLIENT, 40000).ctState).toBe("NEW");
    expect(dial(CLIENT, SERVER, 40000).ctState).toBe("NEW");
  });

  it.each([
    ["227 Entering Passive Mode (203,0,113,10,195,80).\r\n", toServer(50000)],
    ["227 =203,0,113,10,195,80\r\n", toServer(50000)],
    ["229 Entering Extended Passive Mode (|||50001|)\r\n", toServer(50001)],
    ["229 (!!!50002!)\r\n", toServer(50002)],
  ])("follows the reply %j to the server", (reply, line) => {
    loggedIn().server(reply);
    expect(announced(conntrack)).toEqual([line]);
    expect(dial(CLIENT, SERVER, Number(/dport=(\d+)/.exec(line)?.[1])).ctState).toBe("RELATED");
  });

  it.each([
    ["port 10,1,0,2,156,64\r\n", 40000],
    ["PORT 10,1,,2,156,64\r\n", 40000],
    ["PORT 10,1,0,2,156,320\r\n", (156 << 8) | 320],
    ["EPRT |1|10.1.0.2|40001|\r\n", 40001],
    ["eprt !1!10.1.0.2!40002!\r\n", 40002],
  ])("follows the command %j", (command, port) => {
    expect(loggedIn().client(command).verdict).toBe("ACCEPT");
    expect(announced(conntrack)).toEqual([toClient(port)]);
  });

  it.each([
    "EPRT |2|2001:db8:1::2|40001|\r\n",
    "EPRT |2|2001:0DB8:1:0:0:0:0:2|40001|\r\n",
    "EPRT |2|2001:db8:1::0.0.0.2|40001|\r\n",
  ])("follows %j over IPv6", (command) => {
    loggedIn({ client: CLIENT6, server: SERVER6 }).client(command);
    expect(announced(conntrack)).toHaveLength(1);
    expect(dial(SERVER6, CLIENT6, 40001).ctState).toBe("RELATED");
  });

  it("follows EPSV over IPv6", () => {
    loggedIn({ client: CLIENT6, server: SERVER6 }).server("229 (|||50003|)\r\n");
    expect(dial(CLIENT6, SERVER6, 50003).ctState).toBe("RELATED");
  });

  it.each([
    "PORT 10,1,0,9,156,64\r\n",
    "EPRT |1|10.1.0.9|40000|\r\n",
    "NOOP\r\nPORT 10,1,0,2,156,64\r\n",
    "XPORT 10,1,0,2,156,64\r\n",
    "227 (10,1,0,2,156,64)\r\n",
  ])("lets %j pass without following it", (command) => {
    expect(loggedIn().client(command).verdict).toBe("ACCEPT");
    expect(announced(conntrack)).toEqual([]);
  });

  it.each([
    "PORT",
    "POR",
    "PORT 10,1,0,2,15",
    "PORT 10,1,0,2,156,64\n",
    "PORT 10,1,0,2,156,64x\r\n",
    "EPRT |2|2001:db8:1::2|40000|\r\n",
    "EPRT |1|10.1.0.2|0|\r\n",
    "EPRT |1|10.1.0.2|40000",
  ])("drops %j, which it cannot follow", (command) => {
    const result = loggedIn().client(command);
    expect([result.verdict, result.reason]).toEqual(["DROP", "HELPER_DROP"]);
    expect(announced(conntrack)).toEqual([]);
  });

  it.each(["227 ok\r\n", "227 (203,0,113,10,195\r\n", "229 ok\r\n", "229 (|||0|)\r\n"])(
    "drops the reply %j",
    (reply) => {
      expect(loggedIn().server(reply).verdict).toBe("DROP");
    },
  );

  it("lets a command pass that the capture cut off", () => {
    const session = loggedIn();
    expect(session.client("PORT 10,1,0,2,156,64\r\n", 12).verdict).toBe("ACCEPT");
    expect(announced(conntrack)).toEqual([]);
  });

  it("reads commands only where a line is known to begin", () => {
    const session = new Session(conntrack);
    session.client("PORT 10,1,0,2,156,64\r\n");
    expect(announced(conntrack)).toEqual([]);
    session.client("PORT 10,1,0,2,156,65\r\n");
    expect(announced(conntrack)).toEqual([toClient(40001)]);
    session.client("NOOP");
    session.client("PORT 10,1,0,2,156,66\r\n");
    expect(announced(conntrack)).toEqual([toClient(40001)]);
  });

  it("keeps the newest announcement only", () => {
    const session = loggedIn();
    session.client("PORT 10,1,0,2,156,64\r\n");
    session.client("PORT 10,1,0,2,156,65\r\n");
    expect(announced(conntrack)).toEqual([toClient(40001)]);
  });

  it("drops what another session has announced already", () => {
    loggedIn().client("PORT 10,1,0,2,156,64\r\n");
    const other = loggedIn({ clientPort: 40001 });
    expect(other.client("PORT 10,1,0,2,156,64\r\n").verdict).toBe("DROP");
  });

  it("keeps an announcement when its session is reset", () => {
    const session = loggedIn();
    session.client("PORT 10,1,0,2,156,64\r\n");
    session.reset();
    expect(dial(SERVER, CLIENT, 40000).ctState).toBe("RELATED");
  });

  it("forgets an announcement after five minutes", () => {
    loggedIn().client("PORT 10,1,0,2,156,64\r\n");
    expect(conntrack.procNetNfConntrackExpect({ time: 299_000 })).not.toBe("");
    expect(conntrack.procNetNfConntrackExpect({ time: 301_000 })).toBe("");
  });

  it("is attached to the port that it is given", async () => {
    conntrack = await trackerWith({ name: "ftp", port: 2121 });
    loggedIn({ serverPort: 21 }).client("PORT 10,1,0,2,156,64\r\n");
    expect(announced(conntrack)).toEqual([]);
    loggedIn({ serverPort: 2121 }).client("PORT 10,1,0,2,156,64\r\n");
    expect(announced(conntrack)).toEqual([toClient(40000)]);
  });
});
