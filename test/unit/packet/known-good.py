#!/usr/bin/env python3
"""Writes known-good.json: packets as Scapy (2.7) builds them, beside the fields that make them. pip install scapy"""
import json
import os

from scapy.all import (Dot1Q, Ether, ICMP, IP, IPv6, TCP, UDP, ICMPv6EchoRequest, ICMPv6EchoReply, ICMPv6PacketTooBig,
                       ICMPv6DestUnreach, IPv6ExtHdrFragment, Raw, SCTP, fragment, raw)
from scapy.layers.sctp import SCTPChunkInit, SCTPChunkInitAck, SCTPChunkCookieEcho, SCTPChunkCookieAck, SCTPChunkShutdownComplete

A, B = "10.1.0.2", "203.0.113.10"
A6, B6 = "2001:db8:1::2", "2001:db8:2::10"
V4, V6 = {"src": A, "dst": B}, {"src": A6, "dst": B6}


def ip(**more):
    return IP(src=A, dst=B, flags="DF", id=0, **more)


def ip6(**more):
    return IPv6(src=A6, dst=B6, **more)


cases = []


def case(builder, fields, packet):
    packets = packet if isinstance(packet, list) else [packet]
    cases.append({"builder": builder, "fields": fields, "packets": [raw(p).hex() for p in packets]})


syn = {"sport": 40000, "dport": 443, "flags": "SYN", "seq": 1000, "window": 64240}
case("tcp", {**V4, **syn, "options": {"mss": 1460, "sackPermitted": True, "timestamps": [123456789, 0], "windowScale": 7}},
     ip() / TCP(sport=40000, dport=443, flags="S", seq=1000, window=64240,
                options=[("MSS", 1460), ("SAckOK", b""), ("Timestamp", (123456789, 0)), ("NOP", None), ("WScale", 7)]))
case("tcp", {**V6, **syn, "options": {"mss": 1440, "sackPermitted": True, "windowScale": 14}},
     ip6() / TCP(sport=40000, dport=443, flags="S", seq=1000, window=64240,
                 options=[("MSS", 1440), ("NOP", None), ("NOP", None), ("SAckOK", b""), ("NOP", None), ("WScale", 14)]))
case("tcp", {**V4, "sport": 1, "dport": 65535, "flags": "PSH,ACK", "seq": 4294967295, "ack": 2147483648, "payload": "odd"},
     ip() / TCP(sport=1, dport=65535, flags="PA", seq=4294967295, ack=2147483648, window=65535) / Raw(b"odd"))
case("tcp", {**V4, "sport": 5, "dport": 6, "flags": ["FIN", "RST", "URG", "ECE", "CWR"], "urgent": 7, "ttl": 1, "tos": 16, "window": 0},
     ip(ttl=1, tos=16) / TCP(sport=5, dport=6, flags="FRUEC", urgptr=7, window=0))
case("tcp", {**V4, "sport": 5, "dport": 6, "flags": "ACK", "options": {"sack": [[100, 200], [300, 4294967295]]}},
     ip() / TCP(sport=5, dport=6, flags="A", window=65535, options=[("NOP", None), ("NOP", None), ("SAck", (100, 200, 300, 4294967295))]))
case("udp", {**V4, "sport": 5353, "dport": 53, "payload": "question?", "id": 4660, "dontFragment": False},
     IP(src=A, dst=B, id=4660) / UDP(sport=5353, dport=53) / Raw(b"question?"))
case("udp", {**V6, "sport": 5353, "dport": 53, "payload": "\u00e9", "flowLabel": 74565, "tos": 184, "ttl": 255},
     ip6(fl=74565, tc=184, hlim=255) / UDP(sport=5353, dport=53) / Raw("\u00e9".encode()))
# These two bytes bring the sum to 0, which is sent as ffff.
case("udp", {**V4, "sport": 0, "dport": 0, "payload": [0xB9, 0xCC]}, ip() / UDP(sport=0, dport=0) / Raw(bytes([0xB9, 0xCC])))
case("icmp", {**V4, "type": "echo-request", "icmpId": 33029, "sequence": 1, "payload": "abcdefg"},
     ip() / ICMP(type=8, id=33029, seq=1) / Raw(b"abcdefg"))
# Scapy knows no code of a timestamp request; the bytes are by hand.
case("icmp", {**V4, "type": 13, "code": 5, "icmpId": 1, "sequence": 2}, ip(proto=1) / Raw(bytes.fromhex("0d05f2f700010002")))
case("icmp6", {**V6, "type": "echo-request", "icmpId": 7, "sequence": 9, "payload": "ping"},
     ip6() / ICMPv6EchoRequest(id=7, seq=9, data=b"ping"))
case("icmp6", {**V6, "type": "echo-reply", "icmpId": 7, "sequence": 9}, ip6() / ICMPv6EchoReply(id=7, seq=9))
case("sctp", {**V4, "sport": 2905, "dport": 36412, "chunks": [{"type": "INIT", "initiateTag": 305419896}]},
     ip(proto=132) / SCTP(sport=2905, dport=36412, tag=0) / SCTPChunkInit(init_tag=305419896, a_rwnd=65536, n_out_streams=10, n_in_streams=10, init_tsn=1))
case("sctp", {**V6, "sport": 2905, "dport": 36412, "tag": 4294967295, "chunks": [{"type": "COOKIE_ECHO", "value": "cookie"}, {"type": "COOKIE_ACK"}]},
     ip6(nh=132) / SCTP(sport=2905, dport=36412, tag=4294967295) / SCTPChunkCookieEcho(cookie=b"cookie") / SCTPChunkCookieAck())
case("sctp", {**V4, "sport": 1, "dport": 2, "tag": 5, "chunks": [{"type": "SHUTDOWN_COMPLETE", "flags": 1}]},
     ip(proto=132) / SCTP(sport=1, dport=2, tag=5) / SCTPChunkShutdownComplete(TCB=1))
case("ip", {**V4, "protocol": 47, "payload": [0, 0, 8, 0, 1]}, ip(proto=47) / Raw(bytes([0, 0, 8, 0, 1])))
case("ip", {**V6, "protocol": 50, "payload": [1, 2, 3, 4]}, ip6(nh=50) / Raw(bytes([1, 2, 3, 4])))

quoted = {**V4, "sport": 40000, "dport": 53, "payload": "x" * 700}
inner = ip() / UDP(sport=40000, dport=53) / Raw(b"x" * 700)
case("icmpError", [{"udp": quoted}, {"src": "192.0.2.1", "error": "port-unreachable"}],
     IP(src="192.0.2.1", dst=A, tos=0xC0, id=0) / ICMP(type=3, code=3) / Raw(raw(inner)[:548]))
case("icmpError", [{"udp": quoted}, {"src": "192.0.2.1", "error": "fragmentation-needed", "rest": 1400, "quote": 28}],
     IP(src="192.0.2.1", dst=A, tos=0xC0, id=0) / ICMP(type=3, code=4, nexthopmtu=1400) / Raw(raw(inner)[:28]))
case("icmpError", [{"udp": quoted}, {"src": "192.0.2.1", "error": "parameter-problem", "rest": 20, "quote": 28}],
     IP(src="192.0.2.1", dst=A, tos=0xC0, id=0) / ICMP(type=12, code=0, ptr=20) / Raw(raw(inner)[:28]))
quoted6 = {**V6, "sport": 40000, "dport": 53, "payload": "x"}
inner6 = ip6() / UDP(sport=40000, dport=53) / Raw(b"x")
case("icmpError", [{"udp": quoted6}, {"src": "2001:db8:9::1", "error": "fragmentation-needed", "rest": 1280}],
     IPv6(src="2001:db8:9::1", dst=A6, hlim=64) / ICMPv6PacketTooBig(mtu=1280) / inner6)
case("icmpError", [{"udp": quoted6}, {"src": "2001:db8:9::1", "error": [1, 4]}],
     IPv6(src="2001:db8:9::1", dst=A6, hlim=64) / ICMPv6DestUnreach(code=4) / inner6)

long = {**V4, "sport": 1, "dport": 2, "payload": "y" * 3000, "id": 77, "dontFragment": False}
case("fragments", [{"udp": long}, {"mtu": 1500}],
     fragment(IP(raw(IP(src=A, dst=B, id=77) / UDP(sport=1, dport=2) / Raw(b"y" * 3000))), fragsize=1480))
whole6 = raw(ip6() / UDP(sport=1, dport=2) / Raw(b"z" * 60))[40:]
case("fragments", [{"udp": {**V6, "sport": 1, "dport": 2, "payload": "z" * 60}}, {"mtu": 88, "id": 99}],
     [ip6(nh=44) / IPv6ExtHdrFragment(nh=17, id=99, m=1, offset=0) / Raw(whole6[:40]),
      ip6(nh=44) / IPv6ExtHdrFragment(nh=17, id=99, m=0, offset=5) / Raw(whole6[40:])])
small = {**V4, "sport": 1, "dport": 2}
case("ethernet", [{"udp": small}, {"src": "0a:00:00:00:00:01", "dst": "FF:ff:ff:ff:ff:ff", "vlan": 100}],
     Ether(src="0a:00:00:00:00:01", dst="ff:ff:ff:ff:ff:ff") / Dot1Q(vlan=100) / ip() / UDP(sport=1, dport=2))
case("ethernet", [{"udp": {**V6, "sport": 1, "dport": 2}}, {}],
     Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / ip6() / UDP(sport=1, dport=2))

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "known-good.json"), "w", encoding="utf-8") as out:
    json.dump(cases, out, indent=2)
    out.write("\n")
