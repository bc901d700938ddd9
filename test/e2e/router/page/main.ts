/** The router in a page: each of its devices is a WebSocket, each message a packet or frame. */
import { DEVICES, startMachine } from "../machine.js";

const { firewall, stream } = await startMachine();

for (const [name, options] of Object.entries(DEVICES)) {
  const port = stream.port(name, options);
  const socket = new WebSocket(`ws://127.0.0.1:${location.search.slice(1)}/${name}`);
  socket.binaryType = "arraybuffer";
  const writer = port.writable.getWriter();
  socket.onmessage = ({ data }) => void writer.write(new Uint8Array(data));
  socket.onopen = () =>
    port.readable.pipeTo(
      new WritableStream({ write: (packet) => socket.send(packet as Uint8Array<ArrayBuffer>) }),
    );
}

Object.assign(window, { table: () => firewall.conntrack.procNetNfConntrack() });
