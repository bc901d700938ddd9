#!/usr/bin/env bash
#
# record-lab.sh - record lab.pcap: real servers and clients talking across two routers.
#
#   client ---------- r1 ---------- r2 ---------- server
#   10.1.0.10       .1   .1        .2   .1        192.0.2.53 (DNS), .80 (all else), .81 (small path MTU)
#         10.1.0.0/24   198.51.100.0/24   192.0.2.0/24
#         2001:db8:1::/64  2001:db8:2::/64  2001:db8:3::/64      (same host parts as above)
#                   ^
#                   tcpdump listens here, on r1's interface towards the client
#
# Usage (as root):   ./record-lab.sh [OUTPUT-DIRECTORY]      (default: the script's own directory)
#
# Debian packages:   iproute2 ethtool tcpdump nftables procps python3 tshark (for editcap and check.sh)
#                    nginx-light dnsmasq-base vsftpd openssh-server openssh-client
#                    curl bind9-dnsutils iputils-ping traceroute tnftp
#
# Everything happens in private network, mount, PID and host name namespaces: no packet enters or
# leaves the lab, no file outside a temporary directory and the output directory is written, and
# when the script ends or is killed, the kernel ends all of the lab's processes with their PID
# namespace. A run takes about fifteen seconds. Ephemeral ports, sequence numbers, keys and times
# differ from run to run, and so do the number of neighbour discovery packets and the exact cut and
# timing of TCP segments; the connections do not.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# ---------------------------------------------------------------------------------------------
# Outer part: make the private namespaces, run the lab in them, then write the other files.
# ---------------------------------------------------------------------------------------------

if [[ ${1:-} != --inside ]]; then
  out=${1:-$here}
  [[ $EUID -eq 0 ]] || { echo "record-lab.sh: needs root (network namespaces)" >&2; exit 1; }
  export PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
  for tool in unshare setpriv ip ethtool tcpdump nft sysctl python3 editcap tshark nginx dnsmasq vsftpd \
              sshd ssh ssh-keygen curl dig ping traceroute tnftp; do
    command -v "$tool" >/dev/null || { echo "record-lab.sh: $tool is missing" >&2; exit 1; }
  done

  tmp=$(mktemp -d /tmp/record-lab.XXXXXX)
  chmod 755 "$tmp"                       # the servers' unprivileged users read below it
  inner=
  cleanup() {
    [[ -z $inner ]] || kill -KILL "$inner" 2>/dev/null || true    # takes the whole lab along (--kill-child)
    rm -rf "$tmp"
  }
  trap cleanup EXIT
  trap 'exit 130' INT TERM HUP

  # A clean environment, so that nothing of the recording machine ends up in the traffic.
  env -i PATH="$PATH" HOME="$tmp" LC_ALL=C TZ=UTC USER=root \
    setpriv --pdeathsig KILL \
    unshare --net --mount --uts --pid --fork --kill-child --mount-proc \
    bash "$here/record-lab.sh" --inside "$tmp" &
  inner=$!
  wait "$inner"
  inner=

  mkdir -p "$out"
  cp "$tmp/lab.pcap" "$out/lab.pcap"
  chmod 644 "$out/lab.pcap"
  # The same packets as pcapng; -n keeps name and time out of the gzip header.
  editcap -F pcapng "$out/lab.pcap" "$tmp/lab.pcapng"
  gzip -9 -n -c "$tmp/lab.pcapng" > "$out/lab.pcapng.gz"
  python3 "$here/derive.py" "$out"
  bash "$here/check.sh" "$out"
  exit 0
fi

# ---------------------------------------------------------------------------------------------
# Inner part, in the private namespaces.
# ---------------------------------------------------------------------------------------------

lab=$2
pcap=$lab/lab.pcap
pids=()

cleanup() {
  local status=$?
  set +e
  trap - EXIT INT TERM HUP
  ((${#pids[@]})) && kill "${pids[@]}" 2>/dev/null
  local ns
  for ns in client r1 r2 server; do ip netns del "$ns" 2>/dev/null; done
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

say() { printf '== %s\n' "$*" >&2; }

# on NAMESPACE COMMAND...: run a command inside one of the lab's namespaces.
on() { local ns=$1; shift; ip netns exec "$ns" "$@"; }
client() { on client "$@"; }

# fails COMMAND...: the command is there for the failure it meets on the wire.
fails() { if "$@"; then echo "unexpected success: $*" >&2; return 1; fi; }

# wait_for SECONDS COMMAND...: poll until the command succeeds.
wait_for() {
  local left=$(($1 * 10)); shift
  until "$@" >/dev/null 2>&1; do
    ((left-- > 0)) || { echo "timed out waiting for: $*" >&2; return 1; }
    sleep 0.1
  done
}

# --- host name, resolver, /run: private copies -----------------------------------------------

hostname lab
mount -t tmpfs tmpfs /run                # private /run/netns, no sockets of system services
mkdir -p /run/netns /run/sshd /run/vsftpd/empty
printf 'nameserver 192.0.2.53\n' > "$lab/resolv.conf"
printf 'hosts: files dns\npasswd: files\ngroup: files\nshadow: files\n' > "$lab/nsswitch.conf"
printf '127.0.0.1 localhost\n::1 localhost\n' > "$lab/hosts"
for f in resolv.conf nsswitch.conf hosts; do
  target=$(readlink -m "/etc/$f")
  [[ $target == /run/* ]] && { mkdir -p "${target%/*}"; : > "$target"; }   # was below the old /run
  mount --bind "$lab/$f" "$target"
done

# --- topology --------------------------------------------------------------------------------

say "topology"
for ns in client r1 r2 server; do
  ip netns add "$ns"
  on "$ns" sysctl -q -w net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0   # every probe gets its answer
  on "$ns" sysctl -q -w net.ipv6.conf.default.disable_ipv6=0 \
                        net.ipv6.conf.default.addr_gen_mode=0                 # link-local address from the MAC
  on "$ns" ip link set lo up
done
for ns in r1 r2; do
  on "$ns" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
done

# link NS-A NAME-A MAC-A  NS-B NAME-B MAC-B
# Offloads are off at both ends: each packet leaves its sender as one wire-size frame with its
# checksum filled in, and tcpdump sees it like that.
link() {
  ip link add "$2" netns "$1" address "$3" type veth peer name "$5" netns "$4" address "$6"
  local end
  for end in "$1 $2" "$4 $5"; do
    # shellcheck disable=SC2086
    set -- $end
    on "$1" ethtool -K "$2" tx off rx off sg off tso off gso off gro off >/dev/null
  done
}
link client eth0 02:00:00:01:00:10  r1     lan 02:00:00:01:00:01
link r1     wan  02:00:00:02:00:01  r2     wan 02:00:00:02:00:02
link r2     lan  02:00:00:03:00:01  server eth0 02:00:00:03:00:80

# --- capture: starts before the client's link is up, so that duplicate address detection and ---
# --- the first neighbour discovery are in it ------------------------------------------------

on r1 ip link set lan up
ip netns exec r1 tcpdump -i lan -n -U -s 0 -Z root --immediate-mode -w "$pcap" 2> "$lab/tcpdump.log" &
tcpdump=$!
pids+=("$tcpdump")
wait_for 10 grep -q 'listening on' "$lab/tcpdump.log"

# --- addresses and routes --------------------------------------------------------------------

addr() { local ns=$1 dev=$2 a; shift 2; for a in "$@"; do on "$ns" ip addr add "$a" dev "$dev"; done; on "$ns" ip link set "$dev" up; }
addr r1     lan  10.1.0.1/24     2001:db8:1::1/64
addr r1     wan  198.51.100.1/24 2001:db8:2::1/64
addr r2     wan  198.51.100.2/24 2001:db8:2::2/64
addr r2     lan  192.0.2.1/24    2001:db8:3::1/64
addr server eth0 192.0.2.80/24 192.0.2.53/24 192.0.2.81/24 \
                 2001:db8:3::80/64 2001:db8:3::53/64 2001:db8:3::81/64
addr client eth0 10.1.0.10/24    2001:db8:1::10/64

on client ip route add default via 10.1.0.1
on client ip -6 route add default via 2001:db8:1::1
on server ip route add default via 192.0.2.1
on server ip -6 route add default via 2001:db8:3::1
on r1 ip route add 192.0.2.0/24 via 198.51.100.2
on r1 ip -6 route add 2001:db8:3::/64 via 2001:db8:2::2
on r2 ip route add 10.1.0.0/24 via 198.51.100.1
on r2 ip -6 route add 2001:db8:1::/64 via 2001:db8:2::1
# Towards .81 the path MTU is 1300, which r1 reports to the client.
on r1 ip route add 192.0.2.81/32 via 198.51.100.2 mtu lock 1300
on r1 ip -6 route add 2001:db8:3::81/128 via 2001:db8:2::2 mtu lock 1300

# Port 7 of the server is dropped silently.
on server nft -f - <<'NFT'
table inet lab {
  chain input {
    type filter hook input priority 0;
    tcp dport 7 drop
    udp dport 7 drop
  }
}
NFT

settled() { local ns; for ns in client r1 r2 server; do [[ -z $(on "$ns" ip -6 addr show tentative) ]] || return 1; done; }
wait_for 10 settled

# --- servers ---------------------------------------------------------------------------------

say "servers"
mkdir -p "$lab/www/slow" "$lab/ftp/incoming" "$lab/nginx"
printf '<!doctype html><title>lab</title><p>Hello.\n' > "$lab/www/index.html"
printf 'one\n' > "$lab/www/1.txt"
printf 'two\n' > "$lab/www/2.txt"
printf 'three\n' > "$lab/www/3.txt"
seq -f 'line %05g of the file' 1 1300 > "$lab/www/download.txt"             # 29,900 bytes
cp "$lab/www/download.txt" "$lab/www/slow/download.txt"
seq -f 'line %05g of the file' 1 180 > "$lab/ftp/file.txt"                  # 4,140 bytes
seq -f 'line %05g of the upload' 1 100 > "$lab/upload.txt"
find "$lab/www" "$lab/ftp" -exec touch -d '2025-01-01T00:00:00Z' {} +
chmod 755 "$lab/ftp"
chown ftp "$lab/ftp/incoming"

# serve NAME COMMAND...: start a server in the server's namespace.
serve() { local name=$1; shift; ip netns exec server "$@" > "$lab/$name.log" 2>&1 & pids+=($!); }

cat > "$lab/nginx.conf" <<NGINX
daemon off;
master_process off;
pid $lab/nginx/pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path $lab/nginx/body;
  proxy_temp_path $lab/nginx/proxy;
  fastcgi_temp_path $lab/nginx/fastcgi;
  uwsgi_temp_path $lab/nginx/uwsgi;
  scgi_temp_path $lab/nginx/scgi;
  types { text/html html; text/plain txt; }
  server {
    listen 80;
    listen [::]:80;
    server_name www.lab.example;
    root $lab/www;
    location /slow/ { limit_rate 8k; }
    location = /upload { return 204; }
  }
}
NGINX
serve nginx nginx -e stderr -p "$lab/nginx" -c "$lab/nginx.conf"

text=$(printf 'x%.0s' {1..240})
cat > "$lab/dnsmasq.conf" <<DNSMASQ
keep-in-foreground
user=root
pid-file=
log-facility=-
no-resolv
no-hosts
local=/lab.example/
bind-interfaces
listen-address=192.0.2.53,2001:db8:3::53
host-record=www.lab.example,192.0.2.80,2001:db8:3::80
host-record=ns.lab.example,192.0.2.53,2001:db8:3::53
txt-record=small.lab.example,"a small answer"
txt-record=large.lab.example,"$text","$text","$text"
DNSMASQ
serve dnsmasq dnsmasq -C "$lab/dnsmasq.conf"

cat > "$lab/vsftpd.conf" <<VSFTPD
listen=NO
listen_ipv6=YES
background=NO
anonymous_enable=YES
local_enable=NO
write_enable=YES
anon_upload_enable=YES
anon_umask=022
anon_root=$lab/ftp
hide_ids=YES
connect_from_port_20=YES
secure_chroot_dir=/run/vsftpd/empty
isolate=NO
isolate_network=NO
seccomp_sandbox=NO
xferlog_enable=NO
VSFTPD
serve vsftpd vsftpd "$lab/vsftpd.conf"

ssh-keygen -q -t ed25519 -N '' -C lab -f "$lab/host_key"
ssh-keygen -q -t ed25519 -N '' -C lab -f "$lab/user_key"
cp "$lab/user_key.pub" "$lab/authorized_keys"
cat > "$lab/sshd_config" <<SSHD
HostKey $lab/host_key
AuthorizedKeysFile $lab/authorized_keys
StrictModes no
UsePAM no
PermitRootLogin yes
PermitUserRC no
PrintLastLog no
PrintMotd no
PidFile none
ForceCommand echo hello from the lab
SSHD
serve sshd "$(command -v sshd)" -D -e -f "$lab/sshd_config"

listening() { local l; l=$(on server ss -Hltn); for p in 21 22 53 80; do grep -q ":$p " <<<"$l" || return 1; done; }
wait_for 10 listening || { tail -n 5 "$lab"/*.log >&2; exit 1; }

# --- traffic ---------------------------------------------------------------------------------

www4=192.0.2.80 www6=2001:db8:3::80 ns4=192.0.2.53 ns6=2001:db8:3::53
get() { client curl -q -sS -o /dev/null "$@"; }
digq() { client dig -r +nocookie +tries=1 +time=3 "$@" > /dev/null; }   # -r: no ~/.digrc

say "dns"
digq -4 @$ns4 www.lab.example A
digq -6 @$ns6 www.lab.example AAAA
say "ping"
client ping -n -q -c 3 -i 0.3 $www4 > /dev/null
client ping -n -q -c 3 -i 0.3 $www6 > /dev/null
say "http"
get -4 http://www.lab.example/                       # asks the resolver first: A and AAAA, one socket
get -6 http://www.lab.example/

say "silently dropped port (in the background: four seconds of retransmitted SYNs)"
fails get --connect-timeout 4 http://$www4:7/ 2> /dev/null & dropped4=$!
fails get --connect-timeout 4 "http://[$www6]:7/" 2> /dev/null & dropped6=$!

say "more http"
get_each() { local u args=(); for u in "$@"; do args+=(-o /dev/null "$u"); done; client curl -q -sS "${args[@]}"; }
get_each http://$www4/1.txt http://$www4/2.txt http://$www4/3.txt                  # one connection, kept alive
get_each "http://[$www6]/1.txt" "http://[$www6]/2.txt" "http://[$www6]/3.txt"
get http://$www4/download.txt
get -H 'Connection: close' "http://[$www6]/1.txt"                                  # both ends may close first

say "more dns"
digq -4 @$ns4 www.lab.example AAAA
digq -6 @$ns6 www.lab.example A
digq -4 @$ns4 nothing.lab.example A                  # NXDOMAIN
digq -4 +tcp @$ns4 www.lab.example A
digq -6 +tcp @$ns6 www.lab.example AAAA
digq -4 +noedns @$ns4 large.lab.example TXT          # truncated over UDP, asked again over TCP

say "ftp"
ftp_get() { client curl -q -sS -o /dev/null --user anonymous:guest@lab.example "$@"; }
ftp_get --disable-eprt --ftp-port - ftp://$www4/file.txt        # PORT
ftp_get --disable-epsv ftp://$www4/file.txt                     # PASV
ftp_get --ftp-port - "ftp://[$www6]/file.txt"                   # EPRT
ftp_get "ftp://[$www6]/file.txt"                                # EPSV
# One session with a listing, a download and an upload (three data connections).
( cd "$lab" && FTPANONPASS=guest@lab.example client tnftp -4 -a -i -V $www4 > "$lab/tnftp.log" 2>&1 <<'FTP'
ls
get file.txt /dev/null
put upload.txt incoming/upload.txt
bye
FTP
)
cmp "$lab/upload.txt" "$lab/ftp/incoming/upload.txt"

say "ssh"
client ssh -F none -4 -q -T -i "$lab/user_key" -o IdentitiesOnly=yes -o BatchMode=yes \
  -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null root@$www4 > "$lab/ssh.log"
grep -q 'hello from the lab' "$lab/ssh.log"

say "traceroute"
client traceroute -4 -n -q 2 -m 8 $www4 > "$lab/traceroute4.log"
client traceroute -6 -n -q 2 -m 8 $www6 > "$lab/traceroute6.log"
grep -q "^ 3  $www4 " "$lab/traceroute4.log"
grep -q "^ 3  $www6 " "$lab/traceroute6.log"

say "refused tcp"
fails get http://$www4:8081/ 2> /dev/null
fails get "http://[$www6]:8081/" 2> /dev/null

say "aborted tcp, udp to closed and dropped ports"
client python3 - <<'PYTHON'
import socket, struct, time

WWW4, WWW6 = "192.0.2.80", "2001:db8:3::80"

def connect(host):
    return socket.create_connection((host, 80), timeout=5)

def reset(sock):
    """Close with a RST instead of a FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()

# Half a request, then a reset.
sock = connect(WWW4)
sock.sendall(b"GET / HTTP/1.1\r\nHost: www.lab.example\r\n")
time.sleep(0.1)
reset(sock)

# The same during a slow download, over IPv6. The server still has bytes to send.
sock = connect(WWW6)
sock.sendall(b"GET /slow/download.txt HTTP/1.1\r\nHost: www.lab.example\r\n\r\n")
sock.recv(4096)
time.sleep(0.3)
reset(sock)

# The client closes its direction at once; the server answers and closes its own.
sock = connect(WWW4)
sock.sendall(b"GET /1.txt HTTP/1.0\r\nHost: www.lab.example\r\n\r\n")
sock.shutdown(socket.SHUT_WR)
while sock.recv(4096):
    pass
sock.close()

# A closed UDP port: the ICMP error comes back as ECONNREFUSED.
for family, host in (socket.AF_INET, WWW4), (socket.AF_INET6, WWW6):
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.settimeout(3)
    sock.connect((host, 9999))
    sock.send(b"anybody there?")
    try:
        sock.recv(100)
        raise SystemExit("unexpected answer")
    except ConnectionRefusedError:
        pass
    sock.close()

# A dropped UDP port: two datagrams, no answer.
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.connect((WWW4, 7))
sock.send(b"echo?")
time.sleep(0.2)
sock.send(b"echo?")
sock.close()
PYTHON

say "fragments"
client ping -n -q -c 1 -s 3000 $www4 > /dev/null
client ping -n -q -c 1 -s 3000 $www6 > /dev/null

say "path mtu"
fails client ping -n -q -c 1 -W 1 -M do -s 1400 192.0.2.81 > /dev/null 2>&1        # fragmentation needed
fails client ping -n -q -c 1 -W 1 -M do -s 1400 2001:db8:3::81 > /dev/null 2>&1    # packet too big
client ip route flush cache                          # forget what the ping has learnt
get --data-binary @"$lab/upload.txt" http://192.0.2.81/upload                      # the same in a TCP connection

wait "$dropped4"
wait "$dropped6"
sleep 1                                              # the last packets of closing connections

# --- end -------------------------------------------------------------------------------------

kill "$tcpdump"
wait "$tcpdump" || true
grep -q '^0 packets dropped by kernel' "$lab/tcpdump.log" || { cat "$lab/tcpdump.log" >&2; exit 1; }
say "$(grep captured "$lab/tcpdump.log")"
