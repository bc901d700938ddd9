"""Asks iptables-legacy-restore and the kernel about rules, one at a time, and records the answers.

    python3 record.py > recorded.jsonl       (as root: each rule gets a network namespace of its own)

The rules are those of inputs/*.txt, and every target in every chain. A line "== FAMILIES TABLE CHAIN PREFIX" of the
inputs says what stands in front of the lines behind it. Each table also has a chain "user", to which the table's first
chain leads when the rule itself is in it, and there are the sets s4, p4, t4, m4 and the same for IPv6.

A line of the recording: "saved", the rules as iptables-save prints them, or "refused", by "iptables" or the "kernel".
"""
import concurrent.futures
import glob
import json
import os
import subprocess

CHAINS = {
    "filter": ["INPUT", "FORWARD", "OUTPUT"],
    "nat": ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
    "mangle": ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
    "raw": ["PREROUTING", "OUTPUT"],
    "security": ["INPUT", "FORWARD", "OUTPUT"],
}
SETS = "".join(
    f"create {name}{n} {kind} family {family} {options}\n"
    for n, family in (("4", "inet"), ("6", "inet6"))
    for name, kind, options in (
        ("s", "hash:ip", ""),
        ("p", "hash:ip,port", ""),
        ("t", "hash:ip", "timeout 600 counters"),
        ("m", "hash:ip", "skbinfo"),
    )
)
ANYWHERE = """
-j ACCEPT|-j DROP|-j RETURN|-j REJECT|-j LOG|-j NFLOG|-j MARK --set-mark 1|-j CONNMARK --save-mark|-j CT --notrack
-j NOTRACK|-j TTL --ttl-set 5|-j HL --hl-set 5|-j DSCP --set-dscp 1|-j TOS --set-tos 1|-j CLASSIFY --set-class 1:1
-j SET --add-set s{n} src|-j TRACE|-j CHECKSUM --checksum-fill|-j SNAT --to-source {a}|-j DNAT --to-destination {a}
-j MASQUERADE|-j REDIRECT|-j NETMAP --to {a}|-j ECN --ecn-ip-ect 1|-j SET --map-set m{n} src --map-mark
-j SET --map-set m{n} src --map-prio|-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu|-p tcp --syn -j TCPMSS --set-mss 1000
-p tcp -j TCPOPTSTRIP --strip-options 5|-p tcp -j REJECT --reject-with tcp-reset
-m mac --mac-source 00:11:22:33:44:55|-m owner --uid-owner 5|-m addrtype --dst-type LOCAL --limit-iface-in
-m addrtype --dst-type LOCAL --limit-iface-out|-i eth0|-o eth0|-i eth0 -o eth1
"""


def inputs():
    for name in sorted(glob.glob(os.path.join(os.path.dirname(os.path.abspath(__file__)), "inputs", "*.txt"))):
        for line in open(name, encoding="utf-8").read().rstrip("\n").split("\n"):
            if line.startswith("== "):
                families, table, *rest = line[3:].split(" ")
                continue
            for family in families:
                yield family, table, " ".join(["-A", *rest, *([line] if line else [])])
    for family, address in (("4", "192.0.2.1"), ("6", "2001:db8::1")):
        for table, chains in CHAINS.items():
            for chain in [*chains, "user"]:
                for rule in ANYWHERE.strip().replace("\n", "|").split("|"):
                    yield family, table, f"-A {chain} {rule.format(n=family, a=address)}"


def ask(question):
    family, table, rule = question
    tool = "ip6tables-legacy" if family == "6" else "iptables-legacy"
    lines = ["*" + table, *(f":{chain} ACCEPT [0:0]" for chain in CHAINS[table]), ":user - [0:0]"]
    in_user = rule.startswith("-A user ")
    if in_user:
        lines.append(f"-A {CHAINS[table][0]} -j user")
    text = "".join(line + "\n" for line in [*lines, rule, "COMMIT"])
    script = f"ipset restore <<'END'\n{SETS}END\n{tool}-restore && {tool}-save -t {table}"
    run = subprocess.run(["unshare", "-n", "bash", "-c", script], input=text, capture_output=True, text=True)
    answer = {"family": int(family), "table": table, "rule": rule}
    if run.returncode:
        answer["refused"] = "kernel" if "failed" in run.stderr.split("\n")[0] else "iptables"
    else:
        rules = [saved for saved in run.stdout.split("\n") if saved.startswith("-A ")]
        answer["saved"] = rules[1:] if in_user else rules
    return json.dumps(answer, ensure_ascii=False)


with concurrent.futures.ThreadPoolExecutor(4) as pool:
    for answer in pool.map(ask, dict.fromkeys(inputs())):
        print(answer)
