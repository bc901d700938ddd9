import { describe, it } from "vitest";
import { fuzzHelper, type HelperFuzz } from "./helper-payloads.js";
import { fuzzTranslated } from "./helper-translation.js";

const irc: HelperFuzz = {
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
};

describe("irc", () => {
  it("survives any payload", () => fuzzHelper(irc));
  it("translates any payload to a sound packet", () => fuzzTranslated(irc));
});
