#!/usr/bin/env python3
"""Records what the conntrack tool prints of the tables that recorded scenarios lead to.

    record-conntrack-tool.py RECORDING.jsonl.gz OUT.jsonl.gz [--only PREFIX]... [--set NAME=VALUE]...

Needs root, python 3.9+, ip, nft and conntrack (conntrack-tools). Every scenario of RECORDING (test/conformance/
recordings) gets a process and a network namespace of its own; its packets are written to a TUN device, as they
were for the recording. A line of OUT holds, for one scenario, what was read right after its last packet:

    proc, proc_expect   lines of /proc/net/nf_conntrack and nf_conntrack_expect
    list                lines of `conntrack -L -o FORM` by form, "" for the plain one
    expect              lines of `conntrack -L expect`
    events              lines of `conntrack -E -o FORM` by form, and of `conntrack -E expect` as "expect"
    stats, count        what `conntrack -S` and `conntrack -C` print
    stat                /proc/net/stat/nf_conntrack
"""
import ctypes
import fcntl
import gzip
import json
import os
import platform
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

LIST_FORMS = ['', 'extended', 'id', 'extended,id', 'ktimestamp', 'labels', 'save', 'xml', 'xml,id,ktimestamp']
EVENT_FORMS = ['', 'extended,id', 'timestamp', 'xml', 'save']
OFF = ['rp_filter', 'send_redirects', 'accept_redirects', 'log_martians']
ON = ['accept_local', 'route_localnet', 'forwarding']
LINKS = '''
link set lo up
link set tun0 addrgenmode none
link set tun1 addrgenmode none
link set tun0 mtu 65535 txqueuelen 2000 up
link set tun1 mtu 65535 txqueuelen 2000 up
route add default dev tun1
route add ::/0 dev tun1
'''
# Rules switch tracking on; what this machine says itself never reaches it.
RULES = '''
table inet lab {
  chain pre { type filter hook prerouting priority -199; ct state new; }
  chain out { type filter hook output priority -450; drop; }
}
'''


def put(path, value):
    try:
        with open('/proc/sys/' + path, 'w') as f:
            f.write(str(value))
    except FileNotFoundError:
        pass


def run(argv, text=None):
    return subprocess.run(argv, input=text, text=True, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


def lines(argv):
    done = subprocess.run(argv, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout.splitlines()


def read_lines(path):
    with open(path) as f:
        return f.read().splitlines()


def tun(name):
    fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, 0x400454ca, struct.pack('16sH22x', name.encode(), 0x0001 | 0x1000))
    return fd


def groups_of(steps):
    """Multicast groups that were joined: what is sent there reaches this machine."""
    found = set()
    for step in steps:
        if step.get('fate') != 'local':
            continue
        p = bytes.fromhex(step.get('in', ''))
        if len(p) >= 20 and p[0] >> 4 == 4 and p[16] >> 4 == 14:
            found.add(socket.inet_ntoa(p[16:20]))
        elif len(p) >= 40 and p[0] >> 4 == 6 and p[24] == 255:
            found.add(socket.inet_ntop(socket.AF_INET6, p[24:40]))
    return sorted(found)


def join(group, index):
    six = ':' in group
    s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        if six:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(socket.AF_INET6, group) + struct.pack('=i', index))
        else:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + struct.pack('=4si', b'\0' * 4, index))
    except OSError:
        pass
    return s


def await_listeners(count):
    """Their sockets are those of NETLINK_NETFILTER that have joined groups."""
    for _ in range(1000):
        rows = [l.split() for l in read_lines('/proc/thread-self/net/netlink')[1:]]
        if sum(row[1] == '12' and int(row[3], 16) != 0 for row in rows) == count:
            return
        time.sleep(0.005)
    raise RuntimeError('conntrack -E does not listen')


class Listener:
    """A running `conntrack -E`."""

    def __init__(self, args):
        self.out = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen(['conntrack', '-E'] + args, stdout=self.out, stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.out.seek(0)
        return self.out.read().splitlines()


def record(scenario, settings):
    if ctypes.CDLL(None, use_errno=True).unshare(0x40000000):
        raise OSError(ctypes.get_errno(), 'unshare: run as root')
    put('net/ipv4/ip_forward', 1)
    put('net/ipv4/igmp_max_memberships', 4096)
    for scope in ('all', 'default'):
        for family in ('ipv4', 'ipv6'):
            for names, value in ((OFF, 0), (ON, 1)):
                for name in names:
                    put('net/%s/conf/%s/%s' % (family, scope, name), value)
        put('net/ipv6/conf/%s/accept_ra' % scope, 0)
        put('net/ipv6/conf/%s/accept_source_route' % scope, 1)
    put('net/ipv6/conf/default/accept_dad', 0)
    wire, away = tun('tun0'), tun('tun1')
    run(['ip', '-batch', '-'], LINKS + ''.join(l + '\n' for l in scenario.get('setup', ())))
    joined = [join(g, socket.if_nametoindex('tun0')) for g in groups_of(scenario['steps'])]
    run(['nft', '-f', '-'], RULES + scenario.get('rules', ''))
    values = {'nf_conntrack_log_invalid': 255, **scenario.get('sysctl', {}), **settings}
    for name, value in values.items():
        put('net/netfilter/' + name, value)
    listeners = {form: Listener(['-o', form] if form else []) for form in EVENT_FORMS}
    listeners['expect'] = Listener(['expect'])
    await_listeners(len(listeners))
    begin = time.monotonic()
    for step in scenario['steps']:
        time.sleep(max(0, begin + step.get('t', 0) / 1e6 - time.monotonic()))
        if 'in' in step:
            try:
                os.write(wire, bytes.fromhex(step['in']))
            except OSError:
                pass
        elif 'cmd' in step:
            subprocess.run(step['cmd'].split(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for name, value in step.get('sysctl', {}).items():
            put('net/netfilter/' + name, value)
        try:
            while True:
                os.read(away, 65536)
        except BlockingIOError:
            pass
    out = {'name': scenario['name'], 'set': settings}
    out['proc'] = read_lines('/proc/thread-self/net/nf_conntrack')
    out['proc_expect'] = read_lines('/proc/thread-self/net/nf_conntrack_expect')
    out['list'] = {form: lines(['conntrack', '-L'] + (['-o', form] if form else [])) for form in LIST_FORMS}
    out['expect'] = lines(['conntrack', '-L', 'expect'])
    out['count'] = lines(['conntrack', '-C'])
    out['stats'] = lines(['conntrack', '-S'])
    out['stat'] = read_lines('/proc/thread-self/net/stat/nf_conntrack')
    time.sleep(0.02)
    out['events'] = {form: listener.stop() for form, listener in listeners.items()}
    return out


def record_all(scenarios, write, settings, jobs):
    scratch = tempfile.mkdtemp()
    running = {}
    failed = 0

    def reap():
        nonlocal failed
        pid, status = os.wait()
        failed += status != 0
        running.pop(pid)

    for i, scenario in enumerate(scenarios):
        while len(running) >= jobs:
            reap()
        pid = os.fork()
        if not pid:
            code = 1
            try:
                text = json.dumps(record(scenario, settings), separators=(',', ':'))
                with open('%s/%d' % (scratch, i), 'w') as f:
                    f.write(text + '\n')
                code = 0
            except BaseException as e:
                sys.stderr.write('%s: %r\n' % (scenario['name'], e))
            os._exit(code)
        running[pid] = i
    while running:
        reap()
    for i in range(len(scenarios)):
        path = '%s/%d' % (scratch, i)
        if os.path.exists(path):
            with open(path) as f:
                write(f.read())
            os.unlink(path)
    os.rmdir(scratch)
    return failed


def main():
    args, only, settings = [], [], {}
    words = iter(sys.argv[1:])
    for word in words:
        if word == '--only':
            only.append(next(words))
        elif word == '--set':
            name, value = next(words).split('=')
            settings[name] = int(value)
        else:
            args.append(word)
    if len(args) != 2:
        sys.exit(__doc__)
    with gzip.open(args[0], 'rt') as f:
        f.readline()
        scenarios = [json.loads(line) for line in f]
    # Settings of the whole machine, and firewalls, are not this script's business.
    scenarios = [s for s in scenarios if not {'max', 'iptables', 'topo'} & s.keys()]
    scenarios = [s for s in scenarios if not only or any(s['name'].startswith(p) for p in only)]
    header = {'format': 'conntrack-tool', 'version': 1, 'kernel': platform.release(), 'tool': run(['conntrack', '--version']).split()[1]}
    with gzip.GzipFile(args[1], 'wb', mtime=0) as out:
        out.write((json.dumps(header) + '\n').encode())
        failed = record_all(scenarios, lambda text: out.write(text.encode()), settings, jobs=4)
    sys.exit('%d scenarios failed' % failed if failed else 0)


main()
