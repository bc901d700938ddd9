import { createHash, randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, Host, obstacle } from "./router/host.js";
import { LAN, WAN } from "./router/machine.js";
import { haveBrowser, type Router, routerHere, routerInPage } from "./router/routers.js";

const obstructed = obstacle();
if (obstructed) {
  console.warn(
    `\n*** THE TESTS WITH REAL TCP/IP STACKS DO NOT RUN: ${obstructed}. They need root, too. ***\n`,
  );
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const places = [
  { place: "Node", start: routerHere, megabytes: 8 },
  ...(haveBrowser ? [{ place: "a page, over WebSockets", start: routerInPage, megabytes: 2 }] : []),
];

describe.skipIf(obstructed).each(places)(
  "between two machines with Linux's TCP/IP, in $place",
  ({ start, megabytes }) => {
    const folder = mkdtempSync(join(tmpdir(), "ctw-router-"));
    const file = randomBytes(megabytes << 20);
    const digest = sha256(file);
    let lan: Host;
    let wan: Host;
    let router: Router;

    /** What curl fetches, as a digest. */
    const fetched = async (host: Host, url: string, ...options: string[]) => {
      const name = join(folder, `got-${host.name}`);
      await host.run("curl", ["-sS", "--fail", "--max-time", "20", ...options, "-o", name, url]);
      return sha256(readFileSync(name));
    };

    /** Serves the file, and takes files in. */
    const serveHttp = (host: Host) =>
      host.start(process.execPath, [
        "-e",
        `const { createServer } = require("node:http");
      const { createHash } = require("node:crypto");
      const file = require("node:fs").readFileSync(${JSON.stringify(join(folder, "srv/file"))});
      createServer((request, response) => {
        const hash = createHash("sha256");
        request.on("data", (part) => hash.update(part));
        request.on("end", () => response.end(
          request.url === "/whoami" ? request.socket.remoteAddress : request.method === "PUT" ? hash.digest("hex") : file,
        ));
      }).listen(80, "::");`,
      ]);

    beforeAll(async () => {
      mkdirSync(join(folder, "srv"));
      writeFileSync(join(folder, "srv/file"), file);
      chmodSync(folder, 0o755);
      lan = await Host.create("lan", { type: "tun", addresses: [`${LAN}/16`, "2001:db8:1::2/64"] });
      wan = await Host.create("wan", {
        type: "tap",
        addresses: [`${WAN}/24`, "2001:db8:2::10/64"],
        gateways: ["198.51.100.1", "2001:db8:2::1"],
      });
      router = await start({ lan0: lan, wan0: wan });
      for (const host of [lan, wan]) {
        const address = host === lan ? "10.1.0.1" : "198.51.100.1";
        await eventually(() => host.run("ping", ["-c", "1", "-W", "1", address]));
      }
      await Promise.all([serveHttp(wan), serveHttp(lan)]);
    }, 60_000);

    afterAll(async () => {
      await router?.close();
      await lan?.stop();
      await wan?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const ping = (...options: string[]) => ["-i", "0.1", "-W", "10", ...options];

    it("passes ping, small, large and in fragments", async () => {
      for (const size of ["56", "1472", "4000"]) {
        const said = await lan.run("ping", ping("-c", "3", "-M", "dont", "-s", size, WAN));
        expect(said).toContain("3 received");
      }
      expect(await lan.run("ping", ping("-c", "2", "-s", "1200", "2001:db8:2::10"))).toContain("2 received");
      expect(await wan.run("ping", ping("-c", "2", "-M", "dont", "-s", "4000", "198.51.100.1"))).toContain(
        "2 received",
      );
    });

    it("tells of its MTU", async () => {
      const said = await lan.run("ping", ping("-c", "1", "-M", "do", "-s", "1472", WAN), "fails");
      expect(said).toContain("From 10.1.0.1 icmp_seq=1 Frag needed and DF set (mtu = 1400)");
      const said6 = await lan.run(
        "ping",
        ping("-c", "1", "-M", "do", "-s", "1452", "2001:db8:2::10"),
        "fails",
      );
      expect(said6).toMatch(/From 2001:db8:1::1 icmp_seq=1 Packet too big: mtu=1400/);
    });

    it("is seen by traceroute", async () => {
      const hops = await lan.run("traceroute", ["-n", "-q", "1", "-w", "9", WAN]);
      expect(hops.split("\n").slice(1, 3)).toEqual([
        expect.stringMatching(/^ 1 {2}10\.1\.0\.1 /),
        expect.stringMatching(/^ 2 {2}198\.51\.100\.10 /),
      ]);
      const hops6 = await lan.run("traceroute", ["-6", "-n", "-q", "1", "-w", "9", "2001:db8:2::10"]);
      expect(hops6).toMatch(/^ 1 {2}2001:db8:1::1 .*\n 2 {2}2001:db8:2::10 /m);
    });

    it("passes megabytes over HTTP, masqueraded, both ways", async () => {
      await eventually(() => lan.run("curl", ["-sS", `http://${WAN}/whoami`]));
      expect(await lan.run("curl", ["-sS", `http://${WAN}/whoami`])).toBe("::ffff:198.51.100.1");
      expect(await fetched(lan, `http://${WAN}/`)).toBe(digest);
      const put = ["-sS", "--max-time", "20", "-T", join(folder, "srv/file"), `http://${WAN}/put`];
      expect(await lan.run("curl", put)).toBe(digest);
      expect(await fetched(lan, "http://[2001:db8:2::10]/")).toBe(digest);
    });

    it("forwards a port to a server inside", async () => {
      expect(await fetched(wan, "http://198.51.100.1:8080/")).toBe(digest);
      expect(await wan.run("curl", ["-sS", "http://198.51.100.1:8080/whoami"])).toBe(`::ffff:${WAN}`);
    });

    it("refuses or drops what nobody inside has asked for", async () => {
      const refused = await wan.run("curl", ["-sS", "--max-time", "5", "http://198.51.100.1:22/"], "fails");
      expect(refused).toMatch(/Connection refused|Failed to connect/);
      const dropped = await wan.run("curl", ["-sS", "--connect-timeout", "1", `http://${LAN}/`], "fails");
      expect(dropped).toMatch(/timed out|Timeout/i);
      const dropped6 = ["-sS", "--connect-timeout", "1", "http://[2001:db8:1::2]/"];
      expect(await wan.run("curl", dropped6, "fails")).toMatch(/timed out|Timeout/i);
    });

    it("passes DNS", async () => {
      const options = [
        "--keep-in-foreground",
        "--conf-file=/dev/null",
        "--no-resolv",
        "--no-hosts",
        "--user=root",
      ];
      await wan.start("dnsmasq", [...options, "--pid-file=", "--address=/host.example/192.0.2.7"]);
      const ask = `const { Resolver } = require("node:dns");
      const resolver = new Resolver({ timeout: 500, tries: 4 });
      resolver.setServers([${JSON.stringify(WAN)}]);
      resolver.resolve4("host.example", (error, found) => console.log(String(error ?? found)));`;
      await eventually(async () => {
        expect(await lan.run(process.execPath, ["-e", ask])).toBe("192.0.2.7\n");
      }, 5);
    });

    it("passes passive and active FTP, whose data connections the helper announces", async () => {
      const config = join(folder, "vsftpd.conf");
      writeFileSync(
        config,
        `listen=YES
background=NO
anonymous_enable=YES
local_enable=NO
anon_root=${join(folder, "srv")}
no_anon_password=YES
run_as_launching_user=YES
seccomp_sandbox=NO
`,
      );
      await wan.start("vsftpd", [config]);
      await eventually(() => lan.run("curl", ["-sS", "--list-only", `ftp://${WAN}/`]));
      expect(await fetched(lan, `ftp://${WAN}/file`)).toBe(digest);
      expect(await fetched(lan, `ftp://${WAN}/file`, "--disable-epsv")).toBe(digest);
      expect(await fetched(lan, `ftp://${WAN}/file`, "--ftp-port", "-")).toBe(digest);
      expect(await fetched(lan, `ftp://${WAN}/file`, "--ftp-port", "-", "--disable-eprt")).toBe(digest);
    });

    it("passes iperf3's streams, TCP and UDP", async () => {
      await wan.start("iperf3", ["-s"]);
      // It serves one client at a time, and tells the next one that it is busy.
      const received = (...options: string[]) =>
        eventually(async () => {
          const { end, error } = JSON.parse(await lan.run("iperf3", ["-c", WAN, "-J", ...options]));
          if (error) throw new Error(error);
          return (end.sum_received ?? end.sum).bytes as number;
        }, 10);
      expect(await received("-t", "1", "-P", "4")).toBeGreaterThan(1 << 20);
      expect(await received("-t", "1", "-R")).toBeGreaterThan(1 << 20);
      expect(await received("-t", "1", "-u", "-b", "20M")).toBeGreaterThan(1 << 20);
    });

    it("has a table of all that", async () => {
      const table = await router.table();
      const masqueraded =
        /tcp .* src=10\.1\.0\.2 dst=198\.51\.100\.10 .*dport=80 src=198\.51\.100\.10 dst=198\.51\.100\.1 /;
      expect(table).toMatch(masqueraded);
      expect(table).toMatch(
        /dst=198\.51\.100\.1 sport=\d+ dport=8080 src=10\.1\.0\.2 dst=198\.51\.100\.10 sport=80 /,
      );
    });
  },
);
