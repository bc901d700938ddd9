"""Asks iptables-legacy-restore and the kernel about rules, one at a time, and records the answers.

    python3 record.py < RULES > recorded.jsonl     (as root: each rule gets a network namespace of its own)

A line of RULES is FAMILY TABLE RULE: "4 filter -A INPUT -p tcp --dport ssh -j ACCEPT". Each table also has a chain
"user", which a rule of PREROUTING, or else of INPUT, leads to when the rule itself is in it, and there are the sets
s4, p4, t4, m4 and the same for IPv6.

A line of the recording: "saved", the rules as iptables-save prints them, or "refused", by "iptables" or the "kernel".
"""
import concurrent.futures
import json
import subprocess
import sys

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


def surroundings(table, rule):
    """What stands in front of the rule, in a table of its own."""
    lines = ["*" + table, *(f":{chain} ACCEPT [0:0]" for chain in CHAINS[table]), ":user - [0:0]"]
    if rule.startswith("-A user"):
        lines.append(f"-A {CHAINS[table][0]} -j user")
    return "".join(line + "\n" for line in lines)


def ask(line):
    family, table, rule = line.split(" ", 2)
    tool = "ip6tables-legacy" if family == "6" else "iptables-legacy"
    text = surroundings(table, rule) + rule + "\nCOMMIT\n"
    script = f"ipset restore <<'END'\n{SETS}END\n{tool}-restore && {tool}-save -t {table}"
    run = subprocess.run(["unshare", "-n", "bash", "-c", script], input=text, capture_output=True, text=True)
    answer = {"family": int(family), "table": table, "rule": rule}
    if run.returncode:
        answer["refused"] = "kernel" if "failed" in run.stderr.split("\n")[0] else "iptables"
    else:
        rules = [saved for saved in run.stdout.split("\n") if saved.startswith("-A ")]
        answer["saved"] = rules[1:] if rule.startswith("-A user") else rules
    return json.dumps(answer, ensure_ascii=False)


with concurrent.futures.ThreadPoolExecutor(4) as pool:
    for answer in pool.map(ask, dict.fromkeys(line for line in sys.stdin.read().split("\n") if line)):
        print(answer)
