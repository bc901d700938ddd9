import { icmpError } from "../../../packet/index.js";
import { ROUTER, Wire } from "../lab.js";
import type { Lesson } from "../lesson.js";

export const notrack: Lesson = {
  id: "notrack",
  title: { en: "The raw table: NOTRACK", zh: "raw 表：NOTRACK" },
  rules: `*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate UNTRACKED -j ACCEPT
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i lan -m conntrack --ctstate NEW -j ACCEPT
COMMIT
`,
  words: {
    en: "The raw table comes before tracking, so its rules can spare packets from it: -j CT --notrack, or -j NOTRACK as it used to be written. What is not tracked has no entry, and nothing can be RELATED to it.",
    zh: "raw 表在连接跟踪之前，因此可以让数据包绕过跟踪：-j CT --notrack，旧写法是 -j NOTRACK。不被跟踪的包没有条目，也没有什么能与它 RELATED。",
  },
  steps: () => {
    const dns = new Wire(40060, 53);
    const web = new Wire(40061, 80);
    const question = dns.udp("client", "question");
    return [
      {
        from: "client",
        packet: question,
        words: {
          en: "A DNS question: the rule in raw makes it UNTRACKED. It passes, and the table stays empty.",
          zh: "一个 DNS 查询：raw 中的规则使它成为 UNTRACKED。它被放行，表仍为空。",
        },
        expected: { ctState: "UNTRACKED", verdict: "ACCEPT", flows: 0 },
      },
      {
        from: "server",
        packet: icmpError(question, { src: ROUTER, error: "host-unreachable" }),
        words: {
          en: "A router complains about it. There is no entry for what the error quotes, so it is INVALID, and the policy drops it.",
          zh: "路由器针对它报告差错。差错所引用的包没有条目，所以是 INVALID，被默认策略丢弃。",
        },
        expected: { ctState: "INVALID", reason: "ICMP_ERROR_NO_FLOW", verdict: "DROP" },
      },
      {
        from: "server",
        packet: dns.udp("server", "answer"),
        words: {
          en: "The answer has 53 as its source port, and the rule does not fit: NOTRACK is about packets, not connections. To tracking it is NEW, from outside, and it is dropped. A second rule, with --sport 53, is missing.",
          zh: "应答的源端口是 53，规则并不匹配：NOTRACK 针对数据包而不是连接。对连接跟踪来说它是来自外部的 NEW，于是被丢弃。还缺一条 --sport 53 的规则。",
        },
        expected: { ctState: "NEW", verdict: "DROP", flows: 0 },
      },
      {
        from: "client",
        packet: web.tcp("client", "SYN"),
        words: { en: "Everything else is tracked as ever.", zh: "其他一切照常跟踪。" },
        expected: { ctState: "NEW", state: "SYN_SENT", verdict: "ACCEPT", flows: 1 },
      },
      {
        from: "server",
        packet: icmpError(new Wire(40061, 80).tcp("client", "SYN", { seq: 1000 }), {
          src: ROUTER,
          error: "host-unreachable",
        }),
        words: {
          en: "And an error about it finds its entry: RELATED, and it passes.",
          zh: "针对它的差错能找到条目：RELATED，被放行。",
        },
        expected: { ctState: "RELATED", verdict: "ACCEPT", flows: 1 },
      },
    ];
  },
};
