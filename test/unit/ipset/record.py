"""Asks ipset and the kernel about sets and records the answers.

    python3 record.py < inputs.txt > recorded.jsonl      (as root: each question gets a network namespace of its own)

"== create ..." says what stands in front of each line behind it; lines that are no commands are elements to add.
Blocks between "{" and "}" are questions of several lines. Answers: "saved", sorted, without what is random, or
"refused".
"""
import concurrent.futures
import json
import re
import subprocess
import sys


def questions():
    create, block = None, None
    for line in sys.stdin.read().split("\n"):
        if line == "{":
            block = []
        elif line == "}":
            yield block
            block = None
        elif block is not None:
            block.append(line)
        elif line.startswith("== "):
            create = line[3:]
            yield [create]
        elif line:
            yield [create, f"add {create.split(' ')[1]} {line}"]


def ask(lines):
    text = "".join(line + "\n" for line in lines)
    run = subprocess.run(
        ["unshare", "-n", "bash", "-c", "ipset restore && ipset save"], input=text, capture_output=True, text=True
    )
    if run.returncode:
        return json.dumps({"lines": lines, "refused": True})
    # Buckets and seeds differ from set to set, timeouts run on.
    saved = [re.sub(r" bucketsize \d+ initval 0x[0-9a-f]+", "", line) for line in run.stdout.split("\n") if line]
    saved = [re.sub(r"^(add .*) timeout ([1-9]\d*)", r"\1 timeout N", line) for line in saved]
    return json.dumps({"lines": lines, "saved": sorted(saved)})


with concurrent.futures.ThreadPoolExecutor(4) as pool:
    for answer in pool.map(ask, questions()):
        print(answer)
