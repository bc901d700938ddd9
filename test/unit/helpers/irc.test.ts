import { beforeEach, describe, expect, it } from "vitest";
import type { Conntrack } from "../../../src/index.js";
import { CLIENT, CLIENT6, SERVER6, SYN, tcp } from "./packets.js";
import { announced, Session, trackerWith } from "./session.js";

/** 10.1.0.2 as DCC spells it. */
const ADDRESS = 0x0a010002;
const waiting = (port: number) => `l3proto = 2 proto=6 src=0.0.0.0 dst=${CLIENT} sport=0 dport=${port} irc`;
const offer = (words: string) => `PRIVMSG bob :\x01DCC ${words}\x01\r\n`;

describe("irc", () => {
  let conntrack: Conntrack;
  let session: Session;

  beforeEach(async () => {
    conntrack = await trackerWith({ name: "irc" });
    session = new Session(conntrack, { serverPort: 6667 });
  });

  it.each(["SEND file", "CHAT chat", "MOVE file", "TSEND file", "SCHAT chat"])("follows DCC %s", (words) => {
    session.client(offer(`${words} ${ADDRESS} 5000 1234`));
    expect(announced(conntrack)).toEqual([waiting(5000)]);
    const ends = { src: "192.0.2.77", dst: CLIENT, sport: 3333, dport: 5000 };
    expect(conntrack.track(tcp(ends, { flags: SYN }), { time: 0 }).ctState).toBe("RELATED");
    expect(announced(conntrack)).toEqual([]);
  });

  it.each([
    `privmsg bob :\x01DCC SEND f ${ADDRESS} 5000\x01\r\n`,
    `\r\n PRIVMSG #a,b :\x01DCC SEND f ${ADDRESS}   5000 1\n`,
    offer(`SEND f ${2 ** 32 + ADDRESS} ${65536 + 5000}`),
    `${offer("RESUME f 5000 100")}${offer(`SEND f ${ADDRESS} 5000`)}`,
  ])("follows %j", (text) => {
    session.client(text);
    expect(announced(conntrack)).toEqual([waiting(5000)]);
  });

  it.each([
    `NOTICE bob :\x01DCC SEND f ${ADDRESS} 5000 1\x01\r\n`,
    `PRIVMSG bob :\x01dcc SEND f ${ADDRESS} 5000 1\x01\r\n`,
    `PRIVMSG bob :DCC SEND f ${ADDRESS} 5000 1\x01\r\n`,
    `PRIVMSG bob :hello\r\n${offer(`SEND f ${ADDRESS} 5000`)}`,
    offer(`send f ${ADDRESS} 5000`),
    offer(`RESUME f ${ADDRESS} 5000`),
    offer(`SEND f ${ADDRESS + 1} 5000`),
    offer(`SEND f ${ADDRESS} 0`),
    offer("SEND f 10.1.0.2 5000"),
    `PRIVMSG bob :\x01DCC SEND f ${ADDRESS} 5000 1\x01`,
    `${offer(`SEND f ${ADDRESS} 0`)}${offer(`SEND f ${ADDRESS} 5000`)}`,
  ])("passes over %j", (text) => {
    expect(session.client(text).verdict).toBe("ACCEPT");
    expect(announced(conntrack)).toEqual([]);
  });

  it("passes over what the server sends", () => {
    session.server(offer(`SEND f ${ADDRESS} 5000`));
    expect(announced(conntrack)).toEqual([]);
  });

  it("looks at 4095 bytes", () => {
    const far = (length: number) => offer(`SEND f ${ADDRESS} 5000`).replace("bob", "b".repeat(length));
    const rest = far(0).length;
    session.client(far(4096 - rest));
    expect(announced(conntrack)).toEqual([]);
    session.client(far(4095 - rest));
    expect(announced(conntrack)).toEqual([waiting(5000)]);
  });

  it("keeps the newest eight", () => {
    for (let port = 1; port <= 10; port++) session.client(offer(`SEND f ${ADDRESS} ${port}`));
    expect(announced(conntrack)).toEqual([10, 3, 4, 5, 6, 7, 8, 9].map(waiting));
  });

  it("does not know IPv6", () => {
    const over6 = new Session(conntrack, { client: CLIENT6, server: SERVER6, serverPort: 6667 });
    over6.client(offer(`SEND f ${ADDRESS} 5000`));
    expect(announced(conntrack)).toEqual([]);
  });
});
