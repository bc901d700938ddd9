/** Names of labels on the command line. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ctwasm, LAB, scratch } from "./ctwasm.js";

const file = (name: string, text: string) => {
  writeFileSync(join(scratch, name), text);
  return join(scratch, name);
};
const names = ["--connlabels", file("connlabel.conf", "1 web\n7 name service\n3 bad_name\n")];
const rules = file(
  "labels.rules",
  `*filter
:FORWARD ACCEPT [0:0]
-A FORWARD -p tcp -m tcp --dport 80 -m connlabel --label web --set
-A FORWARD -p udp -m udp --dport 53 -m connlabel --label "name service" --set
COMMIT
`,
);
const machine = ["--rules", rules, "--interface", "lan=10.1.0.1/16", "--interface", "wan=192.0.2.1/24"];

describe("names of labels", () => {
  const snapshot = join(scratch, "labels.snapshot");
  const printed = ctwasm(["replay", LAB, ...machine, ...names, "-o", "labels", "--snapshot-out", snapshot]);

  it("are those of --connlabels, in rules and in what is printed", () => {
    expect(printed.status).toBe(0);
    const labels = (port: number) => printed.lines.filter((line) => line.includes(` dport=${port} src=`));
    expect(labels(80).length).toBeGreaterThan(0);
    expect(labels(80).every((line) => line.endsWith(" use=1 labels=web"))).toBe(true);
    expect(
      labels(53)
        .filter((line) => line.startsWith("udp"))
        .at(0),
    ).toMatch(/ use=1 labels=name service$/);
    expect(printed.stderr.match(/bad_name/g)?.length, "complained of once").toBe(1);
  });

  it("say which flows are meant", () => {
    const web = ctwasm(["list", "--from", snapshot, ...names, "-l", "web", "-o", "labels"]);
    expect(web.lines).toEqual(printed.lines.filter((line) => line.endsWith("labels=web")));
    expect(ctwasm(["list", "--from", snapshot, "-l", "1"]).lines.length).toBe(web.lines.length);
    expect(ctwasm(["list", "--from", snapshot, ...names, "-l", "web,name service"]).lines).toEqual([]);
  });

  it("are there for events when they are set", () => {
    const { lines } = ctwasm(["events", LAB, ...machine, ...names, "-o", "labels", "-p", "udp"]);
    const told = lines.filter((line) => line.includes(" labels="));
    expect(told.length).toBeGreaterThan(0);
    expect(told.every((line) => line.startsWith("    [NEW] "))).toBe(true);
  });

  it("that nobody has given are refused", () => {
    const unknown = ctwasm(["list", "--from", snapshot, ...names, "-l", "nosuch"]);
    expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining("unknown label nosuch")]);
    expect(ctwasm(["replay", LAB, ...machine]).stderr).toMatch(
      /^ctwasm: CT_BAD_RULE: line 3, .*no such label/m,
    );
    const listing = file("listing.txt", ctwasm(["replay", LAB]).stdout);
    expect(ctwasm(["list", "--from", listing, "-l", "1"]).status).toBe(2);
    expect(ctwasm(["list", "--from", snapshot, "--connlabels", "/nonexistent", "-l", "web"]).status).toBe(3);
  });
});
