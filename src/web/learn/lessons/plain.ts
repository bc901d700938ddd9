import { icmp, icmp6, icmpError, ip } from "../../../packet/index.js";
import { CLIENT, ROUTER, SERVER, Wire } from "../lab.js";
import type { Lesson } from "../lesson.js";

export const udp: Lesson = {
  id: "udp",
  title: { en: "UDP", zh: "UDP" },
  words: {
    en: "UDP has no connections, tracking makes one: a packet, an answer, and after two seconds a stream.",
    zh: "UDP 本身没有连接，连接跟踪为它造出一条：一个包、一个应答，两秒之后成为流。",
  },
  steps: () => {
    const wire = new Wire(40010, 53);
    return [
      {
        from: "client",
        packet: wire.udp("client", "question"),
        words: {
          en: "The first packet: NEW, [UNREPLIED], 30 seconds.",
          zh: "第一个包：NEW，[UNREPLIED]，30 秒。",
        },
        expected: { ctState: "NEW", state: "UNREPLIED", timeout: 30 },
      },
      {
        from: "server",
        packet: wire.udp("server", "answer"),
        words: {
          en: "The answer is ESTABLISHED. The timeout stays at 30 seconds, and it is not [ASSURED]: a DNS lookup ends here. (The tutorial says 180 seconds and [ASSURED].)",
          zh: "应答是 ESTABLISHED。超时仍为 30 秒，也没有 [ASSURED]：一次 DNS 查询到此为止。（教程说是 180 秒并且 [ASSURED]。）",
        },
        expected: { ctState: "ESTABLISHED", state: "REPLIED", timeout: 30, assured: false },
      },
      {
        wait: 3,
        from: "client",
        packet: wire.udp("client", "more"),
        words: {
          en: "More than two seconds after the first packet it counts as a stream: 120 seconds and [ASSURED].",
          zh: "距第一个包超过两秒就算作流：120 秒，[ASSURED]。",
        },
        expected: { ctState: "ESTABLISHED", state: "ASSURED", timeout: 120, assured: true },
      },
      {
        wait: 121,
        words: { en: "Nobody has anything to say: gone.", zh: "双方都不再说话：条目消失。" },
        expected: { flows: 0 },
      },
    ];
  },
};

const ping = (sequence: number) =>
  icmp({ src: CLIENT, dst: SERVER, type: "echo-request", icmpId: 33029, sequence, payload: "ping" });
const pong = (sequence: number, icmpId = 33029) =>
  icmp({ src: SERVER, dst: CLIENT, type: "echo-reply", icmpId, sequence, payload: "ping" });

export const icmpPing: Lesson = {
  id: "icmp-ping",
  title: { en: "ICMP: ping", zh: "ICMP：ping" },
  words: {
    en: "Requests have answers, so they have entries: by addresses, type, code and identifier.",
    zh: "请求有应答，所以有条目：由地址、类型、代码和标识符确定。",
  },
  steps: () => [
    {
      from: "client",
      packet: ping(1),
      words: {
        en: "Echo request: NEW. The line has type, code and id in place of ports, and the answer's type in its second half.",
        zh: "回显请求：NEW。该行用 type、code、id 代替端口，后半部分是应答的类型。",
      },
      expected: { ctState: "NEW", state: "UNREPLIED", timeout: 30 },
    },
    {
      from: "server",
      packet: pong(1),
      words: {
        en: "Echo reply: ESTABLISHED. The tutorial says that the entry is destroyed now; today it stays, refreshed.",
        zh: "回显应答：ESTABLISHED。教程说此时条目被销毁；如今它会保留并被刷新。",
      },
      expected: { ctState: "ESTABLISHED", timeout: 30, flows: 1 },
    },
    {
      wait: 1,
      from: "client",
      packet: ping(2),
      words: { en: "So the next request is ESTABLISHED.", zh: "因此下一个请求是 ESTABLISHED。" },
      expected: { ctState: "ESTABLISHED" },
    },
    {
      from: "server",
      packet: pong(1, 4711),
      words: { en: "A reply that nobody asked for: INVALID.", zh: "没有人请求过的应答：INVALID。" },
      expected: { ctState: "INVALID", reason: "ICMP_NO_PAIR" },
    },
  ],
};

export const icmpErrorTcp: Lesson = {
  id: "icmp-error-tcp",
  title: { en: "ICMP errors: net unreachable", zh: "ICMP 差错：网络不可达" },
  words: {
    en: "An error quotes the packet that it is about. That leads to the entry, so the error is RELATED.",
    zh: "差错报文会引用出错的数据包，由此可以找到条目，所以差错是 RELATED。",
  },
  steps: () => {
    const syn = new Wire(40011, 80).tcp("client", "SYN");
    return [
      {
        from: "client",
        packet: syn,
        words: { en: "SYN: NEW.", zh: "SYN：NEW。" },
        expected: { ctState: "NEW", timeout: 120 },
      },
      {
        wait: 1,
        from: "server",
        packet: icmpError(syn, { src: ROUTER, error: "net-unreachable" }),
        words: {
          en: "A router answers: net unreachable. RELATED, though the entry has no reply. The tutorial says that the entry is destroyed; it is left alone, and its timer runs on.",
          zh: "路由器答复：网络不可达。尽管条目没有应答，它仍是 RELATED。教程说条目会被销毁；实际上条目原封不动，计时继续。",
        },
        expected: { ctState: "RELATED", timeout: 119, flows: 1 },
      },
      {
        from: "server",
        packet: icmpError(new Wire(40099, 80).tcp("client", "SYN"), {
          src: ROUTER,
          error: "net-unreachable",
        }),
        words: {
          en: "The same about a packet that never passed: INVALID.",
          zh: "针对从未经过的数据包的同样差错：INVALID。",
        },
        expected: { ctState: "INVALID", reason: "ICMP_ERROR_NO_FLOW" },
      },
    ];
  },
};

export const icmpErrorUdp: Lesson = {
  id: "icmp-error-udp",
  title: { en: "ICMP errors: net prohibited", zh: "ICMP 差错：网络被禁止" },
  words: {
    en: "The same for UDP: an administrator forbids the way, and says so.",
    zh: "UDP 也一样：管理员禁止了这条路，并且告知了对方。",
  },
  steps: () => {
    const wire = new Wire(40012, 500);
    const packet = wire.udp("client", "hello");
    return [
      { from: "client", packet, words: { en: "UDP: NEW.", zh: "UDP：NEW。" }, expected: { ctState: "NEW" } },
      {
        from: "server",
        packet: icmpError(packet, { src: ROUTER, error: "net-prohibited" }),
        words: { en: "Net prohibited: RELATED.", zh: "网络被禁止：RELATED。" },
        expected: { ctState: "RELATED", flows: 1 },
      },
      {
        from: "client",
        packet: wire.udp("client", "again"),
        words: {
          en: "Still no reply of the flow's own: the next packet is NEW again.",
          zh: "连接本身仍没有应答：下一个包还是 NEW。",
        },
        expected: { ctState: "NEW", timeout: 30 },
      },
    ];
  },
};

export const generic: Lesson = {
  id: "generic",
  title: { en: "Default connections", zh: "默认连接" },
  words: {
    en: "Protocols that tracking does not know (here ESP) are told apart by their addresses alone.",
    zh: "连接跟踪不认识的协议（这里是 ESP）只按地址区分。",
  },
  steps: () => [
    {
      from: "client",
      packet: ip({ src: CLIENT, dst: SERVER, protocol: 50, payload: [0, 0, 1, 0, 0, 0, 0, 1] }),
      words: { en: "The first packet: NEW, 600 seconds.", zh: "第一个包：NEW，600 秒。" },
      expected: { ctState: "NEW", timeout: 600 },
    },
    {
      from: "server",
      packet: ip({ src: SERVER, dst: CLIENT, protocol: 50, payload: [0, 0, 2, 0, 0, 0, 0, 1] }),
      words: {
        en: "The answer: ESTABLISHED. It never becomes [ASSURED].",
        zh: "应答：ESTABLISHED。永远不会成为 [ASSURED]。",
      },
      expected: { ctState: "ESTABLISHED", timeout: 600, assured: false },
    },
  ],
};

export const untracked: Lesson = {
  id: "untracked",
  title: { en: "Untracked", zh: "不跟踪" },
  words: {
    en: "Some packets are none of tracking's business. Rules can say so (-j CT --notrack); neighbour discovery never is.",
    zh: "有些数据包与连接跟踪无关。规则可以这样指定（-j CT --notrack）；邻居发现则从不被跟踪。",
  },
  steps: () => [
    {
      from: "client",
      packet: icmp6({
        src: "2001:db8:1::2",
        dst: "ff02::1:ff00:1",
        ttl: 255,
        type: "neighbour-solicitation",
        payload: new Uint8Array(16),
      }),
      words: {
        en: "An IPv6 neighbour solicitation: UNTRACKED, and no entry.",
        zh: "一个 IPv6 邻居请求：UNTRACKED，没有条目。",
      },
      expected: { ctState: "UNTRACKED", flows: 0 },
    },
  ],
};

export const tableFull: Lesson = {
  id: "table-full",
  title: { en: "A full table", zh: "表满了" },
  sysctl: { nf_conntrack_max: 1 },
  words: {
    en: "The table has room for one entry here. Linux looks near by for one that is not [ASSURED] and could give way. If it finds none, the packet is dropped.",
    zh: "这里的表只能容纳一个条目。Linux 会在附近寻找没有 [ASSURED]、可以让位的条目；找不到，数据包就被丢弃。",
  },
  steps: () => {
    const wire = new Wire(40020, 80);
    return [
      {
        from: "client",
        packet: wire.tcp("client", "SYN"),
        words: { en: "A connection: SYN.", zh: "一条连接：SYN。" },
        expected: { ctState: "NEW", flows: 1 },
      },
      {
        from: "server",
        packet: wire.tcp("server", "SYN,ACK"),
        words: { en: "SYN, ACK.", zh: "SYN、ACK。" },
      },
      {
        from: "client",
        packet: wire.tcp("client", "ACK"),
        words: { en: "ACK: the entry is [ASSURED].", zh: "ACK：条目成为 [ASSURED]。" },
        expected: { assured: true },
      },
      {
        from: "client",
        packet: new Wire(40023, 53).udp("client", "question"),
        words: {
          en: 'Another flow: no room, and nothing that could give way. The packet is dropped, and the kernel logs "nf_conntrack: table full, dropping packet".',
          zh: "另一条连接：没有空位，也没有可以让位的条目。数据包被丢弃，内核记录 “nf_conntrack: table full, dropping packet”。",
        },
        expected: { reason: "TABLE_FULL", flows: 1 },
      },
      {
        from: "client",
        packet: wire.tcp("client", "PSH,ACK", { payload: "still here" }),
        words: { en: "The connection itself is not disturbed.", zh: "原有连接不受影响。" },
        expected: { ctState: "ESTABLISHED" },
      },
    ];
  },
};
