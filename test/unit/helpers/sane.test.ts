import { beforeEach, describe, expect, it } from "vitest";
import type { Conntrack } from "../../../src/index.js";
import { CLIENT, SERVER, SYN, tcp } from "./packets.js";
import { announced, Session, trackerWith } from "./session.js";

function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  for (const [i, value] of values.entries()) new DataView(bytes.buffer).setUint32(4 * i, value);
  return bytes;
}

const START = words(7, 0);
const started = (port: number, status = 0) => words(status, port, 0x1234);
const line = (port: number) => `l3proto = 2 proto=6 src=${CLIENT} dst=${SERVER} sport=0 dport=${port} sane`;

describe("sane", () => {
  let conntrack: Conntrack;
  let session: Session;

  beforeEach(async () => {
    conntrack = await trackerWith({ name: "sane" });
    session = new Session(conntrack, { serverPort: 6566 });
  });

  it("follows the answer to SANE_NET_START", () => {
    session.client(START);
    session.server(started(50010));
    expect(announced(conntrack)).toEqual([line(50010)]);
    const ends = { src: CLIENT, dst: SERVER, sport: 1000, dport: 50010 };
    expect(conntrack.track(tcp(ends, { flags: SYN }), { time: 0 }).ctState).toBe("RELATED");
  });

  it("follows one answer per request", () => {
    session.client(START);
    session.server(started(50010));
    session.server(started(50011));
    expect(announced(conntrack)).toEqual([line(50010)]);
    session.client(START);
    session.server(started(50011));
    expect(announced(conntrack)).toEqual([line(50011)]);
  });

  it.each([
    ["no request", [], started(50010)],
    ["another request", [words(3, 0)], started(50010)],
    ["another request after it", [START, words(6, 0)], started(50010)],
    ["a request of another length", [words(7, 0, 0)], started(50010)],
    ["an answer of failure", [START], started(50010, 1)],
    ["an answer with something else before the port", [START], started(0x1c35a)],
    ["an answer that is too short", [START], started(50010).subarray(0, 7)],
  ])("passes over an answer: %s", (_, requests, answer) => {
    for (const request of requests) session.client(request);
    expect(session.server(answer).verdict).toBe("ACCEPT");
    expect(announced(conntrack)).toEqual([]);
  });

  it("drops an answer whose port another session has announced", () => {
    session.client(START);
    session.server(started(50010));
    const other = new Session(conntrack, { clientPort: 40001, serverPort: 6566 });
    other.client(START);
    expect(other.server(started(50010)).verdict).toBe("DROP");
  });
});
