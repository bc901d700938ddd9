import { type Malformed, rows } from "./malformed.js";

export const MALFORMED_MATCHES: readonly Malformed[] = [
  ...rows(
    "ipv4",
    "addrtype",
    `-m addrtype --src-type «FOO»
    -m addrtype --src-type LOCAL,«BAR»
    -m addrtype --dst-type LOCAL,«»
    -m addrtype --dst-type LOCAL ! «--limit-iface-in»
    -m addrtype --dst-type LOCAL ! «--limit-iface-out»
    -m addrtype --dst-type LOCAL --limit-iface-in «--limit-iface-out»
    -m «addrtype» --limit-iface-in`,
  ),
  ...rows("ipv4", "ah", "-p ah -m ah --ahspi «5x»"),
  ...rows(
    "ipv6",
    "ah",
    `-m ah --ahspi «4294967296»
    -m ah --ahlen «x»
    -m ah ! «--ahres»`,
  ),
  ...rows("ipv4", "comment", `-m comment --comment «${"x".repeat(256)}»`),
  ...rows(
    "ipv4",
    "connbytes",
    `-m connbytes --connbytes «20:10» --connbytes-dir both --connbytes-mode bytes
    -m connbytes --connbytes «1k» --connbytes-dir both --connbytes-mode bytes
    -m connbytes --connbytes 1 --connbytes-dir «up» --connbytes-mode bytes
    -m connbytes --connbytes 1 --connbytes-dir both --connbytes-mode «kilobytes»`,
  ),
  ...rows(
    "ipv4",
    "connlabel",
    `-m connlabel --label «bulk-traffic»
    -m connlabel --label «128»
    -m connlabel --label 5 ! «--set»`,
  ),
  ...rows(
    "ipv4",
    "connlimit",
    `-m connlimit --connlimit-upto «-1»
    -m connlimit --connlimit-above «many»
    -m connlimit --connlimit-above 5 --connlimit-mask «33»
    -m connlimit --connlimit-above 5 ! «--connlimit-saddr»
    -m connlimit --connlimit-above 5 ! «--connlimit-daddr»
    -m connlimit --connlimit-above 5 --connlimit-saddr «--connlimit-daddr»
    -m «connlimit» --connlimit-mask 24`,
  ),
  ...rows("ipv4", "connmark", "-m connmark --mark «0x»"),
  ...rows(
    "ipv4",
    "conntrack",
    `-m conntrack --ctstate NEW,«OLD»
    -m conntrack --ctproto «300»
    -m conntrack --ctorigsrc «example.com»
    -m conntrack --ctorigdst 1.2.3.4/«33»
    -m conntrack --ctreplsrc «::1»
    -m conntrack --ctrepldst «1.2.3.»
    -m conntrack --ctorigsrcport «nosuch»
    -m conntrack --ctorigdstport 1:«65536»
    -m conntrack --ctreplsrcport «1:2:3»
    -m conntrack --ctrepldstport «x»
    -m conntrack --ctstatus «GOOD»
    -m conntrack --ctexpire «soon»
    -m conntrack --ctdir «both»
    -m conntrack ! «--ctdir» REPLY
    -m «conntrack»`,
  ),
  ...rows(
    "ipv4",
    "dscp",
    `-m dscp --dscp «64»
    -m dscp --dscp-class «AF44»
    -m dscp --dscp 1 «--dscp-class» EF`,
  ),
  ...rows(
    "ipv4",
    "ecn",
    `-m ecn --ecn-ip-ect «4»
    -p tcp -m ecn --ecn-tcp-cwr «--ecn-tcp-cwr»
    -p tcp -m ecn --ecn-tcp-ece «--ecn-tcp-ece»
    -p udp -m «ecn» --ecn-tcp-ece`,
  ),
  ...rows("ipv4", "esp", "-p esp -m esp --espspi «1:2:3»"),
  ...rows(
    "ipv6",
    "frag",
    `-m frag --fragid «x»
    -m frag --fraglen «-»
    -m frag ! «--fragres»
    -m frag ! «--fragfirst»
    -m frag ! «--fragmore»
    -m frag ! «--fraglast»
    -m frag --fragmore «--fraglast»`,
  ),
  ...rows(
    "ipv4",
    "hashlimit",
    `-m hashlimit --hashlimit-name x --hashlimit-upto «3/fortnight»
    -m hashlimit --hashlimit-name x --hashlimit-upto «512kb/min»
    -m hashlimit --hashlimit-name x --hashlimit-above «2000000/s»
    -m hashlimit --hashlimit-name x --hashlimit-upto 3/s --hashlimit-burst «0»
    -m hashlimit --hashlimit-name x --hashlimit-upto 1mb/s --hashlimit-burst «1kb»
    -m hashlimit --hashlimit-name x --hashlimit-upto 3/s --hashlimit-mode srcip,«src»
    -m hashlimit --hashlimit-name «${"x".repeat(256)}» --hashlimit-upto 3/s
    -m hashlimit --hashlimit-name x --hashlimit-upto 3/s --hashlimit-srcmask «33»
    -m hashlimit --hashlimit-name x --hashlimit-upto 3/s --hashlimit-dstmask «x»
    -m hashlimit --hashlimit-name x --hashlimit-upto 3/s --hashlimit-htable-size «x»
    -m hashlimit --hashlimit-name x --hashlimit-upto 3/s --hashlimit-htable-max «x»
    -m hashlimit --hashlimit-name x --hashlimit-upto 3/s --hashlimit-htable-expire «x»
    -m hashlimit --hashlimit-name x --hashlimit-upto 3/s --hashlimit-htable-gcinterval «x»
    -m hashlimit --hashlimit-name x --hashlimit-upto 3/s «--hashlimit-rate-match»
    -m hashlimit --hashlimit-name x --hashlimit-upto 3/s --hashlimit-rate-interval «0»
    -m «hashlimit» --hashlimit-name a/b --hashlimit-upto 3/s
    -m «hashlimit» --hashlimit-upto 3/s`,
  ),
  ...rows(
    "ipv6",
    "hbh",
    `-m hbh --hbh-len «x»
    -m hbh --hbh-opts 5:2,«256»
    -m hbh --hbh-opts 5:«»`,
  ),
  ...rows(
    "ipv6",
    "dst",
    `-m dst --dst-len «4294967296»
    -m dst --dst-opts 5:2:«3»`,
  ),
  ...rows("ipv4", "helper", `-m helper --helper «${"x".repeat(30)}»`),
  ...rows(
    "ipv6",
    "hl",
    `-m hl --hl-eq «256»
    -m hl --hl-lt «x»
    -m hl --hl-gt «-1»
    -m hl --hl-eq 5 «--hl-lt» 6`,
  ),
  ...rows(
    "ipv4",
    "ttl",
    `-m ttl --ttl-eq «256»
    -m ttl --ttl-lt «x»
    -m ttl --ttl-gt «»""
    -m ttl ! «--ttl-gt» 5`,
  ),
  ...rows(
    "ipv4",
    "icmp",
    `-p icmp --icmp-type «ping-pong»
    -p icmp --icmp-type «echo»
    -p icmp --icmp-type «3/256»`,
  ),
  ...rows("ipv6", "icmp6", "-p icmpv6 --icmpv6-type «any»"),
  ...rows(
    "ipv4",
    "iprange",
    `-m iprange --src-range 1.2.3.4-«x»
    -m iprange --dst-range «::1»-::2`,
  ),
  ...rows(
    "ipv6",
    "ipv6header",
    `-m ipv6header --header frag,«tcp»
    -m ipv6header --header frag ! «--soft»`,
  ),
  ...rows("ipv4", "length", "-m length --length 5:«65536»"),
  ...rows(
    "ipv4",
    "limit",
    `-m limit --limit «3/week»
    -m limit --limit «0/s»
    -m limit --limit «10001/s»
    -m limit --limit-burst «10001»
    -m «limit» --limit 1/day --limit-burst 50`,
  ),
  ...rows("ipv4", "mac", "-m mac --mac-source «00:11:22:33:44»"),
  ...rows("ipv4", "mark", "-m mark --mark «1/2/3»"),
  ...rows(
    "ipv4",
    "multiport",
    `-p tcp -m multiport --sports 1,«x»
    -p tcp -m multiport --source-ports «x»
    -p tcp -m multiport --destination-ports «5:1»
    -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,«16»
    -p tcp -m multiport --ports 80,«»
    -m multiport --ports «80»`,
  ),
  ...rows(
    "ipv4",
    "owner",
    `-m owner --uid-owner «somebody»
    -m owner --gid-owner «1-2-3»
    -m owner --uid-owner 5 «--suppl-groups»
    -m owner --socket-exists «--socket-exists»`,
  ),
  ...rows("ipv4", "pkttype", "-m pkttype --pkt-type «anycast»"),
  ...rows("ipv4", "quota", "-m quota --quota «-1»"),
  ...rows(
    "ipv4",
    "recent",
    `-m recent --set «--rcheck»
    -m recent --set «--set»
    -m recent --update «--remove»
    -m recent --update «--update»
    -m recent --remove «--remove»
    -m recent --rcheck --seconds «0»
    -m recent --rcheck «--reap»
    -m recent --rcheck --hitcount «x»
    -m recent --set «--rttl»
    -m recent --rcheck --name «»""
    -m recent --rcheck ! «--rsource»
    -m recent --rcheck ! «--rdest»
    -m recent --rcheck --mask «24»
    -m «recent» --set --seconds 5`,
  ),
  ...rows(
    "ipv6",
    "rt",
    `-m rt --rt-type «x»
    -m rt --rt-segsleft «x»
    -m rt --rt-len «x»
    -m rt --rt-type 2 «--rt-0-res»
    -m rt --rt-type 0 --rt-0-addrs ::1,«x»
    -m rt --rt-type 0 «--rt-0-not-strict»`,
  ),
  ...rows(
    "ipv4",
    "sctp",
    `-p sctp --source-port «x»
    -p sctp --destination-port «6:5»
    -p sctp --chunk-types «some» DATA
    -p sctp --chunk-types any «FOO»
    -p sctp --chunk-types any DATA:«X»`,
  ),
  ...rows(
    "ipv4",
    "set",
    `-m set --match-set s «up»
    -m set --match-set «${"x".repeat(32)}» src
    -m set --match-set s src ! «--return-nomatch»
    -m set --match-set s src --update-counters «--update-counters»
    -m set --match-set s src --update-subcounters «--update-subcounters»
    -m set --match-set s src --packets-eq «x»
    -m set --match-set s src ! «--packets-lt» 5
    -m set --match-set s src --packets-lt «x»
    -m set --match-set s src --packets-gt «x»
    -m set --match-set s src --bytes-eq «x»
    -m set --match-set s src --bytes-lt «x»
    -m set --match-set s src --bytes-gt «x»
    -m set --match-set s src --bytes-lt 5 «--bytes-gt» 6`,
  ),
  ...rows("ipv4", "state", "-m state --state NEW,«»"),
  ...rows(
    "ipv4",
    "statistic",
    `-m statistic --mode «first»
    -m statistic --mode random --probability «1.1»
    -m statistic --mode nth --every «0» --packet 0
    -m statistic --mode nth --every 5 --packet «5»
    -m «statistic» --mode random`,
  ),
  ...rows(
    "ipv4",
    "string",
    `-m string --algo «fsm» --string x
    -m string --algo bm --string «${"x".repeat(129)}»
    -m string --algo bm --hex-string «|0g|»
    -m string --algo bm --string x --from «65536»
    -m string --algo bm --string x --from 6 --to «5»
    -m string --algo bm --string x ! «--icase»`,
  ),
  ...rows(
    "ipv4",
    "tcp",
    `-p tcp --source-port «nosuch»
    -p tcp --destination-port «90:80»
    -p tcp --dport 1:«65536»
    -p tcp --tcp-flags SYN,«ECE» SYN
    -p tcp --tcp-flags SYN «FOO»
    -p tcp --tcp-option «0»
    -p tcp --tcp-flags SYN SYN «--syn»`,
  ),
  ...rows("ipv4", "tcpmss", "-p tcp -m tcpmss --mss «200:100»"),
  ...rows(
    "ipv4",
    "time",
    `-m time --datestart «2020-13-01»
    -m time --datestop «tomorrow»
    -m time --timestart «24:00»
    -m time --timestop «10»
    -m time --monthdays 1,«32»
    -m time --weekdays Mon,«Xyz»
    -m time ! «--kerneltz»
    -m time --kerneltz «--utc»
    -m time --timestart 1:00 --timestop 2:00 «--contiguous»
    -m «time» ! --weekdays 1,2,3,4,5,6,7`,
  ),
  ...rows("ipv4", "tos", "-m tos --tos «256»"),
  ...rows(
    "ipv4",
    "u32",
    `-m u32 --u32 «6»
    -m u32 --u32 6«|»1=2
    -m u32 --u32 6=«x»
    -m «u32» --u32 6>>32=1`,
  ),
  ...rows(
    "ipv4",
    "udp",
    `-p udp --source-port «nosuch»
    -p udp --destination-port 1:«x»`,
  ),
];
