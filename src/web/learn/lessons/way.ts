import { CLIENT, FIREWALL, Wire } from "../lab.js";
import type { Lesson } from "../lesson.js";

const HOOKS = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
  security: ["INPUT", "FORWARD", "OUTPUT"],
} as const;

/** All tables, and no rule in any of them. */
const EMPTY = Object.entries(HOOKS)
  .map(
    ([table, chains]) => `*${table}\n${chains.map((chain) => `:${chain} ACCEPT [0:0]\n`).join("")}COMMIT\n`,
  )
  .join("");

export const wayForwarded: Lesson = {
  id: "way-forwarded",
  title: { en: "Traversal: forwarded", zh: "穿越：转发" },
  rules: EMPTY,
  words: {
    en: "A packet on its way through the firewall meets tables in a fixed order. Tracking lies behind raw and in front of mangle; nat is asked about the first packet of a connection only.",
    zh: "穿过防火墙的数据包按固定顺序经过各个表。连接跟踪位于 raw 之后、mangle 之前；nat 表只询问连接的第一个包。",
  },
  steps: () => {
    const wire = new Wire(40050, 80);
    return [
      {
        from: "client",
        packet: wire.tcp("client", "SYN"),
        words: {
          en: "The first packet: raw, tracking (NEW), mangle and nat in PREROUTING; then the route; mangle and filter in FORWARD; mangle and nat in POSTROUTING. (security has been added since the tutorial.)",
          zh: "第一个包：在 PREROUTING 依次经过 raw、连接跟踪（NEW）、mangle 和 nat；然后选路；在 FORWARD 经过 mangle 和 filter；在 POSTROUTING 经过 mangle 和 nat。（security 表是教程之后新增的。）",
        },
        expected: {
          ctState: "NEW",
          way: [
            "raw PREROUTING",
            "conntrack",
            "mangle PREROUTING",
            "nat PREROUTING",
            "routing",
            "mangle FORWARD",
            "filter FORWARD",
            "security FORWARD",
            "mangle POSTROUTING",
            "nat POSTROUTING",
          ],
        },
      },
      {
        from: "server",
        packet: wire.tcp("server", "SYN,ACK"),
        words: {
          en: "The answer is ESTABLISHED and never sees the nat table: what was decided for the first packet is done to all.",
          zh: "应答是 ESTABLISHED，不再经过 nat 表：对第一个包的决定适用于所有包。",
        },
        expected: {
          ctState: "ESTABLISHED",
          way: [
            "raw PREROUTING",
            "conntrack",
            "mangle PREROUTING",
            "routing",
            "mangle FORWARD",
            "filter FORWARD",
            "security FORWARD",
            "mangle POSTROUTING",
          ],
        },
      },
      {
        from: "client",
        packet: wire.tcp("client", "ACK"),
        words: { en: "So it is with all that follow.", zh: "之后的包都是如此。" },
        expected: { ctState: "ESTABLISHED", assured: true },
      },
    ];
  },
};

export const wayIn: Lesson = {
  id: "way-in",
  title: { en: "Traversal: to the firewall itself", zh: "穿越：发往防火墙本机" },
  rules: EMPTY,
  peer: "firewall",
  words: {
    en: "What is meant for the firewall itself leaves the way behind the route, for INPUT; a local process gets it.",
    zh: "发给防火墙自己的数据包在选路之后转入 INPUT，由本机进程接收。",
  },
  steps: () => {
    const wire = new Wire(40051, 22, FIREWALL);
    return [
      {
        from: "client",
        packet: wire.tcp("client", "SYN"),
        words: {
          en: "PREROUTING as before; then mangle, filter, security and nat in INPUT, and the process.",
          zh: "PREROUTING 与之前相同；然后在 INPUT 经过 mangle、filter、security 和 nat，到达进程。",
        },
        expected: {
          ctState: "NEW",
          way: [
            "raw PREROUTING",
            "conntrack",
            "mangle PREROUTING",
            "nat PREROUTING",
            "routing",
            "mangle INPUT",
            "filter INPUT",
            "security INPUT",
            "nat INPUT",
            "process",
          ],
        },
      },
      {
        from: "server",
        packet: wire.tcp("server", "SYN,ACK"),
        words: {
          en: "The process answers. Packets of the machine's own are tracked in OUTPUT, and the answer is ESTABLISHED there.",
          zh: "进程应答。本机发出的包在 OUTPUT 被跟踪，应答在那里就是 ESTABLISHED。",
        },
        expected: {
          ctState: "ESTABLISHED",
          way: [
            "process",
            "routing",
            "raw OUTPUT",
            "conntrack",
            "mangle OUTPUT",
            "filter OUTPUT",
            "security OUTPUT",
            "mangle POSTROUTING",
          ],
        },
      },
      {
        from: "client",
        packet: wire.tcp("client", "ACK"),
        words: { en: "The connection stands.", zh: "连接建立。" },
        expected: { ctState: "ESTABLISHED", state: "ESTABLISHED", assured: true },
      },
    ];
  },
};

export const wayOut: Lesson = {
  id: "way-out",
  title: { en: "Traversal: from the firewall itself", zh: "穿越：由防火墙本机发出" },
  rules: EMPTY,
  peer: "firewall",
  words: {
    en: `The firewall asks ${CLIENT} something. Its own packets never see PREROUTING: they are NEW in OUTPUT, and what comes back is ESTABLISHED in PREROUTING.`,
    zh: `防火墙向 ${CLIENT} 发出询问。它自己的包不经过 PREROUTING：在 OUTPUT 是 NEW，回来的包在 PREROUTING 是 ESTABLISHED。`,
  },
  steps: () => {
    const wire = new Wire(53, 40052, FIREWALL);
    return [
      {
        from: "server",
        packet: wire.udp("server", "question"),
        words: {
          en: "A process sends: the route first, then raw, tracking (NEW), mangle, nat and filter in OUTPUT, mangle and nat in POSTROUTING.",
          zh: "进程发包：先选路，然后在 OUTPUT 经过 raw、连接跟踪（NEW）、mangle、nat 和 filter，在 POSTROUTING 经过 mangle 和 nat。",
        },
        expected: {
          ctState: "NEW",
          way: [
            "process",
            "routing",
            "raw OUTPUT",
            "conntrack",
            "mangle OUTPUT",
            "nat OUTPUT",
            "filter OUTPUT",
            "security OUTPUT",
            "mangle POSTROUTING",
            "nat POSTROUTING",
          ],
        },
      },
      {
        from: "client",
        packet: wire.udp("client", "answer"),
        words: {
          en: "The answer comes in: ESTABLISHED in PREROUTING already, and on to INPUT.",
          zh: "应答到达：在 PREROUTING 就已是 ESTABLISHED，然后进入 INPUT。",
        },
        expected: {
          ctState: "ESTABLISHED",
          way: [
            "raw PREROUTING",
            "conntrack",
            "mangle PREROUTING",
            "routing",
            "mangle INPUT",
            "filter INPUT",
            "security INPUT",
            "process",
          ],
        },
      },
    ];
  },
};
