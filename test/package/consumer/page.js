// What any of the bundlers makes a page of.
import { Conntrack } from "conntrack-wasm";
import { procLine } from "conntrack-wasm/format";
import { tcp } from "conntrack-wasm/packet";
import { readCapture, writePcap } from "conntrack-wasm/pcap";

export async function lines() {
  const conntrack = await Conntrack.create();
  const syn = tcp({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1000, dport: 80, flags: "SYN" });
  for await (const { bytes, time } of readCapture(writePcap([{ bytes: syn, time: 5 }], { linkType: 101 }))) {
    conntrack.track(bytes, { time });
  }
  return [...conntrack.flows()].map(procLine).join("\n");
}

if (globalThis.document) {
  lines().then(
    (text) => {
      document.documentElement.dataset.result = text;
    },
    (error) => {
      document.documentElement.dataset.result = `failed: ${error.message}`;
    },
  );
}
