/** Ports by the names of /etc/services, as Debian's netbase has them: the ones that firewalls name. */

/** Port, protocols that have it, names. */
const SERVICES = `
  1 tcp tcpmux
  7 tcp/udp echo
  9 tcp/udp discard sink null
  11 tcp systat users
  13 tcp/udp daytime
  15 tcp netstat
  17 tcp qotd quote
  19 tcp/udp chargen ttytst source
  20 tcp ftp-data
  21 tcp ftp
  21 udp fsp fspd
  22 tcp ssh
  23 tcp telnet
  25 tcp smtp mail
  37 tcp/udp time timserver
  43 tcp whois nicname
  49 tcp/udp tacacs
  53 tcp/udp domain
  67 udp bootps
  68 udp bootpc
  69 udp tftp
  70 tcp gopher
  79 tcp finger
  80 tcp http www
  88 tcp/udp kerberos kerberos5 krb5 kerberos-sec
  104 tcp acr-nema dicom
  110 tcp pop3 pop-3
  111 tcp/udp sunrpc portmapper
  113 tcp auth authentication tap ident
  119 tcp nntp readnews untp
  123 udp ntp
  135 tcp epmap loc-srv
  137 udp netbios-ns
  138 udp netbios-dgm
  139 tcp netbios-ssn
  143 tcp imap2 imap
  161 tcp/udp snmp
  162 tcp/udp snmp-trap snmptrap
  177 udp xdmcp
  179 tcp bgp
  213 udp ipx
  319 udp ptp-event
  320 udp ptp-general
  389 tcp/udp ldap
  427 tcp/udp svrloc
  443 tcp/udp https
  445 tcp microsoft-ds
  464 tcp/udp kpasswd
  465 tcp submissions ssmtp smtps urd
  500 udp isakmp
  512 tcp exec
  512 udp biff comsat
  513 tcp login
  513 udp who whod
  514 tcp shell cmd syslog
  514 udp syslog
  515 tcp printer spooler
  517 udp talk
  518 udp ntalk
  520 udp route router routed
  540 tcp uucp uucpd
  543 tcp klogin
  544 tcp kshell krcmd
  546 udp dhcpv6-client
  547 udp dhcpv6-server
  548 tcp afpovertcp
  554 tcp/udp rtsp
  563 tcp nntps snntp
  587 tcp submission
  623 udp asf-rmcp
  631 tcp ipp
  636 tcp/udp ldaps
  646 tcp/udp ldp
  655 tcp/udp tinc
  749 tcp kerberos-adm
  783 tcp spamd
  853 tcp/udp domain-s
  873 tcp rsync
  989 tcp ftps-data
  990 tcp ftps
  992 tcp telnets
  993 tcp imaps
  995 tcp pop3s
  1080 tcp socks
  1194 tcp/udp openvpn
  1352 tcp lotusnote lotusnotes
  1433 tcp ms-sql-s
  1434 udp ms-sql-m
  1524 tcp ingreslock
  1701 udp l2f l2tp
  1812 tcp/udp radius
  1813 tcp/udp radius-acct radacct
  2000 tcp cisco-sccp
  2049 tcp/udp nfs
  2401 tcp cvspserver
  2583 tcp/udp mon
  2600 tcp zebrasrv
  2601 tcp zebra
  2602 tcp ripd
  2603 tcp ripngd
  2604 tcp ospfd
  2605 tcp bgpd
  2606 tcp ospf6d
  2607 tcp ospfapi
  2608 tcp isisd
  2628 tcp dict
  2811 tcp gsiftp
  2947 tcp gpsd
  3050 tcp gds-db gds_db
  3130 udp icpv2 icp
  3260 tcp iscsi-target
  3306 tcp mysql
  3389 tcp ms-wbt-server
  3493 tcp/udp nut
  3632 tcp distcc
  3689 tcp daap
  3690 tcp svn subversion
  4190 tcp sieve
  4369 tcp epmd
  4460 tcp ntske
  4500 udp ipsec-nat-t
  4569 udp iax
  4899 tcp radmin-port
  4949 tcp munin lrrd
  5060 tcp/udp sip
  5061 tcp/udp sip-tls
  5222 tcp xmpp-client jabber-client
  5269 tcp xmpp-server jabber-server
  5353 udp mdns
  5432 tcp postgresql postgres
  5666 tcp nrpe
  5667 tcp nsca
  5671 tcp amqps
  5672 tcp/sctp amqp
  6000 tcp x11 x11-0
  6001 tcp x11-1
  6002 tcp x11-2
  6003 tcp x11-3
  6004 tcp x11-4
  6005 tcp x11-5
  6006 tcp x11-6
  6007 tcp x11-7
  6346 tcp/udp gnutella-svc
  6347 tcp/udp gnutella-rtr
  6379 tcp redis
  6514 tcp syslog-tls
  6566 tcp sane-port sane saned
  6667 tcp ircd
  6696 udp babel
  6697 tcp ircs-u
  7000 tcp bbs
  7000 udp afs3-fileserver
  7001 udp afs3-callback
  7002 udp afs3-prserver
  7003 udp afs3-vlserver
  7004 udp afs3-kaserver
  7005 udp afs3-volser
  7007 udp afs3-bos
  7008 udp afs3-update
  7009 udp afs3-rmtsys
  8080 tcp http-alt webcache
  8081 tcp tproxy
  8140 tcp puppet
  9101 tcp bacula-dir
  9102 tcp bacula-fd
  9103 tcp bacula-sd
  9418 tcp git
  9667 tcp xmms2
  10000 tcp webmin
  10050 tcp zabbix-agent
  10051 tcp zabbix-trapper
  10080 tcp amanda
  10081 tcp kamanda
  10082 tcp amandaidx
  10083 tcp amidxtape
  10809 tcp nbd
  11371 tcp hkp
`;

/** By name, then by protocol. */
const PORTS = new Map<string, Map<string, number>>();
for (const line of SERVICES.trim().split("\n")) {
  const [port, protocols = "", ...names] = line.trim().split(" ");
  for (const name of names) {
    const ports = PORTS.get(name) ?? new Map<string, number>();
    for (const protocol of protocols.split("/")) if (!ports.has(protocol)) ports.set(protocol, Number(port));
    PORTS.set(name, ports);
  }
}

/** Undefined for a service that the protocol does not have; without a protocol, of any. */
export function servicePort(name: string, protocol: string | undefined): number | undefined {
  const ports = PORTS.get(name);
  if (protocol === undefined) return ports?.values().next().value;
  return ports?.get(protocol);
}
