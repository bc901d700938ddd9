#!/usr/bin/env bash
#
# check.sh - check the captures with tshark (not needed to run the tests).
#
# Usage:   ./check.sh [DIRECTORY]      (default: the script's own directory)
#
# - lab.pcap has no bad checksum and no truncated or malformed packet;
# - lab.pcapng.gz has the same packets;
# - every derived file has the first IP packets of lab.pcap.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "${1:-$here}"
export LC_ALL=C TZ=UTC
failed=0

# read_packets FILE ARGUMENT...: tshark, one packet at a time (no reassembly), checksums verified.
read_packets() {
  local file=$1 errors; shift
  errors=$(mktemp)
  tshark -n -r "$file" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
    -o ip.defragment:FALSE -o ipv6.defragment:FALSE -o tcp.desegment_tcp_streams:FALSE "$@" 2>"$errors" \
    || { cat "$errors" >&2; rm -f "$errors"; return 1; }
  rm -f "$errors"
}

# dump FILE: of every IP packet, all that does not depend on link layer or file format.
dump() {
  read_packets "$1" -Y 'ip or ipv6' -T fields -E occurrence=a \
    -e frame.time_epoch -e ip.src -e ip.dst -e ip.len -e ip.id -e ip.flags -e ip.frag_offset \
    -e ip.ttl -e ip.proto -e ip.checksum -e ipv6.src -e ipv6.dst -e ipv6.plen -e ipv6.nxt \
    -e ipv6.hlim -e ipv6.fraghdr.offset -e ipv6.fraghdr.ident \
    -e icmp.type -e icmp.code -e icmp.ident -e icmp.seq -e icmp.checksum -e icmp.checksum.status \
    -e icmpv6.type -e icmpv6.code -e icmpv6.checksum -e icmpv6.checksum.status -e data.data \
    -e udp.srcport -e udp.dstport -e udp.checksum -e udp.checksum.status -e udp.payload \
    -e tcp.srcport -e tcp.dstport -e tcp.seq_raw -e tcp.ack_raw -e tcp.flags -e tcp.options \
    -e tcp.window_size_value -e tcp.checksum -e tcp.checksum.status -e tcp.payload
}

# none WHAT FILTER: lab.pcap must not have such a packet.
none() {
  local found
  found=$(read_packets lab.pcap -Y "$2")
  if [[ -z $found ]]; then echo "ok      lab.pcap: no $1"; else echo "BAD     lab.pcap: $1:"; echo "$found"; failed=1; fi
}

# same NAME EXPECTED FOUND
same() {
  if [[ -n $2 && $2 == "$3" ]]; then echo "ok      $1: $(wc -l <<<"$3") IP packets"; else echo "DIFFERS $1"; failed=1; fi
}

# --- lab.pcap itself ---

# TCP headers quoted in an ICMP error are cut off with their packet: tshark cannot verify those.
none 'bad IPv4 checksum' 'ip.checksum.status == "Bad"'
none 'bad TCP checksum' 'tcp.checksum.status == "Bad" and not icmp and not icmpv6'
none 'bad UDP checksum' 'udp.checksum.status == "Bad"'
none 'bad ICMP checksum' 'icmp.checksum.status == "Bad"'
none 'bad ICMPv6 checksum' 'icmpv6.checksum.status == "Bad"'
none 'malformed packet' '_ws.malformed'
none 'cut packet' 'frame.cap_len != frame.len'
none 'frame above 1514 bytes' 'frame.len > 1514'

all=$(dump lab.pcap)
same lab.pcapng.gz "$all" "$(dump lab.pcapng.gz)"

# --- derived files ---

count=$(sed -n 's/^COUNT = \([0-9]*\).*/\1/p' "$here/derive.py")
first=$(sed -n "1,${count}p" <<<"$all")
for file in raw-ip.pcap null.pcap sll.pcap sll2.pcap vlan.pcap qinq.pcap pppoe.pcap ppp.pcap \
            big-endian.pcap big-endian.pcapng; do
  same "$file" "$first" "$(dump "$file")"
done
# The times of nanosecond.pcap agree down to the microsecond.
coarse() { sed -E 's/^([0-9]+\.[0-9]{6})[0-9]{3}/\1/'; }
same nanosecond.pcap "$(coarse <<<"$first")" "$(dump nanosecond.pcap | coarse)"

exit "$failed"
