/** A router that hides a network inside (lan0) behind its own address outside (wan0), and gives a port a helper. */
export const OUTSIDE = "198.51.100.1";

export const NETWORK = {
  interfaces: { lan0: ["10.1.0.1/16"], wan0: [`${OUTSIDE}/24`] },
  routes: [{ to: "default", dev: "wan0" }],
};

export const masqueradeWith = (helper: string, protocol: string, port: number) => `*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p ${protocol} -m ${protocol} --dport ${port} -j CT --helper ${helper}
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o wan0 -j MASQUERADE
COMMIT
`;
