/**
 * A PC in v86 whose network card is plugged into a firewall: `npx tsx examples/v86/main.ts [URL [RELAY]]`. The guest is
 * iPXE, whose own TCP/IP fetches a script from URL and runs it. RELAY is a WebSocket that carries Ethernet frames of
 * the network outside, 198.51.100.0/24; without one, a TFTP server in this program is all there is outside.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Firewall } from "conntrack-wasm";
import { V86 } from "v86";
import { networkCard, screenText } from "./network-card.js";
import { relay } from "./relay.js";
import { tftpServer } from "./tftp-server.js";

const OUTSIDE = "198.51.100.10";
const [url = `tftp://${OUTSIDE}/hello`, relayUrl] = process.argv.slice(2);

const RULES = `*raw
-A PREROUTING -i lan0 -p udp -m udp --dport 69 -j CT --helper tftp
COMMIT
*nat
-A POSTROUTING -o wan0 -j MASQUERADE
COMMIT
*filter
:FORWARD DROP [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i lan0 -m conntrack --ctstate NEW -j ACCEPT
COMMIT
`;

const firewall = await Firewall.fromIptablesSave(
  { ipv4: RULES },
  { interfaces: { lan0: ["10.1.0.1/16"], wan0: ["198.51.100.1/24"] }, icmpErrors: true },
);
firewall.conntrack.addHelper({ name: "tftp" });
const router = firewall.stream();
const lan = router.port("lan0", { mac: "02:00:00:00:00:01" });
const wan = relayUrl ? router.port("wan0", { mac: "02:00:00:00:00:02" }) : router.port("wan0");
const outside = relayUrl
  ? await relay(relayUrl)
  : tftpServer(OUTSIDE, "#!ipxe\necho Hello from the other side of the firewall\n");

const GUEST_SCRIPT = `#!ipxe
set net0/ip 10.1.0.2
set net0/netmask 255.255.0.0
set net0/gateway 10.1.0.1
ifopen net0
chain ${url} || echo Failed
echo Done
`;

/** v86 reads images in words of four bytes. */
function image(bytes: Uint8Array): { buffer: ArrayBuffer } {
  const padded = new Uint8Array((bytes.length + 3) & ~3);
  padded.set(bytes);
  return { buffer: padded.buffer };
}

const vm = new V86({
  wasm_path: fileURLToPath(import.meta.resolve("v86").replace("libv86.mjs", "v86.wasm")),
  bios: image(await readFile("/usr/share/seabios/bios.bin")),
  vga_bios: image(await readFile("/usr/share/seabios/vgabios-stdvga.bin")),
  bzimage: image(await readFile("/boot/ipxe.lkrn")),
  initrd: { buffer: new TextEncoder().encode(GUEST_SCRIPT).buffer },
  memory_size: 128 << 20,
  net_device: { type: "ne2k" },
  disable_speaker: true,
  autostart: true,
});

// The machine's cable, and the firewall's other one. This is all there is to it.
const card = networkCard(vm);
void card.readable.pipeThrough(lan).pipeTo(card.writable);
void outside.readable.pipeThrough(wan).pipeTo(outside.writable);

await new Promise((resolve) => vm.add_listener("emulator-ready", () => resolve(undefined)));
const done = await vm.wait_until_vga_screen_contains("Done", { timeout_msec: 60_000 });
console.log(done ? screenText(vm) : "the guest has not come to an end within a minute");
console.log(firewall.conntrack.procNetNfConntrack().trimEnd());
process.exit(done ? 0 : 1);
