/** The example with v86, and its guest's TCP/IP against Linux's. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { Host, obstacle } from "./router/host.js";
import { pairOf } from "./router/socket-streams.js";

const images = { ipxe: "/boot/ipxe.lkrn", seabios: "/usr/share/seabios/bios.bin" };
const missing = Object.entries(images).filter(([, file]) => !existsSync(file));
const obstructed = obstacle();
if (missing.length) {
  console.warn(
    `\n*** THE TESTS WITH A PC IN V86 DO NOT RUN: install ${missing.map(([name]) => name).join(", ")}. ***\n`,
  );
} else if (obstructed) {
  console.warn(`\n*** THE PC IN V86 MEETS NO REAL TCP/IP STACK: ${obstructed}. ***\n`);
}

async function example(...args: string[]): Promise<string> {
  const command = ["node_modules/tsx/dist/cli.mjs", "examples/v86/main.ts", ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, { timeout: 90_000 });
  return stdout;
}

describe.skipIf(missing.length > 0)("a PC in v86 behind the firewall", () => {
  it("is let out, and the answer from another port is expected", async () => {
    const printed = await example();
    expect(printed).toContain("Hello from the other side of the firewall\nDone");
    expect(printed).toMatch(/udp .* src=10\.1\.0\.2 dst=198\.51\.100\.10 .* dst=198\.51\.100\.1 sport=69 /);
    expect(printed).toMatch(
      /udp .* src=198\.51\.100\.10 dst=198\.51\.100\.1 sport=50000 .* src=10\.1\.0\.2 /,
    );
  });

  it.skipIf(obstructed)("talks HTTP to a server on Linux through a relay", async () => {
    const host = await Host.create("v86", {
      type: "tap",
      addresses: ["198.51.100.10/24"],
      gateways: ["198.51.100.1"],
    });
    const sockets = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    try {
      sockets.on("connection", (socket) => host.plug(pairOf(socket)));
      await host.start(process.execPath, [
        "-e",
        `require("node:http").createServer((request, response) => {
          response.end("#!ipxe\\necho Hello " + request.socket.remoteAddress + "\\n");
        }).listen(80, "0.0.0.0")`,
      ]);
      const { port } = sockets.address() as AddressInfo;
      const printed = await example("http://198.51.100.10/script", `ws://127.0.0.1:${port}/`);
      expect(printed).toContain("Hello 198.51.100.1\nDone");
      expect(printed).toMatch(
        /tcp .* src=10\.1\.0\.2 dst=198\.51\.100\.10 .*dport=80 .* dst=198\.51\.100\.1 /,
      );
    } finally {
      sockets.close();
      await host.stop();
    }
  });
});
