import { describe, it } from "vitest";
import { fuzzHelper } from "./helper-payloads.js";

describe("irc", () => {
  it("survives any payload", () =>
    fuzzHelper({
      name: "irc",
      protocol: "tcp",
      port: 6667,
      ipv6: false,
      client: [
        "PRIVMSG bob :\x01DCC SEND file 167837698 5000 1234\x01\r\n",
        "PRIVMSG #c :\x01DCC CHAT chat 167837698 5001\x01\r\n",
        "PRIVMSG bob :hello\r\n",
      ],
      server: [":bob PRIVMSG you :\x01DCC SEND file 167837698 5000 1234\x01\r\n"],
      words: ["PRIVMSG ", " :", "\x01DCC ", "SEND ", "TSEND ", "\x01", "\r\n", "\n", " ", "167837698", "0"],
    }));
});
