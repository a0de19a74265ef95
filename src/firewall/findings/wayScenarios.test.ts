import { office } from '../../../test/auditFindings.ts'
import {
  answers,
  connectOut,
  findingScenarios,
  iptables,
  nft,
  staffToController,
  wireguard,
} from '../../../test/findingScenarios.ts'

findingScenarios([
  {
    code: 'nat-misdirects',
    says: 'web traffic is led to a transparent proxy',
    has: {
      devices: { edge: iptables(['-A PREROUTING -i lan0 -p tcp --dport 443 -j DNAT --to-destination 10.9.9.9']) },
    },
    not: {
      devices: {
        edge: iptables(['-A PREROUTING -i lan0 -d 192.0.2.5/32 -p tcp --dport 443 -j DNAT --to-destination 10.9.9.9']),
      },
    },
    what: /leads tcp\/443 .* to 10\.9\.9\.9/,
    line: 4,
    severity: 'high',
    flow: 't2-https-sync',
  },
  {
    code: 'nat-overlap',
    says: 'two machines are published at one port',
    has: {
      devices: {
        edge: iptables([
          '-A PREROUTING -i wan0 -d 198.51.100.20/32 -p tcp --dport 443 -j DNAT --to-destination 10.1.0.80',
          '-A PREROUTING -i wan0 -d 198.51.100.20/32 -p tcp --dport 443 -j DNAT --to-destination 10.1.0.81',
        ]),
      },
    },
    not: {
      devices: {
        edge: iptables([
          '-A PREROUTING -i wan0 -d 198.51.100.20/32 -p tcp --dport 443 -j DNAT --to-destination 10.1.0.80',
          '-A PREROUTING -i wan0 -d 198.51.100.20/32 -p tcp --dport 444 -j DNAT --to-destination 10.1.0.81',
        ]),
      },
    },
    what: /never translates/,
    line: 5,
    severity: 'medium',
  },
  {
    code: 'return-blocked',
    says: 'a filter without memory has no rule for the answers',
    has: { devices: { edge: nft(connectOut) } },
    not: { devices: { edge: nft(answers, connectOut) } },
    what: /denies the answers of tcp\//,
    line: 3,
    severity: 'high',
    flow: 't2-https-sync',
  },
  {
    code: 'ipv6-gap',
    says: 'the rule for IPv6 was forgotten',
    has: {
      site: {
        hosts: { ...office.hosts, connect01: { roles: ['entra-connect'], addresses: ['10.1.0.10', '2001:db8:1::10'] } },
      },
      devices: {
        edge: {
          ...nft(answers, connectOut),
          interfaces: { lan0: ['10.0.0.0/8', '2001:db8:1::/64'], wan0: ['0.0.0.0/0', '::/0'] },
        },
      },
    },
    not: {
      site: {
        hosts: { ...office.hosts, connect01: { roles: ['entra-connect'], addresses: ['10.1.0.10', '2001:db8:1::10'] } },
      },
      devices: {
        edge: {
          ...nft(
            answers,
            connectOut,
            'iifname "lan0" oifname "wan0" ip6 saddr 2001:db8:1::10 tcp dport { 80, 443 } accept',
          ),
          interfaces: { lan0: ['10.0.0.0/8', '2001:db8:1::/64'], wan0: ['0.0.0.0/0', '::/0'] },
        },
      },
    },
    what: /passes by IPv4 and not by IPv6/,
    line: 3,
    severity: 'medium',
    flow: 't2-https-sync',
  },
  {
    code: 'ipv6-gap',
    says: 'only IPv4 has a filter',
    has: {
      devices: {
        edge: {
          vendor: 'nftables',
          interfaces: { lan0: ['10.0.0.0/8', '2001:db8:1::/64'], wan0: ['0.0.0.0/0', '::/0'] },
          text: nft(answers, connectOut).text.replace('table inet', 'table ip'),
        },
      },
    },
    not: {
      devices: {
        edge: {
          ...nft(answers, connectOut),
          interfaces: { lan0: ['10.0.0.0/8', '2001:db8:1::/64'], wan0: ['0.0.0.0/0', '::/0'] },
        },
      },
    },
    what: /filters IPv4 and lets all of IPv6 through/,
    line: 3,
    severity: 'high',
  },
  {
    code: 'split-tunnel-excludes',
    says: 'the domain controller is not in the list of a VPN',
    has: {
      site: {
        ...staffToController,
        flows: [{ id: 'ldaps', from: 'staff', to: 'dc01', ports: [636], transport: ['tcp'], forbid: false }],
      },
      paths: [{ from: 'staff', to: 'dc01', through: ['vpn'] }],
      devices: { vpn: wireguard('10.9.0.0/16') },
    },
    not: {
      site: {
        ...staffToController,
        flows: [{ id: 'ldaps', from: 'staff', to: 'dc01', ports: [636], transport: ['tcp'], forbid: false }],
      },
      paths: [{ from: 'staff', to: 'dc01', through: ['vpn'] }],
      devices: { vpn: wireguard('10.9.0.0/16', '10.1.0.0/16') },
    },
    what: /vpn leads .* past the tunnel/,
    line: 6,
    severity: 'high',
    flow: 'ldaps',
  },
  {
    code: 'split-tunnel-excludes',
    says: 'half of sign-in goes into the tunnel',
    has: {
      paths: [{ from: 'staff', to: 'internet', through: ['vpn'] }],
      devices: { vpn: wireguard('10.1.0.0/16', '20.190.128.0/18') },
    },
    not: {
      paths: [{ from: 'staff', to: 'internet', through: ['vpn'] }],
      devices: { vpn: wireguard('10.1.0.0/16') },
    },
    what: /vpn leads .* partly into the tunnel and partly past it/,
    line: 6,
    severity: 'medium',
    flow: 'app-user-signin',
  },
  {
    code: 'egress-split',
    says: 'sign-in leaves by another address than Service Bus',
    has: {
      devices: {
        edge: iptables([
          ...['20.20.32.0/19', '20.190.128.0/18', '20.231.128.0/19', '40.126.0.0/18'].map(
            (prefix) => `-A POSTROUTING -s 10.1.0.10/32 -d ${prefix} -o wan0 -j SNAT --to-source 198.51.100.15`,
          ),
          '-A POSTROUTING -s 10.1.0.0/24 -o wan0 -j SNAT --to-source 198.51.100.16',
        ]),
      },
    },
    not: { devices: { edge: iptables(['-A POSTROUTING -s 10.1.0.0/24 -o wan0 -j SNAT --to-source 198.51.100.16']) } },
    what: /connect01 signs in by 198\.51\.100\.15, and .*servicebus.* leaves by 198\.51\.100\.16/,
    line: 8,
    severity: 'low',
    flow: 't6a-https',
  },
])
