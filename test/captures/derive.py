#!/usr/bin/env python3
"""Write the small captures in other link types and file formats from lab.pcap.

Usage:  derive.py [DIRECTORY]           write the files next to DIRECTORY/lab.pcap
        derive.py --flows [DIRECTORY]   print lab.pcap's connections as a Markdown table

Standard library only. The output depends on lab.pcap alone: the same lab.pcap gives the same bytes.
"""

import ipaddress
import os
import struct
import sys

COUNT = 64  # IP packets per derived file

ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_IPV6 = 0x86DD

LINKTYPE_NULL = 0
LINKTYPE_ETHERNET = 1
LINKTYPE_PPP = 9
LINKTYPE_RAW = 101
LINKTYPE_LINUX_SLL = 113
LINKTYPE_LINUX_SLL2 = 276

ROUTER_MAC = bytes.fromhex("020000010001")  # the interface lab.pcap was recorded on


class Packet:
    """One captured Ethernet frame: time in microseconds, addresses, type and payload."""

    def __init__(self, usec, frame):
        self.usec = usec
        self.frame = frame
        self.dst, self.src = frame[0:6], frame[6:12]
        (self.ethertype,) = struct.unpack("!H", frame[12:14])
        self.payload = frame[14:]

    @property
    def is_ip(self):
        return self.ethertype in (ETHERTYPE_IPV4, ETHERTYPE_IPV6)

    @property
    def is_v4(self):
        return self.ethertype == ETHERTYPE_IPV4

    @property
    def outgoing(self):
        """Sent by the recording router (to the client)."""
        return self.src == ROUTER_MAC


def read_pcap(path):
    """All packets of a little-endian, microsecond, Ethernet pcap file."""
    with open(path, "rb") as file:
        data = file.read()
    magic, _, _, _, _, _, linktype = struct.unpack_from("<IHHiIII", data)
    assert magic == 0xA1B2C3D4 and linktype == LINKTYPE_ETHERNET
    packets, at = [], 24
    while at < len(data):
        sec, usec, captured, original = struct.unpack_from("<IIII", data, at)
        assert captured == original
        packets.append(Packet(sec * 1_000_000 + usec, data[at + 16 : at + 16 + captured]))
        at += 16 + captured
    return packets


# --- file formats ----------------------------------------------------------------------------


def pcap(linktype, records, order="<", nanosecond=False):
    """A classic pcap file. records: (time in units of the file's resolution, bytes)."""
    magic, unit = (0xA1B23C4D, 10**9) if nanosecond else (0xA1B2C3D4, 10**6)
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, linktype)]
    for time, data in records:
        out.append(struct.pack(order + "IIII", time // unit, time % unit, len(data), len(data)))
        out.append(data)
    return b"".join(out)


def pcapng(linktype, records, order):
    """A pcapng file: section header, one interface, enhanced packets, interface statistics."""

    def padded(data):
        return data + bytes(-len(data) % 4)

    def option(code, value):
        return struct.pack(order + "HH", code, len(value)) + padded(value)

    def block(kind, body):
        length = struct.pack(order + "I", len(body) + 12)
        return struct.pack(order + "I", kind) + length + body + length

    def stamp(time):
        return struct.pack(order + "II", time >> 32, time & 0xFFFFFFFF)

    end = option(0, b"")
    section = struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)
    interface = struct.pack(order + "HHI", linktype, 0, 262144)
    interface += option(2, b"lan") + option(9, b"\x06") + end  # if_name, if_tsresol: microseconds
    out = [block(0x0A0D0D0A, section), block(1, interface)]
    for time, data in records:
        head = struct.pack(order + "I", 0) + stamp(time) + struct.pack(order + "II", len(data), len(data))
        out.append(block(6, head + padded(data)))
    received = option(4, struct.pack(order + "Q", len(records)))  # isb_ifrecv
    out.append(block(5, struct.pack(order + "I", 0) + stamp(records[-1][0]) + received + end))
    return b"".join(out)


# --- link layers -----------------------------------------------------------------------------


def raw(_, packet):
    return packet.payload


def null(index, packet):
    """BSD loopback, words in little-endian order. AF_INET6 differs between systems: 24 (NetBSD,
    OpenBSD), 28 (FreeBSD) and 30 (macOS) take turns."""
    family = 2 if packet.is_v4 else (24, 28, 30)[index % 3]
    return struct.pack("<I", family) + packet.payload


def sll_type(packet):
    """PACKET_OUTGOING, PACKET_MULTICAST or PACKET_HOST, seen from the router."""
    return 4 if packet.outgoing else 2 if packet.dst[0] & 1 else 0


def sll(_, packet):
    head = struct.pack("!HHH8sH", sll_type(packet), 1, 6, packet.src, packet.ethertype)
    return head + packet.payload


def sll2(_, packet):
    head = struct.pack("!HHIHBB8s", packet.ethertype, 0, 2, 1, sll_type(packet), 6, packet.src)
    return head + packet.payload


def vlan(_, packet):
    """802.1Q, VLAN 10, priority 3."""
    tag = struct.pack("!HH", 0x8100, 3 << 13 | 10)
    return packet.frame[:12] + tag + packet.frame[12:]


def qinq(_, packet):
    """802.1ad service tag 100 around 802.1Q customer tag 10."""
    tags = struct.pack("!HHHH", 0x88A8, 100, 0x8100, 10)
    return packet.frame[:12] + tags + packet.frame[12:]


def ppp_protocol(packet):
    return b"\x00\x21" if packet.is_v4 else b"\x00\x57"


def pppoe(_, packet):
    """PPPoE session 0x1234."""
    ppp = ppp_protocol(packet) + packet.payload
    return packet.frame[:12] + struct.pack("!HBBHH", 0x8864, 0x11, 0, 0x1234, len(ppp)) + ppp


def ppp(_, packet):
    """PPP: with address and control field (FF 03) from the client, without (RFC 1661, section 6.6)
    to the client."""
    return (b"" if packet.outgoing else b"\xff\x03") + ppp_protocol(packet) + packet.payload


def ethernet(_, packet):
    return packet.frame


def derive(directory):
    packets = [p for p in read_pcap(os.path.join(directory, "lab.pcap")) if p.is_ip][:COUNT]

    def records(link):
        return [(p.usec, link(i, p)) for i, p in enumerate(packets)]

    # Nanoseconds: the microseconds of lab.pcap with three further digits made up from the number.
    nano = [(p.usec * 1000 + i * 37 % 1000, p.frame) for i, p in enumerate(packets)]

    files = {
        "raw-ip.pcap": pcap(LINKTYPE_RAW, records(raw)),
        "null.pcap": pcap(LINKTYPE_NULL, records(null)),
        "sll.pcap": pcap(LINKTYPE_LINUX_SLL, records(sll)),
        "sll2.pcap": pcap(LINKTYPE_LINUX_SLL2, records(sll2)),
        "vlan.pcap": pcap(LINKTYPE_ETHERNET, records(vlan)),
        "qinq.pcap": pcap(LINKTYPE_ETHERNET, records(qinq)),
        "pppoe.pcap": pcap(LINKTYPE_ETHERNET, records(pppoe)),
        "ppp.pcap": pcap(LINKTYPE_PPP, records(ppp)),
        "nanosecond.pcap": pcap(LINKTYPE_ETHERNET, nano, nanosecond=True),
        "big-endian.pcap": pcap(LINKTYPE_ETHERNET, records(ethernet), order=">"),
        "big-endian.pcapng": pcapng(LINKTYPE_ETHERNET, records(ethernet), order=">"),
    }
    for name, data in files.items():
        with open(os.path.join(directory, name), "wb") as file:
            file.write(data)


# --- list of connections ---------------------------------------------------------------------

PROTOCOLS = {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"}


def flow_key(packet):
    """(protocol, source, destination, detail) of a packet; addresses with port or echo identifier.
    None for a later fragment, which belongs to the flow of the packet before it."""
    data = packet.payload
    if packet.is_v4:
        protocol, at = data[9], (data[0] & 15) * 4
        source, target = ipaddress.ip_address(data[12:16]), ipaddress.ip_address(data[16:20])
        if struct.unpack("!H", data[6:8])[0] & 0x1FFF:
            return None
    else:
        protocol, at = data[6], 40
        source, target = ipaddress.ip_address(data[8:24]), ipaddress.ip_address(data[24:40])
        while protocol in (0, 44):
            if protocol == 44 and struct.unpack_from("!H", data, at + 2)[0] & 0xFFF8:
                return None
            protocol, at = data[at], at + (8 if protocol == 44 else data[at + 1] * 8 + 8)
    name = PROTOCOLS[protocol]
    if protocol in (6, 17):
        sport, dport = struct.unpack_from("!HH", data, at)
        host = "{}:{}" if packet.is_v4 else "[{}]:{}"
        return name, host.format(source, sport), host.format(target, dport), ""
    kind, code = data[at], data[at + 1]
    if kind in ((8, 0) if protocol == 1 else (128, 129)):
        (ident,) = struct.unpack_from("!H", data, at + 4)
        return name, str(source), str(target), "echo, identifier {}".format(ident)
    return name, str(source), str(target), "type {}, code {}".format(kind, code)


def print_flows(directory):
    packets = read_pcap(os.path.join(directory, "lab.pcap"))
    flows, key = {}, None
    for number, packet in enumerate(packets, 1):
        if not packet.is_ip:
            continue
        found = flow_key(packet)
        if found is not None:
            name, source, target, detail = found
            back = (name, target, source, detail)
            key = back if back in flows and "type" not in detail else found
            forward = key == found
        count = flows.setdefault(key, [number, packet.usec - packets[0].usec, 0, 0, 0, 0])
        count[2 if forward else 4] += 1
        count[3 if forward else 5] += len(packet.payload)
    rows = [("frame", "start", "protocol", "from", "to", "there", "back", "ICMP")]
    rows += [("---:", "---:", ":---", ":---", ":---", "---:", "---:", ":---")]
    for (name, source, target, detail), (number, start, n, size, rn, rsize) in flows.items():
        row = str(number), "{:.3f}".format(start / 1e6), name, source, target
        rows.append(row + ("{} / {}".format(n, size), "{} / {}".format(rn, rsize) if rn else "", detail))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def main(arguments):
    flows = "--flows" in arguments
    directories = [a for a in arguments if a != "--flows"]
    directory = directories[0] if directories else os.path.dirname(os.path.abspath(__file__))
    (print_flows if flows else derive)(directory)


if __name__ == "__main__":
    main(sys.argv[1:])
