import { describe, it } from "vitest";
import { fuzzHelper, type HelperFuzz } from "./helper-payloads.js";
import { fuzzTranslated } from "./helper-translation.js";

const ftp: HelperFuzz = {
  name: "ftp",
  protocol: "tcp",
  port: 21,
  ipv6: true,
  client: [
    "PORT 10,1,0,2,156,64\r\n",
    "EPRT |1|10.1.0.2|40000|\r\n",
    "EPRT |2|2001:db8:1::2|40000|\r\n",
    "NOOP\r\n",
    "USER anonymous\r\n",
  ],
  server: [
    "227 Entering Passive Mode (203,0,113,10,195,80).\r\n",
    "229 Entering Extended Passive Mode (|||50000|)\r\n",
    "200 OK\r\n",
  ],
  words: [
    "PORT ",
    "EPRT ",
    "227 ",
    "229 ",
    ",",
    "|",
    "(",
    "::",
    ":",
    "0",
    "1.2.3.4",
    "\r\n",
    "\r",
    "\n",
    " ",
  ],
};

describe("ftp", () => {
  it("survives any payload", () => fuzzHelper(ftp));
  it("translates any payload to a sound packet", () => fuzzTranslated(ftp));
});
