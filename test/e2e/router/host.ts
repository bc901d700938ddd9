/**
 * A machine of its own: a network namespace with Linux's TCP/IP stack, whose only device is a TUN (packets) or TAP
 * (frames). socat carries what that sends and receives as datagrams over a loopback socket, and those keep its bounds.
 */
import { type ChildProcess, type ExecFileOptions, execFile, execFileSync, spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

/** Servers stand where not everybody looks. */
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
const env = { ...process.env, PATH };

const exec = (command: string, args: readonly string[], options: ExecFileOptions = {}) =>
  promisify(execFile)(command, args, { ...options, env, encoding: "utf8" });

/** What the tests start, with the Debian packages that have it. */
const PROGRAMS = {
  ip: "iproute2",
  socat: "socat",
  curl: "curl",
  vsftpd: "vsftpd",
  dnsmasq: "dnsmasq-base",
  iperf3: "iperf3",
  traceroute: "traceroute",
  ping: "iputils-ping",
};

/** Why there can be no such machines here, undefined when there can be. */
export function obstacle(): string | undefined {
  const missing = Object.entries(PROGRAMS).filter(
    ([program]) => !PATH.split(":").some((folder) => existsSync(`${folder}/${program}`)),
  );
  if (missing.length) return `install ${missing.map(([, debian]) => debian).join(", ")}`;
  if (!existsSync("/dev/net/tun")) return "there is no /dev/net/tun";
  const name = `ctw-probe-${process.pid}`;
  try {
    execFileSync("ip", ["netns", "add", name], { stdio: "pipe", env });
    execFileSync("ip", ["netns", "delete", name], { stdio: "pipe", env });
    return undefined;
  } catch (error) {
    return `network namespaces are not allowed (${(error as Error).message.trim().split("\n").at(-1)})`;
  }
}

export interface HostOptions {
  /** Packets or frames. */
  readonly type: "tun" | "tap";
  /** With the lengths of their networks' prefixes. */
  readonly addresses: readonly string[];
  /** Where everything else goes. Default: straight out of the device. */
  readonly gateways?: readonly string[];
}

export class Host {
  readonly name: string;
  readonly #socket: Socket;
  readonly #processes: ChildProcess[] = [];
  #peer: number | undefined;

  private constructor(name: string, socket: Socket) {
    this.name = name;
    this.#socket = socket;
  }

  static async create(label: string, options: HostOptions): Promise<Host> {
    const name = `ctw-${label}-${process.pid}`;
    const device = `ct${label}${process.pid}`;
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    const host = new Host(name, socket);
    try {
      await host.#setUp(device, options);
    } catch (error) {
      await host.stop();
      throw error;
    }
    return host;
  }

  async #setUp(device: string, options: HostOptions): Promise<void> {
    await exec("ip", ["netns", "add", this.name]);
    const tun = `TUN,tun-name=${device},tun-type=${options.type},iff-no-pi`;
    const socket = `UDP4:127.0.0.1:${this.#socket.address().port}`;
    // Where socat runs, there is the socket; its device moves, as soon as socat has done with setting it up.
    await this.#spawn("socat", ["-d", "-d", "-b", "70000", tun, socket], "starting data transfer loop");
    await exec("ip", ["link", "set", device, "netns", this.name, "name", "eth0"]);
    for (const line of ["link set lo up", "link set eth0 up"]) await this.#ip(line);
    for (const address of options.addresses) {
      await this.#ip(`address add ${address} dev eth0${address.includes(":") ? " nodad" : ""}`);
    }
    if (options.gateways) {
      for (const gateway of options.gateways) await this.#ip(`route add default via ${gateway}`);
    } else {
      await this.#ip("route add default dev eth0");
      await this.#ip("-6 route add default dev eth0");
    }
  }

  /** What the machine sends and receives. */
  plug({ readable, writable }: ReadableWritablePair<Uint8Array, Uint8Array>): void {
    const writer = writable.getWriter();
    this.#socket.on("message", (bytes, { port }) => {
      this.#peer = port;
      void writer.write(bytes).catch(() => {});
    });
    const send = (packet: Uint8Array) => {
      if (this.#peer !== undefined) this.#socket.send(packet, this.#peer, "127.0.0.1");
    };
    void readable.pipeTo(new WritableStream({ write: send })).catch(() => {});
  }

  /** What a command that runs there prints: of one that has to fail all, else what is no error. */
  async run(command: string, args: readonly string[], end?: "fails"): Promise<string> {
    const inside = ["netns", "exec", this.name, command, ...args];
    const all = { maxBuffer: 1 << 28, timeout: 30_000 };
    let output: { stdout: string; stderr: string };
    let error: Error | undefined;
    try {
      output = await exec("ip", inside, all);
    } catch (failure) {
      output = failure as typeof output;
      error = failure as Error;
    }
    if (end === "fails" && error) return `${output.stdout}${output.stderr}`;
    if (end !== "fails" && !error) return output.stdout;
    throw new Error(`${error?.message ?? `${command} ${args.join(" ")} did not fail`}\n${output.stdout}`);
  }

  /** Starts a server there. */
  async start(command: string, args: readonly string[]): Promise<void> {
    await this.#spawn("ip", ["netns", "exec", this.name, command, ...args]);
  }

  async stop(): Promise<void> {
    for (const child of this.#processes) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
    this.#socket.close();
    if (existsSync(`/run/netns/${this.name}`)) await exec("ip", ["netns", "delete", this.name]);
  }

  /** `ready`: what it says on standard error once it is. */
  async #spawn(command: string, args: readonly string[], ready?: string): Promise<void> {
    const child = spawn(command, args, { stdio: ["ignore", "ignore", ready ? "pipe" : "inherit"], env });
    this.#processes.push(child);
    await once(child, "spawn");
    if (!ready) return;
    let said = "";
    // It is listened to until it ends: it would not survive a closed pipe.
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on("data", (text) => {
        said += text;
        if (said.includes(ready)) resolve();
      });
      child.once("exit", () => reject(new Error(`${command} has ended: ${said}`)));
    });
  }

  async #ip(line: string): Promise<void> {
    await exec("ip", ["-n", this.name, ...line.split(" ")]);
  }
}

export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Tries until it works. */
export async function eventually<T>(attempt: () => Promise<T>, tries = 50): Promise<T> {
  for (let i = 1; ; i++) {
    try {
      return await attempt();
    } catch (error) {
      if (i === tries) throw error;
      await delay(100);
    }
  }
}
