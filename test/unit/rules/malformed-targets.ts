import { type Malformed, rows } from "./malformed.js";

export const MALFORMED_TARGETS: readonly Malformed[] = [
  ...rows("ipv4", "CHECKSUM", "-j CHECKSUM ! «--checksum-fill»"),
  ...rows(
    "ipv4",
    "CLASSIFY",
    `-j CLASSIFY --set-class «1»
    -j CLASSIFY --set-class «10000:1»`,
  ),
  ...rows(
    "ipv4",
    "CONNMARK",
    `-j CONNMARK --set-xmark «x»
    -j CONNMARK --set-mark «x»
    -j CONNMARK --and-mark «1/2»
    -j CONNMARK --or-mark «x»
    -j CONNMARK --xor-mark «x»
    -j CONNMARK --set-mark 1 «--save-mark»
    -j CONNMARK --save-mark «--restore-mark»
    -j CONNMARK --save-mark --nfmask «x»
    -j CONNMARK --save-mark --ctmask «x»
    -j CONNMARK --save-mark --mask «x»
    -j CONNMARK --save-mark --left-shift-mark «x»
    -j CONNMARK --save-mark --right-shift-mark «x»
    -j «CONNMARK» --save-mark --left-shift-mark 32
    -j «CONNMARK»`,
  ),
  ...rows(
    "ipv4",
    "CT",
    `-j CT ! «--notrack»
    -j CT --helper «${"x".repeat(16)}»
    -j CT --timeout «${"x".repeat(32)}»
    -j CT --ctevents new,«label»
    -j CT --expevents «old»
    -j CT --zone «65536»
    -j CT --zone-orig «x»
    -j CT --zone-reply «x»`,
  ),
  ...rows(
    "ipv4",
    "DNAT",
    `-p tcp -j DNAT --to-destination 1.2.3.4:«x»
    -p tcp -j DNAT --to-destination 1.2.3.4:80-90/«0»
    -j DNAT --to-destination 1.2.3.4:«80»
    -j DNAT --to-destination «host»
    -j DNAT --to-destination 1.2.3.4 ! «--random»
    -j DNAT --to-destination 1.2.3.4 ! «--persistent»
    -j «DNAT»`,
  ),
  ...rows(
    "ipv4",
    "DSCP",
    `-j DSCP --set-dscp «64»
    -j DSCP --set-dscp-class «XX»`,
  ),
  ...rows(
    "ipv4",
    "ECN",
    `-j ECN ! «--ecn-tcp-remove»
    -j ECN --ecn-tcp-cwr «2»
    -j ECN --ecn-tcp-ece «x»
    -j ECN --ecn-ip-ect «4»`,
  ),
  ...rows(
    "ipv6",
    "HL",
    `-j HL --hl-set «256»
    -j HL --hl-inc «0»
    -j HL --hl-dec «x»`,
  ),
  ...rows(
    "ipv4",
    "TTL",
    `-j TTL --ttl-set «256»
    -j TTL --ttl-inc «0»
    -j TTL --ttl-dec «x»`,
  ),
  ...rows(
    "ipv4",
    "LOG",
    `-j LOG --log-level «warn»
    -j LOG --log-prefix «${"x".repeat(30)}»
    -j LOG ! «--log-tcp-sequence»
    -j LOG ! «--log-tcp-options»
    -j LOG ! «--log-ip-options»
    -j LOG --log-uid «--log-uid»
    -j LOG ! «--log-macdecode»`,
  ),
  ...rows(
    "ipv4",
    "MARK",
    `-j MARK --set-xmark «x»
    -j MARK --set-mark «4294967296»
    -j MARK --and-mark «x»
    -j MARK --or-mark «1/2»
    -j MARK --xor-mark «x»
    -j MARK --set-mark 1 «--or-mark» 2`,
  ),
  ...rows(
    "ipv4",
    "MASQUERADE",
    `-p tcp -j MASQUERADE --to-ports «90-80»
    -j MASQUERADE --to-ports «80»
    -j MASQUERADE ! «--random»
    -j MASQUERADE ! «--random-fully»`,
  ),
  ...rows("ipv4", "NETMAP", "-j NETMAP --to «255.0.255.0/255.0.255.0»"),
  ...rows(
    "ipv4",
    "NFLOG",
    `-j NFLOG --nflog-group «65536»
    -j NFLOG --nflog-prefix «${"x".repeat(64)}»
    -j NFLOG --nflog-size «x»
    -j NFLOG --nflog-range «x»
    -j NFLOG --nflog-threshold «65536»`,
  ),
  ...rows(
    "ipv4",
    "REDIRECT",
    `-p tcp -j REDIRECT --to-ports «http-https»
    -p udp -j REDIRECT --to-ports 53-«x»
    -j REDIRECT ! «--random»`,
  ),
  ...rows(
    "ipv4",
    "REJECT",
    `-j REJECT --reject-with «icmp6-no-route»
    -j REJECT --reject-with «politely»`,
  ),
  ...rows(
    "ipv4",
    "SET",
    `-j SET --add-set s «x»
    -j SET --del-set s src,«x»
    -j SET --map-set «»"" src --map-mark
    -j SET --add-set s src ! «--exist»
    -j SET --add-set s src --timeout «x»
    -j SET --map-set s src ! «--map-mark»
    -j SET --map-set s src ! «--map-prio»
    -j SET --map-set s src ! «--map-queue»
    -j SET «--map-set» s src`,
  ),
  ...rows(
    "ipv4",
    "SNAT",
    `-j SNAT --to-source 1.2.3.4-«x»
    -p tcp -j SNAT --to-source 1.2.3.4:80-«90/100»
    -j SNAT --to-source 1.2.3.4 ! «--random»
    -j SNAT --to-source 1.2.3.4 ! «--random-fully»
    -j SNAT --to-source 1.2.3.4 ! «--persistent»`,
  ),
  ...rows(
    "ipv4",
    "TCPMSS",
    `-p tcp --syn -j TCPMSS --set-mss «65516»
    -p tcp --syn -j TCPMSS ! «--clamp-mss-to-pmtu»
    -p tcp -j «TCPMSS» --set-mss 1400`,
  ),
  ...rows(
    "ipv4",
    "TCPOPTSTRIP",
    `-p tcp -j TCPOPTSTRIP --strip-options mss,«1»
    -j «TCPOPTSTRIP» --strip-options mss`,
  ),
  ...rows(
    "ipv4",
    "TOS",
    `-j TOS --set-tos «Fast»
    -j TOS --and-tos «256»
    -j TOS --or-tos «x»
    -j TOS --xor-tos «x»`,
  ),
];
