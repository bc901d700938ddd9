import { expect, it } from "vitest";
import { Conntrack } from "../../src/index.js";

it("nf_conntrack_buckets is rounded up to what a page holds, and is never 0", async () => {
  const ct = await Conntrack.create();
  ct.setSysctl("nf_conntrack_buckets", 1);
  expect(ct.getSysctl("nf_conntrack_buckets")).toBe(512);
  ct.setSysctl("nf_conntrack_buckets", 1025);
  expect(ct.getSysctl("nf_conntrack_buckets")).toBe(1536);
  expect(() => ct.setSysctl("nf_conntrack_buckets", 0)).toThrow(/expected a whole number from 1/);
});
