"""Asks the running kernel what connection tracking makes of packets.

Reads a walk a line, {"sysctl": {name: value}, "packets": [{"in": hex, "wait": ms}]}, and answers each with a line,
[{"t": microseconds, "ct": state, "dir": direction, "table": [lines]}]. Every walk has a process and a network namespace
of its own: packets enter at one TUN device and leave by another, and what tracking has said of them stands in their DSCP
field. Needs root, nft and ip.
"""
import ctypes
import fcntl
import json
import os
import struct
import subprocess
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
DEVICES = ('in0', 'out0')
STATES = [('invalid', None), ('untracked', None), ('new', 'original'), ('new', 'reply'), ('established', 'original'),
          ('established', 'reply'), ('related', 'original'), ('related', 'reply')]

SYSCTLS = {
    'ipv4/ip_forward': 1, 'ipv6/conf/all/forwarding': 1, 'ipv6/conf/default/accept_dad': 0,
    'ipv4/conf/all/rp_filter': 0, 'ipv4/conf/default/rp_filter': 0,
    'ipv4/conf/all/send_redirects': 0, 'ipv4/conf/default/send_redirects': 0,
}


def rules():
    """After conntrack (-200) the state is written into the packet. What this machine says itself is dropped."""
    lines = []
    for number, (state, direction) in enumerate(STATES, 1):
        match = 'ct state ' + state + (' ct direction ' + direction if direction else '')
        for field in ('ip', 'ip6'):
            lines.append('meta nfproto %s %s %s dscp set %d' % ('ipv4' if field == 'ip' else 'ipv6', match, field, number))
    return '''table inet differential {
  chain state { type filter hook prerouting priority -199; %s; }
  chain own { type filter hook output priority -300; drop; }
}''' % '; '.join(lines)


def run(command, text):
    subprocess.run(command, input=text, text=True, check=True)


def write(path, value):
    with open('/proc/sys/net/' + path, 'w') as file:
        file.write(str(value))


def open_tun(name):
    device = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack('16sH22x', name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def received(device):
    packets = []
    while True:
        try:
            packets.append(os.read(device, 65536))
        except BlockingIOError:
            return packets


def state_in(packet):
    field = packet[1] if packet[0] >> 4 == 4 else (packet[0] << 4 | packet[1] >> 4) & 0xff
    number = field >> 2
    return STATES[number - 1] if 0 < number <= len(STATES) else (None, None)


def table():
    with open('/proc/thread-self/net/nf_conntrack') as file:
        return [line.rstrip('\n') for line in file]


def judge(walk):
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), 'no new network namespace: this needs root')
    for path, value in SYSCTLS.items():
        write(path, value)
    tun = [open_tun(name) for name in DEVICES]
    setup = ['link set %s addrgenmode none\nlink set %s mtu 65535 up' % (name, name) for name in DEVICES]
    run(['ip', '-batch', '-'], '\n'.join(setup + ['route add default dev out0', 'route add ::/0 dev out0', '']))
    run(['nft', '-f', '-'], rules())
    for name, value in walk['sysctl'].items():
        write('netfilter/' + name, value)
    for device in tun:
        received(device)
    start = time.monotonic_ns()
    answers = []
    for packet in walk['packets']:
        time.sleep(packet.get('wait', 0) / 1000)
        answer = {'t': (time.monotonic_ns() - start) // 1000}
        os.write(tun[0], bytes.fromhex(packet['in']))
        out = received(tun[1])
        if out:
            state, direction = state_in(out[0])
            answer.update({'ct': state} if state else {}, **({'dir': direction} if direction else {}))
        answer['table'] = table()
        answers.append(answer)
    return answers


def main():
    for line in sys.stdin:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            with os.fdopen(writer, 'w') as pipe:
                pipe.write(json.dumps(judge(json.loads(line))))
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            answer = pipe.read()
        os.waitpid(child, 0)
        print(answer or 'null', flush=True)


main()
