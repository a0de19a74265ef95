/** Rule sets for the router of {@link import('./kernelNet.ts').openKernelNet}, each with what it shows. */
export interface KernelRules {
  readonly says: string
  readonly rules: string
  /** For iptables: what ip6tables has. */
  readonly rules6?: string
}

const table = (body: string): string => `table inet t {\n${body}\n}\n`
const forward = (rules: string, policy = 'drop'): string =>
  table(`chain f {\ntype filter hook forward priority filter; policy ${policy};\n${rules}\n}`)
const nat = (rules: string, family = 'ip'): string =>
  `table ${family} n {\nchain pre {\ntype nat hook prerouting priority dstnat;\n${rules}\n}\n}\n`

export const nftRules: readonly KernelRules[] = [
  { says: 'no rules let everything pass', rules: 'flush ruleset\n' },
  { says: 'a policy of drop is silent', rules: forward('') },
  { says: 'an accept without a rule for the answer lets nobody hear', rules: forward('tcp dport 443 accept') },
  { says: 'an answer is established', rules: forward('ct state established accept\ntcp dport { 22, 443 } accept') },
  {
    says: 'an answer may pass by its source port',
    rules: forward('tcp dport 443 accept\ntcp sport 443 accept\nudp dport 53 accept\nudp sport 53 accept'),
  },
  {
    says: 'drop in a later chain is final, accept in an earlier one is not',
    rules: `${forward('tcp dport 443 accept', 'accept')}${`table ip u {\nchain g {\ntype filter hook forward priority filter + 10; policy accept;\ntcp dport 443 drop\nudp dport 53 reject\n}\n}\n`}`,
  },
  {
    says: 'chains of one priority: both have to accept, whichever comes first',
    rules: `table ip a {\nchain f {\ntype filter hook forward priority 0; policy accept;\ntcp dport 443 accept\ntcp dport 22 reject\nudp dport 53 drop\n}\n}\ntable ip b {\nchain f {\ntype filter hook forward priority filter; policy accept;\nudp dport 53 accept\ntcp dport 22 drop\n}\n}\n`,
  },
  {
    says: 'a chain of mangle drops what the filter would accept',
    rules: `table ip u {\nchain g {\ntype filter hook forward priority mangle; policy accept;\ntcp dport 22 drop\n}\n}\n${forward('accept')}`,
  },
  {
    says: 'a table of ip sees no IPv6',
    rules:
      'table ip u {\nchain g {\ntype filter hook forward priority 0; policy drop;\nip saddr 10.81.1.10 accept\nct state established accept\n}\n}\n',
  },
  {
    says: 'a table of ip6 sees no IPv4',
    rules: 'table ip6 u {\nchain g {\ntype filter hook forward priority 0; policy drop;\n}\n}\n',
  },
  { says: 'ip saddr in inet is of IPv4 alone, negated too', rules: forward('ip saddr != 10.81.1.10 drop', 'accept') },
  {
    says: 'rejects are heard',
    rules: forward(
      'ct state established accept\ntcp dport 22 reject with tcp reset\ntcp dport 53 reject\ntcp dport 80 reject with icmpx admin-prohibited\nudp dport 53 reject with icmp port-unreachable\nudp dport 80 reject with icmpv6 port-unreachable\ntcp dport 443 accept',
    ),
  },
  { says: 'a reject of TCP leaves UDP to the next rule', rules: forward('reject with tcp reset') },
  {
    says: 'jump comes back, goto does not',
    rules: table(
      'chain a {\ntcp dport 22 accept\ntcp dport 80 return\ntcp dport 53 drop\n}\nchain f {\ntype filter hook forward priority 0; policy drop;\nct state established accept\nip daddr 10.81.2.20 jump a\nip daddr 10.81.2.21 goto a\ntcp dport { 80, 443 } accept\nudp dport 53 accept\n}',
    ),
  },
  {
    says: 'a verdict map goes on behind what it does not name',
    rules: forward(
      'ct state vmap { established : accept, related : accept, invalid : drop }\ntcp dport vmap { 22 : drop, 80 : accept, 443 : continue } \nudp dport vmap { 53 : accept, 100-500 : drop }\nip daddr 10.81.2.21 accept',
    ),
  },
  {
    says: 'a verdict map has a rest',
    rules: forward('ct state established accept\ntcp dport vmap { 22 : drop, 80-443 : accept, * : drop }'),
  },
  {
    says: 'pairs in a verdict map',
    rules: table(
      'map m {\ntype ipv4_addr . inet_service : verdict\nflags interval\nelements = { 10.81.2.20 . 22 : accept, 10.81.2.20-10.81.2.21 . 80-443 : jump x }\n}\nchain x {\nip saddr 10.81.1.11 return\ntcp dport 443 accept\ndrop\n}\nchain f {\ntype filter hook forward priority 0; policy accept;\nct state established accept\nip daddr . tcp dport vmap @m\ntcp dport { 22, 80 } reject\n}',
    ),
  },
  {
    says: 'pairs that must not be',
    rules: forward(
      'ct state established accept\nip saddr . tcp dport != { 10.81.1.10 . 80, 10.81.1.11 . 443 } drop\naccept',
    ),
  },
  {
    says: 'pairs with protocols',
    rules: forward(
      'ct state established accept\nmeta l4proto . th dport { tcp . 443, udp . 53, tcp . 8000-9000 } accept',
    ),
  },
  {
    says: 'sets by name, with intervals and negated',
    rules: table(
      'set a {\ntype ipv4_addr\nflags interval\nelements = { 10.81.2.16/30, 10.81.2.21 }\n}\nset p {\ntype inet_service\nelements = { 22, 80 }\n}\nchain f {\ntype filter hook forward priority 0; policy accept;\nip daddr != @a drop\ntcp dport @p ip saddr 10.81.1.11 drop\ntcp dport != @p ip saddr 10.81.1.10 reject\n}',
    ),
  },
  {
    says: 'comparisons with an order',
    rules: forward(
      'tcp dport < 80 drop\ntcp dport >= 8080 reject\nip saddr > 10.81.1.10 drop\nudp dport 54-442 drop',
      'accept',
    ),
  },
  {
    says: 'interfaces, wildcards and what is none of them',
    rules: forward(
      'iifname "l*" oifname "wan" tcp dport 443 accept\niifname { "wan", "other" } accept\niifname != "lan" drop\niifname "lan" udp dport 53 accept',
    ),
  },
  {
    says: 'a mask on an address',
    rules: forward(
      'ip daddr & 255.255.255.254 == 10.81.2.20 tcp dport 80 drop\nip6 daddr fd81:2::20/127 drop',
      'accept',
    ),
  },
  {
    says: 'TCP flags: bits without a sign, the whole octet in a set',
    rules: forward(
      'tcp flags { fin, urg } drop\ntcp flags { syn, ack } tcp dport 80 drop\ntcp flags & (fin | syn | rst | ack) == syn tcp dport 22 drop\ntcp flags == rst drop',
      'accept',
    ),
  },
  {
    says: 'TCP flags: the answer has SYN and ACK',
    rules: forward(
      'tcp flags & (syn | ack) == (syn | ack) tcp sport 80 drop\ntcp flags ack tcp sport 443 drop\ntcp flags != syn tcp sport 22 drop',
      'accept',
    ),
  },
  {
    says: 'a handshake that passes, and nothing that follows it',
    rules: forward(
      'ct state new accept\ntcp sport { 22, 80 } ct state established accept\ntcp dport 22 accept',
      'drop',
    ),
  },
  {
    says: 'two states after == or != are a number that no state is',
    rules: forward('ct state == established,related drop\nct state != established,related accept'),
  },
  {
    says: 'two states with a sign of not',
    rules: forward(
      'ct state ! established,related tcp dport 80 drop\nct state ! new,related udp sport 53 drop',
      'accept',
    ),
  },
  {
    says: 'directions of a connection',
    rules: forward(
      'ct direction reply accept\nct direction original tcp dport 443 accept\nct state new udp dport 53 accept',
    ),
  },
  {
    says: 'forward sees the address that dnat made',
    rules: `${forward('ct state established accept\nip daddr 10.81.2.20 tcp dport 8080 accept\nip daddr 10.81.2.99 drop')}${nat('ip daddr 10.81.2.99 tcp dport 80 dnat to 10.81.2.20:8080\nip daddr 10.81.2.99 dnat to 10.81.2.21')}`,
  },
  {
    says: 'dnat by a map, with ports',
    rules: `${forward('ct state established accept\nct status dnat accept')}${nat('ip daddr 10.81.2.99 dnat to tcp dport map { 22 : 10.81.2.20, 443 : 10.81.2.21 }\nip daddr 10.81.2.99 dnat ip to udp dport map { 53 : 10.81.2.20 . 80, 80 : 10.81.2.21 . 53 }')}`,
  },
  {
    says: 'dnat in inet, of both families',
    rules: `${forward('ct status dnat tcp dport 443 accept\nct state established accept\nct status ! dnat udp dport 53 accept')}${nat('tcp dport 80 dnat ip to 10.81.2.21:443\nip6 daddr fd81:2::99 tcp dport 443 dnat ip6 to fd81:2::20', 'inet')}`,
  },
  {
    says: 'redirect comes to the router itself',
    rules: `${forward('drop')}${nat('tcp dport 80 redirect to :8080\nudp dport 53 redirect', 'inet')}table inet i {\nchain in {\ntype filter hook input priority 0; policy drop;\nct state established accept\ntcp dport 8080 accept\nudp dport 53 accept\n}\n}\n`,
  },
  {
    says: 'snat and masquerade are seen by the server alone',
    rules:
      `${forward('ip saddr 10.81.1.10 tcp dport { 22, 443 } accept\nct state established accept\nip saddr 10.81.2.1 drop')}table inet s {\nchain post {\ntype nat hook postrouting priority srcnat;\nip saddr 10.81.1.10 tcp dport 443 snat ip to 10.81.2.77\nip saddr 10.81.1.0/24 oifname "wan" snat ip to 10.81.2.1\n}\n}\n`.replace(
        '10.81.2.77',
        '10.81.2.1',
      ),
  },
  {
    says: 'the first chain that translates has the last word',
    rules: `table ip n {\nchain a {\ntype nat hook prerouting priority -110;\ntcp dport 80 dnat to 10.81.2.21\ntcp dport 22 accept\n}\nchain b {\ntype nat hook prerouting priority -90;\ntcp dport { 22, 80, 443 } ip daddr 10.81.2.99 dnat to 10.81.2.20\n}\n}\n`,
  },
  {
    says: 'translation comes at -100, whatever its chain says',
    rules: `table ip n {\nchain a {\ntype nat hook prerouting priority -190;\nip daddr 10.81.2.99 dnat to 10.81.2.20\n}\n}\ntable ip m {\nchain p {\ntype filter hook prerouting priority -150;\nip daddr 10.81.2.99 tcp dport 80 drop\nip daddr 10.81.2.20 tcp dport 22 drop\n}\n}\n`,
  },
  {
    says: 'before connection tracking every packet is invalid',
    rules:
      'table inet r {\nchain p {\ntype filter hook prerouting priority raw;\nct state new tcp dport 443 drop\nct state invalid tcp dport 22 drop\n}\n}\n',
  },
  {
    says: 'what is not tracked is neither new nor established',
    rules: `table inet r {\nchain p {\ntype filter hook prerouting priority raw;\ntcp dport 80 notrack\ntcp sport 80 notrack\nudp dport 53 notrack\ntcp dport 443 notrack\n}\n}\n${forward('ct state established accept\nct state new tcp dport { 22, 443 } accept\nct state untracked accept')}`,
  },
  {
    says: 'an answer to what was not tracked begins anew',
    rules: `table inet r {\nchain p {\ntype filter hook prerouting priority raw;\niifname "lan" notrack\n}\n}\n${forward('ct state untracked accept\nct state new accept\nct state established accept')}`,
  },
  {
    says: 'marks are of the packet, not of its answer',
    rules: `table inet m {\nchain p {\ntype filter hook prerouting priority mangle;\ntcp dport 443 meta mark set meta mark | 0x10\nip saddr 10.81.1.11 udp dport 53 meta mark set meta mark | 0x2\n}\n}\n${forward('meta mark & 0x10 == 0x10 accept\nmeta mark & 0x2 == 0x2 drop\nmeta mark != 0 accept\nct state established accept\nmeta mark 0 udp dport 53 accept')}`,
  },
  {
    says: 'input and output have their own rules',
    rules: table(
      'chain i {\ntype filter hook input priority 0; policy drop;\niif "lo" accept\nct state established accept\ntcp dport 22 accept\nip saddr 10.81.1.10 udp dport 53 accept\n}\nchain o {\ntype filter hook output priority 0; policy accept;\ntcp dport 80 drop\nudp dport 53 reject\noifname "wan" ip daddr 10.81.2.21 drop\n}',
    ),
  },
  {
    says: 'output has no interface that it comes in by',
    rules: table(
      'chain o {\ntype filter hook output priority 0; policy accept;\niifname "wan" tcp dport 80 drop\niifname != "wan" tcp dport 443 drop\n}\nchain i {\ntype filter hook input priority 0; policy accept;\noifname "wan" tcp dport 80 drop\noifname != "wan" tcp dport 443 drop\n}',
    ),
  },
  {
    says: 'a device is filtered before its routing',
    rules:
      'table netdev d {\nchain in {\ntype filter hook ingress device "lan" priority 0; policy accept;\nip daddr 10.81.2.20 tcp dport 80 drop\nip6 daddr fd81:2::20 udp dport 53 drop\n}\n}\n',
  },
  {
    says: 'postrouting sees the address before snat',
    rules: `table ip s {\nchain post {\ntype nat hook postrouting priority srcnat;\nsnat to 10.81.2.1\n}\nchain before {\ntype filter hook postrouting priority 0;\nip saddr 10.81.1.10 tcp dport 22 drop\n}\nchain after {\ntype filter hook postrouting priority 200;\nip saddr 10.81.2.1 tcp dport 80 drop\nip saddr 10.81.1.10 tcp dport 443 drop\n}\n}\n`,
  },
  {
    says: 'local and foreign destinations',
    rules: table(
      'chain i {\ntype filter hook input priority 0; policy drop;\nfib daddr type local tcp dport 22 accept\nct state established accept\n}\nchain f {\ntype filter hook forward priority 0; policy accept;\nfib daddr type local drop\nfib daddr type != unicast drop\n}',
    ),
  },
  {
    says: 'a dormant table sleeps',
    rules: 'table inet z {\nflags dormant\nchain f {\ntype filter hook forward priority 0; policy drop;\n}\n}\n',
  },
  {
    says: 'set elements of several spans and words',
    rules: forward(
      'ct state { established, related } accept\ntcp dport { ssh, http-alt, 440-450 } accept\nmeta nfproto ipv6 meta l4proto udp th dport domain accept\nip protocol udp accept',
    ),
  },
  {
    says: 'a source is translated on the way in to the router',
    rules: 'table ip s {\nchain in {\ntype nat hook input priority 100;\ntcp dport 22 snat to 10.81.1.77\n}\n}\n',
  },
  {
    says: 'counters, logs and comments decide nothing',
    rules: forward(
      'counter\nct state established counter accept comment "back"\ntcp dport 443 counter log prefix "drop: " accept comment "a \' b"\nlog',
    ),
  },
]

const filterOf = (rules: string, policy = 'DROP', more = ''): string =>
  `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ${policy} [0:0]\n:OUTPUT ACCEPT [0:0]\n${more}${rules}\nCOMMIT\n`
const established = '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n'

export const iptablesRules: readonly KernelRules[] = [
  { says: 'policies of one family say nothing of the other', rules: filterOf(''), rules6: filterOf('', 'ACCEPT') },
  {
    says: 'states and ports',
    rules: filterOf(
      `${established}-A FORWARD -p tcp -m tcp --dport 443 -j ACCEPT\n-A FORWARD -p tcp -m multiport --dports 22,8000:9000 -j ACCEPT\n-A FORWARD -p udp ! --dport 53 -j ACCEPT`,
    ),
    rules6: filterOf(`${established}-A FORWARD -p udp -m udp --dport 53 -j ACCEPT`),
  },
  {
    says: 'rejects, with and without reset',
    rules: filterOf(
      '-A FORWARD -p tcp -m tcp --dport 22 -j REJECT --reject-with tcp-reset\n-A FORWARD -p tcp -m tcp --dport 80 -j REJECT --reject-with icmp-admin-prohibited\n-A FORWARD -p udp -j REJECT --reject-with icmp-port-unreachable',
      'ACCEPT',
    ),
    rules6: filterOf(
      '-A FORWARD -p tcp -m tcp --dport 22 -j REJECT --reject-with tcp-reset\n-A FORWARD -p udp -j REJECT --reject-with icmp6-port-unreachable',
      'ACCEPT',
    ),
  },
  {
    says: 'chains of the user: -j comes back, -g goes on behind',
    rules: filterOf(
      `${established}-A FORWARD -d 10.81.2.20/32 -j a\n-A FORWARD -d 10.81.2.21/32 -g a\n-A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT\n-A a -p tcp -m tcp --dport 22 -j ACCEPT\n-A a -p tcp -m tcp --dport 443 -j b\n-A a -p tcp -m tcp --dport 53 -g b\n-A a -p udp -m udp --dport 53 -j RETURN\n-A a -s 10.81.1.11/32 -j DROP\n-A b -j LOG\n-A b -s 10.81.1.10/32 -j ACCEPT`,
      'DROP',
      ':a - [0:0]\n:b - [0:0]\n',
    ),
    rules6: filterOf(''),
  },
  {
    says: 'an empty chain and a rule without a target do nothing',
    rules: filterOf(
      `-A FORWARD -j e\n-A FORWARD -p tcp -m tcp --dport 80\n${established}-A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT`,
      'DROP',
      ':e - [0:0]\n',
    ),
    rules6: filterOf('', 'ACCEPT'),
  },
  {
    says: 'interfaces with a plus, negated',
    rules: filterOf(
      '-A FORWARD -i la+ -o wan -p tcp -m tcp --dport 443 -j ACCEPT\n-A FORWARD ! -i lan -j ACCEPT\n-A FORWARD -o w+ -p udp -j ACCEPT',
    ),
    rules6: filterOf('-A FORWARD ! -o lan -j DROP', 'ACCEPT'),
  },
  {
    says: 'ranges and negated addresses',
    rules: filterOf(
      `${established}-A FORWARD -m iprange --src-range 10.81.1.11-10.81.1.20 -p tcp -j ACCEPT\n-A FORWARD ! -s 10.81.1.11/32 ! -d 10.81.2.20/32 -j ACCEPT\n-A FORWARD -s 10.81.1.10/255.255.255.254 -p udp -m udp --dport 53 -j ACCEPT`,
    ),
    rules6: filterOf('-A FORWARD -s fd81:1::10/127 -d fd81:2::20/128 -j DROP', 'ACCEPT'),
  },
  {
    says: 'TCP flags: SYN, and not SYN',
    rules: filterOf(
      '-A FORWARD -p tcp --tcp-flags FIN,SYN,RST,ACK SYN -m tcp --dport 443 -j ACCEPT\n-A FORWARD -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT\n-A FORWARD -p tcp -m tcp --syn --dport 22 -j ACCEPT\n-A FORWARD -p tcp -m tcp --tcp-flags SYN,ACK ACK -j DROP',
    ),
    rules6: filterOf('-A FORWARD -p tcp -m tcp --tcp-flags ALL SYN --dport 80 -j DROP', 'ACCEPT'),
  },
  {
    says: 'mangle drops before the filter is asked',
    rules: `*mangle\n:PREROUTING ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 22 -j DROP\n-A FORWARD -p udp -m udp --dport 53 -j DROP\nCOMMIT\n${filterOf('', 'ACCEPT')}`,
    rules6: filterOf('', 'ACCEPT'),
  },
  {
    says: 'before connection tracking the state is INVALID',
    rules: `*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -j DROP\n-A PREROUTING -p tcp -m tcp --dport 80 -m conntrack --ctstate INVALID -j DROP\n-A PREROUTING -p tcp -m tcp --dport 443 -j CT --notrack\nCOMMIT\n${filterOf(`${established}-A FORWARD -m conntrack --ctstate UNTRACKED -j ACCEPT\n-A FORWARD -m conntrack --ctstate NEW -p tcp -m tcp --dport 53 -j ACCEPT`)}`,
    rules6: filterOf('', 'ACCEPT'),
  },
  {
    says: 'FORWARD sees what DNAT made',
    rules: `*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A PREROUTING -d 10.81.2.99/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.81.2.20:8080\n-A PREROUTING -d 10.81.2.99/32 -p tcp -m tcp --dport 22 -j ACCEPT\n-A PREROUTING -d 10.81.2.99/32 -j DNAT --to-destination 10.81.2.21\n-A POSTROUTING -s 10.81.1.11/32 -o wan -j SNAT --to-source 10.81.2.1\nCOMMIT\n${filterOf(`${established}-A FORWARD -d 10.81.2.20/32 -p tcp -m tcp --dport 8080 -j ACCEPT\n-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT\n-A FORWARD -d 10.81.2.99/32 -j REJECT`)}`,
    rules6: filterOf('', 'ACCEPT'),
  },
  {
    says: 'ports behind a slash keep their offsets',
    rules: `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 10.81.2.20/32 -p tcp -m tcp --dport 79:81 -j DNAT --to-destination 10.81.2.20:442-444/79\nCOMMIT\n${filterOf(`${established}-A FORWARD -p tcp -m tcp --dport 443 -j ACCEPT`)}`,
    rules6: filterOf('', 'ACCEPT'),
  },
  {
    says: 'REDIRECT comes to INPUT',
    rules: `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i lan -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080\n-A PREROUTING -i lan -p udp -m udp --dport 53 -j REDIRECT\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT\nCOMMIT\n`,
    rules6: filterOf('', 'ACCEPT'),
  },
  {
    says: 'NETMAP keeps the host',
    rules: `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 10.99.2.0/24 -j NETMAP --to 10.81.2.0/24\nCOMMIT\n${filterOf('', 'ACCEPT')}`,
    rules6: `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d fd81:2::98/127 -j NETMAP --to fd81:2::20/127\nCOMMIT\n`,
  },
  {
    says: 'MASQUERADE for one service',
    rules: `*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o wan -p tcp -m tcp --dport 443 -j MASQUERADE\nCOMMIT\n${filterOf(`${established}-A FORWARD -s 10.81.2.1/32 -j DROP\n-A FORWARD -s 10.81.1.10/32 -j ACCEPT`)}`,
    rules6: filterOf('', 'ACCEPT'),
  },
  {
    says: 'marks for a later chain',
    rules: `*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 443 -j MARK --set-xmark 0x4000/0x4000\n-A PREROUTING -s 10.81.1.11/32 -j MARK --set-xmark 0x1/0xff\nCOMMIT\n${filterOf(`${established}-A FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT\n-A FORWARD -m mark ! --mark 0x1/0xff -p udp -j ACCEPT`)}`,
    rules6: filterOf('', 'ACCEPT'),
  },
  {
    says: 'INPUT and OUTPUT, with types of addresses',
    rules:
      '*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -p tcp -m addrtype --dst-type LOCAL -m tcp --dport 22 -j ACCEPT\n-A INPUT ! -i wan -p udp -j ACCEPT\n-A FORWARD -m addrtype --dst-type LOCAL -j DROP\n-A OUTPUT -p tcp -m tcp --dport 80 -j DROP\n-A OUTPUT -o wan -p udp -j REJECT\nCOMMIT\n',
    rules6: filterOf('', 'ACCEPT'),
  },
  {
    says: 'remembering an address decides nothing',
    rules: filterOf(
      `${established}-A FORWARD -p tcp -m recent --set --name seen --mask 255.255.255.255 --rsource\n-A FORWARD -p tcp -m comment --comment "a \\"quoted\\" word -j DROP" -m tcp --dport 443 -j ACCEPT`,
    ),
    rules6: filterOf('', 'ACCEPT'),
  },
  {
    says: 'the table security comes last',
    rules: `*security\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p tcp -m tcp --dport 80 -j DROP\nCOMMIT\n${filterOf('-A FORWARD -p tcp -m tcp --dport 80 -j ACCEPT', 'ACCEPT')}`,
    rules6: filterOf('', 'ACCEPT'),
  },
]
