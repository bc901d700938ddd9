import { Wire } from "../lab.js";
import type { Lesson, Step } from "../lesson.js";

/** Steps that others begin with; they say no more than what is sent. */
function handshake(wire: Wire): Step[] {
  return [
    {
      from: "client",
      packet: wire.tcp("client", "SYN", { options: { mss: 1460 } }),
      words: { en: "The client opens: SYN.", zh: "客户端发起连接：SYN。" },
      expected: { ctState: "NEW", state: "SYN_SENT" },
    },
    {
      from: "server",
      packet: wire.tcp("server", "SYN,ACK", { options: { mss: 1460 } }),
      words: { en: "The server answers: SYN, ACK.", zh: "服务器应答：SYN、ACK。" },
      expected: { ctState: "ESTABLISHED", state: "SYN_RECV" },
    },
    {
      from: "client",
      packet: wire.tcp("client", "ACK"),
      words: { en: "The client confirms: ACK.", zh: "客户端确认：ACK。" },
      expected: { ctState: "ESTABLISHED", state: "ESTABLISHED", assured: true },
    },
  ];
}

export const tcpOpen: Lesson = {
  id: "tcp-open",
  title: { en: "TCP: connecting", zh: "TCP：建立连接" },
  words: {
    en: "Three segments open a connection. To rules, the first one alone is NEW; inside, the entry passes three states, each with a timeout of its own.",
    zh: "三个报文段建立一条连接。对规则而言只有第一个是 NEW；而在内部，条目经过三个状态，每个状态都有自己的超时。",
  },
  steps: () => {
    const wire = new Wire(40000, 80);
    return [
      {
        from: "client",
        packet: wire.tcp("client", "SYN", { options: { mss: 1460 } }),
        words: {
          en: "SYN is NEW. The entry is in SYN_SENT, [UNREPLIED], and lives for 120 seconds. The second half of the line is the answer that is waited for.",
          zh: "SYN 是 NEW。条目处于 SYN_SENT，带 [UNREPLIED]，寿命 120 秒。行的后半部分是所期待的应答。",
        },
        expected: { ctState: "NEW", state: "SYN_SENT", timeout: 120, assured: false },
      },
      {
        from: "server",
        packet: wire.tcp("server", "SYN,ACK", { options: { mss: 1460 } }),
        words: {
          en: "SYN, ACK comes in the reply direction, so it is ESTABLISHED already. [UNREPLIED] is gone; the state is SYN_RECV, for 60 seconds.",
          zh: "SYN、ACK 走的是应答方向，因此已经是 ESTABLISHED。[UNREPLIED] 消失；状态为 SYN_RECV，60 秒。",
        },
        expected: { ctState: "ESTABLISHED", state: "SYN_RECV", timeout: 60, assured: false },
      },
      {
        from: "client",
        packet: wire.tcp("client", "ACK"),
        words: {
          en: "ACK completes the handshake: the state is ESTABLISHED, the entry [ASSURED], and it may stay for five days.",
          zh: "ACK 完成握手：状态为 ESTABLISHED，条目变为 [ASSURED]，可以保留五天。",
        },
        expected: { ctState: "ESTABLISHED", state: "ESTABLISHED", timeout: 432000, assured: true },
      },
      {
        from: "client",
        packet: wire.tcp("client", "PSH,ACK", { payload: "GET / HTTP/1.0\r\n\r\n" }),
        words: {
          en: "Data that nobody has acknowledged yet: today's Linux keeps such an entry for 300 seconds only.",
          zh: "尚未被确认的数据：如今的 Linux 对这样的条目只保留 300 秒。",
        },
        expected: { ctState: "ESTABLISHED", timeout: 300 },
      },
      {
        from: "server",
        packet: wire.tcp("server", "ACK"),
        words: { en: "The server acknowledges: five days again.", zh: "服务器确认：又回到五天。" },
        expected: { ctState: "ESTABLISHED", timeout: 432000 },
      },
    ];
  },
};

export const tcpClose: Lesson = {
  id: "tcp-close",
  title: { en: "TCP: closing", zh: "TCP：关闭连接" },
  words: {
    en: "Both sides say FIN and both are acknowledged. All of it is ESTABLISHED to rules; the entry goes through four states and waits for two minutes at the end.",
    zh: "双方都发送 FIN 并得到确认。对规则来说全程都是 ESTABLISHED；条目经过四个状态，最后再等两分钟。",
  },
  steps: () => {
    const wire = new Wire(40001, 80);
    return [
      ...handshake(wire),
      {
        from: "client",
        packet: wire.tcp("client", "FIN,ACK"),
        words: {
          en: "The client is done: FIN_WAIT, 120 seconds.",
          zh: "客户端发送完毕：FIN_WAIT，120 秒。",
        },
        expected: { ctState: "ESTABLISHED", state: "FIN_WAIT", timeout: 120 },
      },
      {
        from: "server",
        packet: wire.tcp("server", "ACK"),
        words: {
          en: "The server has seen it: CLOSE_WAIT. The tutorial says twelve hours; it has long been 60 seconds.",
          zh: "服务器收到了：CLOSE_WAIT。教程说是 12 小时；如今早已是 60 秒。",
        },
        expected: { ctState: "ESTABLISHED", state: "CLOSE_WAIT", timeout: 60 },
      },
      {
        from: "server",
        packet: wire.tcp("server", "FIN,ACK"),
        words: {
          en: "The server is done as well: LAST_ACK, 30 seconds.",
          zh: "服务器也发送完毕：LAST_ACK，30 秒。",
        },
        expected: { ctState: "ESTABLISHED", state: "LAST_ACK", timeout: 30 },
      },
      {
        from: "client",
        packet: wire.tcp("client", "ACK"),
        words: {
          en: "The last ACK: TIME_WAIT. Late packets still pass as ESTABLISHED for 120 seconds.",
          zh: "最后的 ACK：TIME_WAIT。120 秒内迟到的数据包仍按 ESTABLISHED 通过。",
        },
        expected: { ctState: "ESTABLISHED", state: "TIME_WAIT", timeout: 120 },
      },
      {
        wait: 121,
        words: { en: "Two minutes later the entry is gone.", zh: "两分钟后条目消失。" },
        expected: { flows: 0 },
      },
    ];
  },
};

export const tcpReset: Lesson = {
  id: "tcp-reset",
  title: { en: "TCP: reset", zh: "TCP：复位" },
  words: {
    en: "A reset ends a connection, but only one whose number fits, and the entry stays for ten seconds more.",
    zh: "复位会终止连接，但序号必须吻合，而且条目还会再保留十秒。",
  },
  steps: () => {
    const wire = new Wire(40002, 80);
    const refused = new Wire(40003, 81);
    return [
      ...handshake(wire),
      {
        from: "server",
        packet: wire.tcp("server", "RST", { seq: 1 }),
        words: {
          en: "A reset with a number that cannot be: INVALID, and the connection lives on.",
          zh: "序号不可能的复位：INVALID，连接继续存在。",
        },
        expected: { ctState: "INVALID", flows: 1 },
      },
      {
        from: "server",
        packet: wire.tcp("server", "RST,ACK"),
        words: { en: "A reset that fits: CLOSE, ten seconds.", zh: "序号吻合的复位：CLOSE，十秒。" },
        expected: { ctState: "ESTABLISHED", state: "CLOSE", timeout: 10 },
      },
      {
        wait: 11,
        from: "client",
        packet: refused.tcp("client", "SYN"),
        words: { en: "Another try, at a port where nobody listens.", zh: "再试一次，目标端口无人监听。" },
        expected: { ctState: "NEW", state: "SYN_SENT", flows: 1 },
      },
      {
        from: "server",
        packet: refused.tcp("server", "RST,ACK"),
        words: {
          en: "The server refuses. Nothing but a reset has ever come back, so the entry goes at once.",
          zh: "服务器拒绝。除了复位什么都没有回来过，所以条目立即消失。",
        },
        expected: { ctState: "ESTABLISHED", flows: 0 },
      },
    ];
  },
};

export const tcpPickup: Lesson = {
  id: "tcp-pickup",
  title: { en: "TCP: NEW without SYN", zh: "TCP：没有 SYN 的 NEW" },
  words: {
    en: "NEW does not mean SYN. An ACK of an unknown connection is picked up, unless nf_conntrack_tcp_loose is 0. What no stack would begin with is INVALID.",
    zh: "NEW 并不等于 SYN。未知连接的 ACK 会被接管，除非 nf_conntrack_tcp_loose 为 0。任何协议栈都不会用来开头的报文则是 INVALID。",
  },
  steps: () => {
    const wire = new Wire(40004, 80);
    return [
      {
        from: "client",
        packet: wire.tcp("client", "ACK", { seq: 777, ack: 888 }),
        words: {
          en: "A stray ACK, as after a restart of the firewall: NEW, and ESTABLISHED inside, but for 300 seconds and not [ASSURED].",
          zh: "一个孤立的 ACK，比如防火墙重启之后：NEW，内部为 ESTABLISHED，但只有 300 秒且没有 [ASSURED]。",
        },
        expected: { ctState: "NEW", state: "ESTABLISHED", timeout: 300, assured: false },
      },
      {
        from: "server",
        packet: new Wire(40005, 80).tcp("server", "SYN,ACK", { ack: 1 }),
        words: { en: "A SYN, ACK that answers nothing: INVALID.", zh: "没有对应请求的 SYN、ACK：INVALID。" },
        expected: { ctState: "INVALID", reason: "TCP_INVALID_NEW" },
      },
      {
        from: "client",
        packet: new Wire(40006, 80).tcp("client", "NONE"),
        words: {
          en: "A segment without flags: INVALID. The tutorial still calls it NEW.",
          zh: "不带任何标志的报文段：INVALID。教程里仍称之为 NEW。",
        },
        expected: { ctState: "INVALID" },
      },
      {
        sysctl: ["nf_conntrack_tcp_loose", 0],
        from: "client",
        packet: new Wire(40007, 80).tcp("client", "ACK", { seq: 777, ack: 888 }),
        words: {
          en: "With nf_conntrack_tcp_loose=0 the same ACK is INVALID. Nothing drops it by itself: that is up to your rules.",
          zh: "设 nf_conntrack_tcp_loose=0 后，同样的 ACK 变成 INVALID。它不会自动被丢弃：那是规则的事。",
        },
        expected: { ctState: "INVALID", reason: "TCP_NOT_LOOSE" },
      },
    ];
  },
};

export const tcpWindow: Lesson = {
  id: "tcp-window",
  title: { en: "TCP: the window", zh: "TCP：窗口" },
  words: {
    en: "Each side says how much it takes. Tracking keeps the books, and what lies outside belongs to no connection.",
    zh: "每一方都声明自己能接收多少。连接跟踪会记账，落在窗口之外的报文不属于任何连接。",
  },
  steps: () => {
    const wire = new Wire(40008, 80);
    return [
      ...handshake(wire),
      {
        from: "client",
        packet: wire.tcp("client", "ACK", { seq: 900000, payload: "?" }),
        words: {
          en: "Far beyond the server's window: INVALID. The reason has the numbers.",
          zh: "远远超出服务器的窗口：INVALID。原因里有具体数字。",
        },
        expected: { ctState: "INVALID", reason: "TCP_SEQ_OVER" },
      },
      {
        from: "client",
        packet: wire.tcp("client", "ACK", { ack: 900000 }),
        words: {
          en: "It acknowledges what was never sent: INVALID as well.",
          zh: "确认了从未发送过的数据：同样是 INVALID。",
        },
        expected: { ctState: "INVALID", reason: "TCP_ACK_OVER" },
      },
      {
        sysctl: ["nf_conntrack_tcp_be_liberal", 1],
        from: "client",
        packet: wire.tcp("client", "ACK", { seq: 900000, payload: "?" }),
        words: {
          en: "nf_conntrack_tcp_be_liberal=1 lets it pass.",
          zh: "nf_conntrack_tcp_be_liberal=1 会放行它。",
        },
        expected: { ctState: "ESTABLISHED" },
      },
    ];
  },
};
