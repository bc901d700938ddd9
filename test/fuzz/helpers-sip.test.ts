import { describe, it } from "vitest";
import { CLIENT, SERVER } from "../unit/helpers/packets.js";
import { answer, description, invite, message, register } from "../unit/helpers/sip-call.js";
import { fuzzHelper } from "./helper-payloads.js";
import { fuzzTranslated } from "./helper-translation.js";

const contact = `Contact: <sip:alice@${CLIENT}:5070>;expires=60`;
const sip = {
  name: "sip",
  port: 5060,
  ipv6: true,
  client: [
    invite(description(CLIENT, "audio 4000", "video 4002")),
    invite(description("2001:db8:1::2", "audio 4000", "image 4004")),
    register(contact, "Expires: 60"),
    message("UPDATE sip:x SIP/2.0", ["CSeq: 1 UPDATE"], description(CLIENT, "audio 4006")).repeat(3),
    message("BYE sip:x SIP/2.0", ["CSeq: 2 BYE"]),
  ],
  server: [
    answer(200, "1 INVITE", [], description(SERVER, "audio 6000")),
    answer(200, "7 REGISTER", [contact, `m: <sip:${CLIENT}>, <sip:a@[2001:db8:1::2]>`]),
    answer(486, "1 INVITE"),
  ],
  words: [
    "\r\n",
    "\r\n ",
    "\r\n\r\n",
    "\r\nm:sip:",
    "\r\nm:sip:@1.2.3.4:9",
    "sip:1.2.3.4,",
    "<sip:x>,",
    `sip:${CLIENT}:5070,`,
    "sip:a,".repeat(4000),
    "0".repeat(20000),
    "@",
    ";expires=0",
    ";transport=tcp",
    "\r\nc=IN IP4 ",
    "\r\nm=audio 0",
    "\r\nm=text 1",
    "v=0",
    "l:0\r\n\r\n",
    "BYE a\r\nCSeq:1\r\nl:0\r\n\r\n",
    "::",
    "[",
    "CSeq: 1 ",
    "SIP/2.0 200 ",
  ],
};

describe("sip", () => {
  it("survives any payload over UDP", () => fuzzHelper({ ...sip, protocol: "udp" }));
  it("survives any payload over TCP", () => fuzzHelper({ ...sip, protocol: "tcp" }));
  it("translates any payload over UDP to a sound packet", () => fuzzTranslated({ ...sip, protocol: "udp" }));
  it("translates any payload over TCP to a sound packet", () => fuzzTranslated({ ...sip, protocol: "tcp" }));
});
