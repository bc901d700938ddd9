import { tcp, udp } from "../../../packet/index.js";
import { CLIENT, SERVER, Wire } from "../lab.js";
import type { Lesson, Step } from "../lesson.js";

function control(wire: Wire): Step[] {
  return [
    {
      from: "client",
      packet: wire.tcp("client", "SYN"),
      words: { en: "The control connection: SYN.", zh: "控制连接：SYN。" },
      expected: { ctState: "NEW" },
    },
    {
      from: "server",
      packet: wire.tcp("server", "SYN,ACK"),
      words: { en: "SYN, ACK.", zh: "SYN、ACK。" },
      expected: { ctState: "ESTABLISHED" },
    },
    {
      from: "client",
      packet: wire.tcp("client", "ACK"),
      words: { en: "ACK.", zh: "ACK。" },
      expected: { ctState: "ESTABLISHED" },
    },
  ];
}

const LOGIN = { en: "The client logs in.", zh: "客户端登录。" };

/** What is said before: the helper follows lines from their beginning on. */
function login(wire: Wire): Step[] {
  return [
    {
      from: "server",
      packet: wire.tcp("server", "PSH,ACK", { payload: "220 ready\r\n" }),
      words: { en: "The server greets.", zh: "服务器致欢迎词。" },
    },
    { from: "client", packet: wire.tcp("client", "PSH,ACK", { payload: "USER me\r\n" }), words: LOGIN },
    {
      from: "server",
      packet: wire.tcp("server", "PSH,ACK", { payload: "230 welcome\r\n" }),
      words: { en: "Welcome.", zh: "登录成功。" },
    },
  ];
}

export const ftpActive: Lesson = {
  id: "ftp-active",
  title: { en: "FTP, active", zh: "FTP 主动模式" },
  helpers: ["ftp"],
  words: {
    en: "The client names a port, and the server connects back to it. No rule could foresee that; the ftp helper reads the control connection and makes the data connection RELATED.",
    zh: "客户端给出一个端口，服务器反向连接过来。没有规则能预见；ftp 助手读取控制连接，使数据连接成为 RELATED。",
  },
  steps: () => {
    const wire = new Wire(40030, 21);
    const data = (side: "client" | "server", flags: string, seq: number, ack: number) =>
      side === "server"
        ? tcp({ src: SERVER, dst: CLIENT, sport: 20, dport: 7777, flags, seq, ack })
        : tcp({ src: CLIENT, dst: SERVER, sport: 7777, dport: 20, flags, seq, ack });
    return [
      ...control(wire),
      ...login(wire),
      {
        from: "client",
        packet: wire.tcp("client", "PSH,ACK", { payload: "PORT 10,1,0,2,30,97\r\n" }),
        words: {
          en: "PORT 10,1,0,2,30,97: connect to port 30 × 256 + 97 = 7777. An expectation appears.",
          zh: "PORT 10,1,0,2,30,97：请连接端口 30 × 256 + 97 = 7777。出现一个期望。",
        },
        expected: { ctState: "ESTABLISHED", expectations: 1 },
      },
      {
        from: "server",
        packet: data("server", "SYN", 1, 0),
        words: {
          en: "The server connects, from its port 20: RELATED. The expectation is used up.",
          zh: "服务器从 20 端口连接过来：RELATED。期望已用掉。",
        },
        expected: { ctState: "RELATED", state: "SYN_SENT", expectations: 0, flows: 2 },
      },
      {
        from: "client",
        packet: data("client", "SYN,ACK", 9, 2),
        words: { en: "From the reply on it is ESTABLISHED.", zh: "从应答开始就是 ESTABLISHED。" },
        expected: { ctState: "ESTABLISHED", state: "SYN_RECV" },
      },
      {
        from: "server",
        packet: data("server", "ACK", 2, 10),
        words: { en: "ACK: data can flow.", zh: "ACK：可以传数据了。" },
        expected: { ctState: "ESTABLISHED", state: "ESTABLISHED" },
      },
    ];
  },
};

export const ftpPassive: Lesson = {
  id: "ftp-passive",
  title: { en: "FTP, passive", zh: "FTP 被动模式" },
  helpers: ["ftp"],
  words: {
    en: "The server names the port, and the client connects: what works through most firewalls. The helper has to read the server's answer.",
    zh: "由服务器给出端口，客户端去连接：能穿过大多数防火墙。助手要读的是服务器的应答。",
  },
  steps: () => {
    const wire = new Wire(40031, 21);
    return [
      ...control(wire),
      ...login(wire),
      {
        from: "client",
        packet: wire.tcp("client", "PSH,ACK", { payload: "PASV\r\n" }),
        words: { en: "PASV: the client asks for a port.", zh: "PASV：客户端请求一个端口。" },
        expected: { expectations: 0 },
      },
      {
        from: "server",
        packet: wire.tcp("server", "PSH,ACK", {
          payload: "227 Entering Passive Mode (203,0,113,10,195,80)\r\n",
        }),
        words: {
          en: "227 (203,0,113,10,195,80): port 195 × 256 + 80 = 50000 is expected.",
          zh: "227 (203,0,113,10,195,80)：期望端口 195 × 256 + 80 = 50000。",
        },
        expected: { expectations: 1 },
      },
      {
        from: "client",
        packet: tcp({ src: CLIENT, dst: SERVER, sport: 40032, dport: 50000, flags: "SYN" }),
        words: {
          en: "The client connects, from any port: RELATED.",
          zh: "客户端从任意端口连接：RELATED。",
        },
        expected: { ctState: "RELATED", expectations: 0, flows: 2 },
      },
    ];
  },
};

export const irc: Lesson = {
  id: "irc",
  title: { en: "IRC: DCC", zh: "IRC：DCC" },
  helpers: ["irc"],
  words: {
    en: "A chat message offers a file: its receiver connects to the sender directly.",
    zh: "一条聊天消息提供文件：接收者直接连接发送者。",
  },
  steps: () => {
    const wire = new Wire(40033, 6667);
    return [
      ...control(wire),
      {
        from: "client",
        packet: wire.tcp("client", "PSH,ACK", {
          payload: "PRIVMSG you :\x01DCC SEND notes.txt 167837698 5000 42\x01\r\n",
        }),
        words: {
          en: "DCC SEND with the address as one number (167837698 is 10.1.0.2) and port 5000: an expectation.",
          zh: "DCC SEND，地址写成一个数（167837698 即 10.1.0.2），端口 5000：一个期望。",
        },
        expected: { expectations: 1 },
      },
      {
        from: "server",
        packet: tcp({ src: SERVER, dst: CLIENT, sport: 33333, dport: 5000, flags: "SYN" }),
        words: { en: "The receiver connects: RELATED.", zh: "接收者连接过来：RELATED。" },
        expected: { ctState: "RELATED", expectations: 0 },
      },
    ];
  },
};

export const tftp: Lesson = {
  id: "tftp",
  title: { en: "TFTP", zh: "TFTP" },
  helpers: ["tftp"],
  words: {
    en: "The answer to a TFTP request comes from another port than the request went to.",
    zh: "TFTP 请求的应答来自与请求目的端口不同的端口。",
  },
  steps: () => [
    {
      from: "client",
      packet: udp({ src: CLIENT, dst: SERVER, sport: 40034, dport: 69, payload: "\0\x01boot.img\0octet\0" }),
      words: {
        en: "A read request to port 69: the answer is expected from any port.",
        zh: "向 69 端口发出读请求：应答可以来自任意端口。",
      },
      expected: { ctState: "NEW", expectations: 1 },
    },
    {
      from: "server",
      packet: udp({ src: SERVER, dst: CLIENT, sport: 51000, dport: 40034, payload: "\0\x03\0\x01data" }),
      words: {
        en: "Data from port 51000: RELATED, a flow of its own.",
        zh: "来自 51000 端口的数据：RELATED，是一条独立的连接。",
      },
      expected: { ctState: "RELATED", flows: 2 },
    },
    {
      from: "client",
      packet: udp({ src: CLIENT, dst: SERVER, sport: 40034, dport: 51000, payload: "\0\x04\0\x01" }),
      words: { en: "The acknowledgement: ESTABLISHED.", zh: "确认：ESTABLISHED。" },
      expected: { ctState: "ESTABLISHED" },
    },
  ],
};
