import { describe, it } from "vitest";
import { fuzzHelper } from "./helper-payloads.js";

describe("amanda", () => {
  it("survives any payload", () =>
    fuzzHelper({
      name: "amanda",
      protocol: "udp",
      port: 10080,
      ipv6: true,
      client: ["Amanda 2.6 REQ HANDLE 000-00000000 SEQ 1\nSERVICE sendbackup\n"],
      server: [
        "Amanda 2.6 REP HANDLE 000-00000000 SEQ 1\nCONNECT DATA 50001 MESG 50002 INDEX 50003\n\nOPTIONS x;\n",
        "CONNECT STATE 50004\n",
      ],
      words: ["CONNECT ", "DATA ", "MESG ", "INDEX ", "STATE ", "\n", " ", "C", "D", "0"],
    }));
});
