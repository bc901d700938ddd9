#!/usr/bin/env python3
"""Records what a Linux router does with packets longer than its devices take: writes mtu.json.gz.

Needs root, iproute2 and nft. Packets are written to tun0 of a namespace of its own, whose routes lead out of tun1.
"""
import ctypes, fcntl, gzip, json, os, select, struct, subprocess

SRC, DST = bytes([10, 1, 0, 2]), bytes([203, 0, 113, 10])
SRC6 = bytes.fromhex("20010db8000100000000000000000002")
DST6 = bytes.fromhex("20010db8000300000000000000000010")


def run(line):
    subprocess.run(line.split(), check=True, stdout=subprocess.DEVNULL)


def tun(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x1001))
    return fd


def checksum(data):
    if len(data) & 1:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segment(protocol, length, src, dst):
    """UDP or TCP of `length` bytes in all, with a right checksum."""
    if protocol == 17:
        head = struct.pack("!HHHH", 4000, 53, length, 0)
    else:
        head = struct.pack("!HHIIBBHHH", 4000, 80, 1, 0, 5 << 4, 2, 1000, 0, 0)
    body = bytes((i * 7) & 255 for i in range(length - len(head)))
    pseudo = src + dst + struct.pack("!IHBB", length, 0, 0, protocol) if len(src) == 16 else src + dst + struct.pack("!BBH", 0, protocol, length)
    sum_ = checksum(pseudo + head + body)
    at = 6 if protocol == 17 else 16
    return head[:at] + struct.pack("!H", sum_) + head[at + 2 :] + body


def ip4(payload, protocol=17, df=False, ttl=64, options=b"", ident=0x1234, offset=0, more=False):
    ihl = 5 + len(options) // 4
    word = (0x4000 if df else 0) | (0x2000 if more else 0) | offset // 8
    head = struct.pack("!BBHHHBBH", 0x40 | ihl, 0, ihl * 4 + len(payload), ident, word, ttl, protocol, 0) + SRC + DST + options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def plain4(total, **options):
    protocol = options.get("protocol", 17)
    return ip4(segment(protocol, total - 20 - len(options.get("options", b"")), SRC, DST), **options)


def pieces4(total, size, df=False):
    data = segment(17, total - 20, SRC, DST)
    return [ip4(data[at : at + size], df=df, offset=at, more=at + size < len(data)) for at in range(0, len(data), size)]


def ip6(payload, next_header=17, hops=64):
    return struct.pack("!IHBB", 6 << 28, len(payload), next_header, hops) + SRC6 + DST6 + payload


def plain6(total, **options):
    return ip6(segment(17, total - 40, SRC6, DST6), **options)


def pieces6(total, size):
    data = segment(17, total - 40, SRC6, DST6)
    return [
        ip6(struct.pack("!BBHI", 17, 0, at | (at + size < len(data)), 7) + data[at : at + size], 44)
        for at in range(0, len(data), size)
    ]


# Security (copied into fragments), a full record route (not copied), end of list.
OPTIONS = bytes([130, 11]) + bytes(9) + bytes([7, 7, 8, 1, 2, 3, 4]) + bytes(2)

CASES = [
    ("no DF: in pieces", 1280, [plain4(1400)]),
    ("no DF: one byte too long", 1280, [plain4(1281)]),
    ("no DF: pieces of an odd MTU", 1001, [plain4(3000)]),
    ("no DF: the smallest MTU that everybody takes", 576, [plain4(1500)]),
    ("no DF: a tiny MTU", 68, [plain4(200)]),
    ("no DF: as long as may be", 1280, [plain4(1280)]),
    ("no DF: options, of which some are repeated", 576, [plain4(1500, options=OPTIONS)]),
    ("DF: fragmentation needed", 1280, [plain4(1400, df=True)]),
    ("DF: as long as may be", 1280, [plain4(1280, df=True)]),
    ("DF: TCP", 1280, [plain4(1500, df=True, protocol=6)]),
    ("DF: hops used up comes first", 1280, [plain4(1400, df=True, ttl=1)]),
    ("fragments: too long, in shorter ones", 1280, pieces4(3000, 1480)),
    ("fragments: short enough, as they came", 1280, pieces4(3000, 800)),
    ("fragments: of an odd MTU", 1001, pieces4(3000, 1480)),
    ("fragments with DF: too long", 1280, pieces4(3000, 1480, df=True)),
    ("fragments with DF: short enough", 1280, pieces4(3000, 1256, df=True)),
    ("IPv6: too big", 1280, [plain6(1400)]),
    ("IPv6: as long as may be", 1280, [plain6(1280)]),
    ("IPv6: another MTU", 1400, [plain6(1401)]),
    ("IPv6: hops used up comes first", 1280, [plain6(1400, hops=1)]),
    ("IPv6 fragments: too big", 1280, pieces6(3000, 1448)),
    ("IPv6 fragments: short enough", 1280, pieces6(3000, 1232)),
    ("IPv6 fragments: two of a packet that fits whole", 1400, pieces6(1350, 1232)),
    ("IPv6 fragments: of a packet that would fit but for one fragment", 1400, pieces6(1480, 1432)),
]


def collect(fds):
    got = {fd: [] for fd in fds}
    while True:
        ready, _, _ = select.select(fds, [], [], 0.15)
        if not ready:
            return [got[fd] for fd in fds]
        for fd in ready:
            packet = os.read(fd, 70000)
            # Not what the machine says of itself: multicast listeners, router solicitations.
            if packet[0] >> 4 == 6 and packet[24] == 0xFF:
                continue
            got[fd].append(packet.hex())


def main():
    ctypes.CDLL(None).unshare(0x40000000)
    fds = [tun("tun0"), tun("tun1")]
    for name, address, six in [("tun0", "10.1.0.1/16", "2001:db8:1::1/64"), ("tun1", "198.51.100.1/24", "2001:db8:2::1/64")]:
        run(f"ip address add {address} dev {name}")
        run(f"ip link set {name} up")
        run(f"ip address add {six} dev {name} nodad")
    for line in ["ip link set lo up", "ip route add default dev tun1", "ip -6 route add default dev tun1"]:
        run(line)
    for setting in [
        "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1", "net.ipv4.icmp_ratelimit=0", "net.ipv6.icmp.ratelimit=0",
        "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.tun0.rp_filter=0", "net.ipv4.icmp_msgs_per_sec=100000",
    ]:
        subprocess.run(["sysctl", "-qw", setting], check=False)
    rules = "add table inet t\nadd chain inet t f { type filter hook forward priority 0; }\nadd rule inet t f ct state invalid accept\n"
    subprocess.run(["nft", "-f", "-"], input=rules.encode(), check=True)
    cases = []
    for name, mtu, packets in CASES:
        run(f"ip link set tun1 mtu {mtu}")
        if mtu >= 1280:
            subprocess.run("ip address replace 2001:db8:2::1/64 dev tun1 nodad".split(), check=False)
            subprocess.run("ip -6 route replace default dev tun1".split(), check=False)
        collect(fds)
        for packet in packets:
            os.write(fds[0], packet)
        back, out = collect(fds)
        cases.append({"name": name, "mtu": mtu, "in": [packet.hex() for packet in packets], "back": back, "out": out})
        subprocess.run(["conntrack", "-F"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
    kernel = os.uname().release.split("-")[0]
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "mtu.json.gz"), "wb") as file:
        file.write(gzip.compress(json.dumps({"kernel": kernel, "cases": cases}).encode(), mtime=0))
    for case in cases:
        print(case["name"], [len(p) // 2 for p in case["in"]], "->", [len(p) // 2 for p in case["out"]], "back", [len(p) // 2 for p in case["back"]])


main()
