// Nothing to fetch, nothing to wait for.
import { Conntrack } from "conntrack-wasm/inline";
import { udp } from "conntrack-wasm/packet";

const conntrack = Conntrack.createSync();
conntrack.track(udp({ src: "10.0.0.1", dst: "10.0.0.2", sport: 1, dport: 2 }), { time: 0 });
document.documentElement.dataset.result = conntrack.procNetNfConntrack().trim();
