import { describe, it } from "vitest";
import { fuzzHelper } from "./helper-payloads.js";

describe("sane", () => {
  it("survives any payload", () =>
    fuzzHelper({
      name: "sane",
      protocol: "tcp",
      port: 6566,
      ipv6: true,
      client: ["\0\0\0\x07\0\0\0\0", "\0\0\0\x07\0\0\0\x01", "\0\0\0\x03\0\0\0\0"],
      server: ["\0\0\0\0\0\0\xc3\x50\0\0\x12\x34", "\0\0\0\0\0\0\xc3\x51", "\0\0\0\x01\0\0\0\0"],
      words: ["\0", "\0\0\0\0", "\0\0\0\x07", "\xff"],
    }));
});
