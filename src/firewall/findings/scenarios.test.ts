import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { GivenAudit, GivenText } from '../../../test/auditFindings.ts'
import { findingsOf, office } from '../../../test/auditFindings.ts'
import type { Table } from '../../audit/knowledgeOf.ts'
import type { Finding } from '../../model/finding.ts'
import type { AuditFindingCode } from '../findingRows.ts'
import { rangesOfPrefix } from '../rangesOfPrefix.ts'

const lanAndWan = { lan0: ['10.0.0.0/8'], wan0: ['0.0.0.0/0', '::/0'] }

/** An edge of nftables that drops what these lines do not allow. */
const nft = (...lines: readonly string[]): GivenText => ({
  vendor: 'nftables',
  interfaces: lanAndWan,
  text: [
    'table inet edge {',
    '\tchain forward {',
    '\t\ttype filter hook forward priority filter; policy drop;',
    ...lines.map((line) => `\t\t${line}`),
    '\t}',
    '}',
  ].join('\n'),
})

const answers = 'ct state established,related accept'
const connectOut = 'iifname "lan0" oifname "wan0" ip saddr 10.1.0.10 tcp dport { 80, 443 } accept'

const iptables = (nat: readonly string[], filter: readonly string[] = []): GivenText => ({
  vendor: 'iptables',
  interfaces: lanAndWan,
  text: [
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    ':POSTROUTING ACCEPT [0:0]',
    ...nat,
    'COMMIT',
    '*filter',
    ':FORWARD DROP [0:0]',
    '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A FORWARD -s 10.1.0.10/32 -p tcp -m multiport --dports 80,443 -j ACCEPT',
    ...filter,
    'COMMIT',
  ].join('\n'),
})

const squid = (...lines: readonly string[]): GivenText => ({
  vendor: 'squid',
  text: ['acl localnet src 10.0.0.0/8', 'acl SSL_ports port 443', ...lines].join('\n'),
})

const throughProxy: Partial<GivenAudit> = {
  site: {
    hosts: {
      ...office.hosts,
      proxy01: { roles: ['outbound-proxy'], name: 'proxy.corp.example', addresses: ['10.1.0.40'] },
    },
    proxies: { egress: { url: 'http://proxy.corp.example:3128', usedBy: ['connect01'] } },
  },
}

const asa = (...lines: readonly string[]): GivenText => ({
  vendor: 'asa',
  text: [
    'ASA Version 9.16(4)',
    'hostname edge',
    'interface GigabitEthernet0/0',
    ' nameif outside',
    ' security-level 0',
    ' ip address 198.51.100.2 255.255.255.0',
    'interface GigabitEthernet0/1',
    ' nameif inside',
    ' security-level 100',
    ' ip address 10.1.0.1 255.255.255.0',
    ...lines,
    'access-group inside_in in interface inside',
    'route outside 0.0.0.0 0.0.0.0 198.51.100.1 1',
    'route inside 10.2.0.0 255.255.0.0 10.1.0.254 1',
  ].join('\n'),
})

const fortigate = (policy: string): GivenText => ({
  vendor: 'fortigate',
  text: [
    'config system interface',
    '    edit "wan1"\n        set ip 198.51.100.2 255.255.255.248\n    next',
    '    edit "lan"\n        set ip 10.1.0.1 255.255.255.0\n    next',
    'end',
    'config firewall address',
    '    edit "all"\n    next',
    '    edit "connect01"\n        set subnet 10.1.0.10 255.255.255.255\n    next',
    '    edit "spared"\n        set type fqdn\n        set fqdn "*.msappproxy.net"\n    next',
    'end',
    'config firewall service custom',
    '    edit "ALL"\n        set protocol IP\n    next',
    '    edit "HTTP"\n        set tcp-portrange 80\n    next',
    '    edit "HTTPS"\n        set tcp-portrange 443\n    next',
    'end',
    'config firewall ssl-ssh-profile',
    '    edit "deep"\n        config https\n            set ports 443\n            set status deep-inspection\n        end\n    next',
    'end',
    'config firewall schedule recurring',
    '    edit "always"\n        set day sunday monday tuesday wednesday thursday friday saturday\n    next',
    'end',
    'config firewall policy',
    '    edit 1',
    policy,
    '        set action accept\n        set schedule "always"',
    '    next',
    'end',
    'config router static',
    '    edit 1\n        set gateway 198.51.100.1\n        set device "wan1"\n    next',
    'end',
  ].join('\n'),
})

const wireguard = (...prefixes: readonly string[]): GivenText => ({
  vendor: 'wireguard',
  text: [
    '[Interface]',
    'PrivateKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    'Address = 10.8.0.2/24',
    '[Peer]',
    'PublicKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
    `AllowedIPs = ${prefixes.join(', ')}`,
    'Endpoint = vpn.example.com:51820',
  ].join('\n'),
})

const names = (name: string, ...prefixes: readonly string[]): Table => ({
  kind: 'names',
  asOf: '2026-10-01',
  names: { addresses: new Map([[name, prefixes.flatMap(rangesOfPrefix)]]) },
})

/** The rules of a network security group: remote desktop from a source. */
const nsg = (source: string): GivenText => ({
  vendor: 'azure-nsg',
  text: JSON.stringify(
    [
      {
        id: '/subscriptions/0/resourceGroups/net/providers/Microsoft.Network/networkSecurityGroups/sync/securityRules/rdp',
        type: 'Microsoft.Network/networkSecurityGroups/securityRules',
        ...{ name: 'rdp', access: 'Allow', direction: 'Inbound', protocol: 'Tcp', priority: 200 },
        ...{ sourcePortRange: '*', sourceAddressPrefix: source },
        ...{ destinationAddressPrefix: '*', destinationPortRange: '3389' },
      },
    ],
    null,
    2,
  ),
})

const caseOf = (path: string): string => readFileSync(new URL(`../vendors/${path}`, import.meta.url), 'utf8')

/** The policy of a case file: what is not spared is opened, or left alone. */
const decryption = (action: string): string =>
  caseOf('paloAlto/cases/decryption.xml').replace(/(<entry name="open">.*<action>)decrypt/, `$1${action}`)

/** A network rule for the web to some addresses, and an application rule for names. */
const azureFirewall = (destination: string): GivenText => ({
  vendor: 'azure-firewall',
  text: JSON.stringify(
    [
      {
        ...{
          id: '/subscriptions/0/resourceGroups/hub/providers/Microsoft.Network/firewallPolicies/edge',
          name: 'edge',
        },
        type: 'Microsoft.Network/FirewallPolicies',
        properties: { sku: { tier: 'Standard' }, threatIntelMode: 'Off' },
      },
      {
        ...{
          id: '/subscriptions/0/resourceGroups/hub/providers/Microsoft.Network/firewallPolicies/edge/ruleCollectionGroups/g',
          name: 'g',
        },
        type: 'Microsoft.Network/FirewallPolicies/RuleCollectionGroups',
        properties: {
          priority: 200,
          ruleCollections: [
            {
              ...{ ruleCollectionType: 'FirewallPolicyFilterRuleCollection', name: 'broad', priority: 4000 },
              action: { type: 'Allow' },
              rules: [
                {
                  ...{ ruleType: 'NetworkRule', name: 'web', ipProtocols: ['TCP'], sourceAddresses: ['10.0.0.0/8'] },
                  ...{ destinationAddresses: [destination], destinationPorts: ['80', '443'] },
                },
              ],
            },
            {
              ...{ ruleCollectionType: 'FirewallPolicyFilterRuleCollection', name: 'names', priority: 100 },
              action: { type: 'Allow' },
              rules: [
                {
                  ...{ ruleType: 'ApplicationRule', name: 'entra', sourceAddresses: ['10.1.0.0/24'] },
                  protocols: [{ protocolType: 'Https', port: 443 }],
                  targetFqdns: ['*.microsoftonline.com'],
                },
              ],
            },
          ],
        },
      },
    ],
    null,
    2,
  ),
})

interface Scenario {
  readonly code: AuditFindingCode
  readonly says: string
  readonly has: GivenAudit
  /** The same, but for what is wrong. */
  readonly not: GivenAudit
  readonly what: RegExp
  readonly line: number
  readonly severity: Finding['severity']
  /** One of the flows concerned; absent: none is. */
  readonly flow?: string
}

const staffToController = { ...office, paths: [] }

const scenarios: readonly Scenario[] = [
  {
    code: 'open-inbound',
    says: 'remote desktop of a domain controller is open to the internet',
    has: { devices: { edge: nft(answers, connectOut, 'iifname "wan0" ip daddr 10.1.0.5 tcp dport 3389 accept') } },
    not: {
      devices: {
        edge: nft(answers, connectOut, 'iifname "wan0" ip saddr 203.0.113.7 ip daddr 10.1.0.5 tcp dport 3389 accept'),
      },
    },
    what: /lets anybody on the internet to 10\.1\.0\.5, tcp 3389/,
    line: 6,
    severity: 'high',
  },
  {
    code: 'open-inbound',
    says: 'an app is published that the plan knows nothing of',
    has: {
      devices: {
        edge: iptables(
          ['-A PREROUTING -i wan0 -d 198.51.100.20/32 -p tcp --dport 443 -j DNAT --to-destination 10.1.0.30:8443'],
          ['-A FORWARD -i wan0 -d 10.1.0.30/32 -p tcp --dport 8443 -j ACCEPT'],
        ),
      },
    },
    not: {
      site: {
        flows: [{ id: 'web', from: 'internet', to: 'app01', ports: [8443], transport: ['tcp'], forbid: false }],
      },
      devices: {
        edge: iptables(
          ['-A PREROUTING -i wan0 -d 198.51.100.20/32 -p tcp --dport 443 -j DNAT --to-destination 10.1.0.30:8443'],
          ['-A FORWARD -i wan0 -d 10.1.0.30/32 -p tcp --dport 8443 -j ACCEPT'],
        ),
      },
    },
    what: /to 10\.1\.0\.30, tcp/,
    line: 10,
    severity: 'medium',
  },
  {
    code: 'open-wide',
    says: 'a policy of a FortiGate lets everything through',
    has: {
      devices: {
        edge: fortigate(
          '        set srcintf "any"\n        set dstintf "any"\n        set srcaddr "all"\n        set dstaddr "all"\n        set service "ALL"',
        ),
      },
    },
    not: {
      devices: {
        edge: fortigate(
          '        set srcintf "lan"\n        set dstintf "wan1"\n        set srcaddr "all"\n        set dstaddr "all"\n        set service "ALL"',
        ),
      },
    },
    what: /allows everything from anywhere to anywhere/,
    line: 45,
    severity: 'high',
    flow: 't2-https-sync',
  },
  {
    code: 'open-wide',
    says: 'the Connect server goes everywhere on every port, where staff does too and is left alone',
    has: {
      devices: { edge: nft(answers, 'ip saddr 10.1.0.10 accept', 'iifname "lan0" ip saddr 10.2.0.0/16 accept') },
    },
    not: { devices: { edge: nft(answers, connectOut, 'iifname "lan0" ip saddr 10.2.0.0/16 accept') } },
    what: /lets connect01 to anywhere on every port/,
    line: 5,
    severity: 'medium',
    flow: 't2-https-sync',
  },
  {
    code: 'unneeded-port',
    says: 'ports of agents of long ago',
    has: {
      devices: {
        edge: nft(
          answers,
          'iifname "lan0" oifname "wan0" ip saddr 10.1.0.10 tcp dport { 80, 443, 9090, 10100-10120 } accept',
        ),
      },
    },
    not: { devices: { edge: nft(answers, connectOut) } },
    what: /opens tcp 9090 and 10100-10120, which no flow needs/,
    line: 5,
    severity: 'low',
  },
  {
    code: 'unneeded-port',
    says: 'without a site file 8443 to Entra is told, and 8443 to an own app is not',
    has: {
      isWithoutSite: true,
      devices: {
        edge: asa('access-list inside_in extended permit tcp any4 20.190.128.0 255.255.192.0 eq 8443'),
      },
    },
    not: {
      isWithoutSite: true,
      devices: { edge: asa('access-list inside_in extended permit tcp any4 host 10.1.0.30 eq 8443') },
    },
    what: /opens tcp 8443/,
    line: 11,
    severity: 'medium',
  },
  {
    code: 'tls-inspection',
    says: 'a FortiGate opens the TLS of the agents',
    has: {
      devices: {
        edge: fortigate(
          '        set srcintf "lan"\n        set dstintf "wan1"\n        set srcaddr "connect01"\n        set dstaddr "all"\n        set service "HTTP" "HTTPS"\n        set utm-status enable\n        set ssl-ssh-profile "deep"',
        ),
      },
    },
    not: {
      devices: {
        edge: fortigate(
          '        set srcintf "lan"\n        set dstintf "wan1"\n        set srcaddr "connect01"\n        set dstaddr "all"\n        set service "HTTP" "HTTPS"',
        ),
      },
    },
    what: /opens TLS of tcp\/443/,
    line: 32,
    severity: 'high',
    flow: 't6a-https',
  },
  {
    code: 'tls-inspection',
    says: 'a squid bumps what it is asked for',
    has: {
      ...throughProxy,
      devices: {
        squid: squid(
          'http_port 3128 ssl-bump cert=/etc/squid/ca.pem',
          'http_access allow localnet',
          'http_access deny all',
          'ssl_bump bump all',
        ),
      },
    },
    not: {
      ...throughProxy,
      devices: {
        squid: squid(
          'http_port 3128 ssl-bump cert=/etc/squid/ca.pem',
          'http_access allow localnet',
          'http_access deny all',
          'ssl_bump splice all',
        ),
      },
    },
    what: /opens TLS of/,
    line: 6,
    severity: 'high',
    flow: 't2-https-sync',
  },
  {
    code: 'hard-coded-address',
    says: 'one machine out of a published range',
    has: { devices: { edge: nft(answers, 'ip saddr 10.1.0.10 ip daddr 20.190.159.3 tcp dport 443 accept') } },
    not: { devices: { edge: nft(answers, 'ip saddr 10.1.0.10 ip daddr 20.190.128.0/18 tcp dport 443 accept') } },
    what: /names single machines of Microsoft's: 20\.190\.159\.3/,
    line: 5,
    severity: 'medium',
    flow: 't2-https-sync',
  },
  {
    code: 'hard-coded-address',
    says: 'a name of which no addresses are published',
    has: {
      tables: [names('*.msappproxy.net', '52.1.2.3')],
      devices: { edge: nft(answers, 'ip saddr 10.1.0.10 ip daddr 52.1.2.3 tcp dport 443 accept') },
    },
    not: {
      tables: [names('*.msappproxy.net', '52.1.2.3')],
      devices: { edge: nft(answers, connectOut) },
    },
    what: /allows tcp\/443 \*\.msappproxy\.net from connect01.* by addresses/,
    line: 5,
    severity: 'medium',
    flow: 't6a-https',
  },
  {
    code: 'stale-address',
    says: 'a stranger among published ranges',
    has: {
      devices: {
        edge: nft(
          answers,
          'ip saddr 10.1.0.10 ip daddr { 20.190.128.0/18, 40.126.0.0/18, 20.231.128.0/19, 104.44.218.0/24 } tcp dport 443 accept',
        ),
      },
    },
    not: {
      devices: {
        edge: nft(
          answers,
          'ip saddr 10.1.0.10 ip daddr { 20.190.128.0/18, 40.126.0.0/18, 20.231.128.0/19 } tcp dport 443 accept',
          'ip saddr 10.1.0.10 ip daddr { 20.190.128.0/18, 192.0.2.0/24, 198.51.100.7 } tcp dport 80 accept',
        ),
      },
    },
    what: /has 104\.44\.218\.0\/24 among Microsoft's addresses/,
    line: 5,
    severity: 'medium',
    flow: 't2-https-sync',
  },
  {
    code: 'revocation-blocked',
    says: 'port 80 was forgotten',
    has: {
      devices: { edge: nft(answers, 'iifname "lan0" oifname "wan0" ip saddr 10.1.0.10 tcp dport 443 accept') },
    },
    not: { devices: { edge: nft(answers, connectOut) } },
    what: /denies revocation checks: tcp\/80 .* from connect01 and \d+ more/,
    line: 3,
    severity: 'high',
    flow: 't2-http-crl',
  },
  {
    code: 'revocation-disabled',
    says: 'a squid takes any certificate',
    has: { devices: { squid: squid('tls_outgoing_options flags=DONT_VERIFY_PEER', 'http_access deny all') } },
    not: { devices: { squid: squid('# tls_outgoing_options flags=DONT_VERIFY_PEER', 'http_access deny all') } },
    what: /turned off: tls_outgoing_options flags=DONT_VERIFY_PEER/,
    line: 3,
    severity: 'high',
  },
  {
    code: 'revocation-disabled',
    says: 'a trustpoint of an ASA asks nobody',
    has: { devices: { edge: asa('crypto ca trustpoint vpn', ' revocation-check none') } },
    not: { devices: { edge: asa('crypto ca trustpoint vpn', ' revocation-check crl none') } },
    what: /revocation-check none/,
    line: 12,
    severity: 'low',
  },
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
    code: 'name-bypass',
    says: 'a squid lets all of the net out before it asks for names',
    has: {
      ...throughProxy,
      devices: {
        squid: squid(
          'acl entra dstdomain .microsoftonline.com',
          'acl sync src 10.1.0.10',
          'http_access allow localnet',
          'http_access allow sync entra',
          'http_access deny all',
        ),
      },
    },
    not: {
      ...throughProxy,
      devices: {
        squid: squid(
          'acl entra dstdomain .microsoftonline.com',
          'acl sync src 10.1.0.10',
          'http_access allow sync entra',
          'http_access deny all',
        ),
      },
    },
    what: /lets past what .*allow sync entra.* would hold to names/,
    line: 5,
    severity: 'medium',
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
  {
    code: 'proxy-port',
    says: 'a squid opens tunnels to 443 alone',
    has: {
      ...throughProxy,
      devices: {
        squid: squid('http_access deny CONNECT !SSL_ports', 'http_access allow localnet', 'http_access deny all'),
      },
    },
    not: {
      ...throughProxy,
      devices: {
        squid: squid(
          'acl SSL_ports port 8080',
          'http_access deny CONNECT !SSL_ports',
          'http_access allow localnet',
          'http_access deny all',
        ),
      },
    },
    what: /refuses tunnels to port 8080: tcp\/8080 \*\.msappproxy\.net from connect01/,
    line: 3,
    severity: 'low',
    flow: 'pta-status-8080',
  },
  {
    code: 'authenticated-proxy',
    says: 'a squid wants to know who asks',
    has: {
      ...throughProxy,
      devices: {
        squid: squid(
          'auth_param basic program /usr/lib/squid/basic_ncsa_auth /etc/squid/users',
          'acl people proxy_auth REQUIRED',
          'http_access allow localnet people',
          'http_access deny all',
        ),
      },
    },
    not: {
      ...throughProxy,
      devices: {
        squid: squid(
          'auth_param basic program /usr/lib/squid/basic_ncsa_auth /etc/squid/users',
          'acl people proxy_auth REQUIRED',
          'acl sync src 10.1.0.0/24',
          'http_access allow sync',
          'http_access allow localnet people',
          'http_access deny all',
        ),
      },
    },
    what: /wants a sign-in for tcp\//,
    line: 5,
    severity: 'high',
    flow: 't2-https-sync',
  },
  {
    code: 'open-inbound',
    says: 'a network security group lets anybody to remote desktop',
    has: { paths: [], devices: { nsg: nsg('*') } },
    not: { paths: [], devices: { nsg: nsg('203.0.113.0/24') } },
    what: /"rdp" of nsg lets anybody on the internet to .*, tcp 3389/,
    line: 2,
    severity: 'high',
  },
  {
    code: 'tls-inspection',
    says: 'a decryption policy of a Palo Alto spares some names and not others',
    has: { devices: { edge: { vendor: 'palo-alto', text: decryption('decrypt') } } },
    not: { devices: { edge: { vendor: 'palo-alto', text: decryption('no-decrypt') } } },
    what: /^open of edge may open TLS of tcp\/443/,
    line: 14,
    severity: 'medium',
    flow: 't2-https-sync',
  },
  {
    code: 'name-bypass',
    says: 'a network rule of an Azure Firewall comes before its application rules',
    has: { devices: { edge: azureFirewall('*') } },
    not: { devices: { edge: azureFirewall('198.51.100.0/24') } },
    what: /lets past what .*entra.* would hold to names/,
    line: 28,
    severity: 'medium',
    flow: 't2-https-sync',
  },
]

const of = (code: string, findings: readonly Finding[]): readonly Finding[] =>
  findings.filter((finding) => finding.code === code)

for (const { code, says, has, not, what, line, severity, flow } of scenarios) {
  test(`${code}: ${says}`, async () => {
    const all = await findingsOf(has)
    const [told, ...others] = of(code, all)
    assert.ok(told !== undefined, `none; ${all.map((finding) => `${finding.code}: ${finding.what}`).join('\n')}`)
    assert.deepEqual(others, [])
    assert.match(told.what, what)
    assert.equal(told.where.line, line)
    assert.equal(told.severity, severity)
    if (flow === undefined) assert.deepEqual(told.flows, [])
    else assert.ok(told.flows.includes(flow), told.flows.join())
    assert.doesNotMatch(`${told.what} ${told.why} ${told.next}`, /undefined|NaN|\[object|""/)
  })

  test(`${code}: not told where it is not so that ${says}`, async () => {
    assert.deepEqual(of(code, await findingsOf(not)), [])
  })
}

test('what stands behind the edge, and forbids nothing itself, lets nobody in', async () => {
  const core: GivenText = { ...nft(), text: nft().text.replace('policy drop', 'policy accept') }
  const told = async (devices: GivenAudit['devices']): Promise<readonly string[]> =>
    of('open-inbound', await findingsOf({ devices })).map(({ what }) => what)
  assert.deepEqual(await told({ core, edge: nft(answers, connectOut) }), [])
  // Alone it is the edge, and what it opens is already told as what must be closed.
  assert.ok(of('forbidden-flow-open', await findingsOf({ devices: { core } })).length > 0)
  const open = nft(answers, connectOut, 'iifname "wan0" ip daddr 10.1.0.5 tcp dport 3389 accept')
  assert.match((await told({ core, edge: open })).join('\n'), /^"[^"]+" of edge lets anybody/)
})

test('a domain controller may ask for names and send mail, beside what the plan has', async () => {
  const site = {
    hosts: { ...office.hosts, dc01: { roles: ['domain-controller', 'health-agent'], addresses: ['10.1.0.5'] } },
  } as const
  const ports = nft(answers, connectOut, 'ip saddr 10.1.0.5 tcp dport { 25, 53, 443 } accept')
  assert.deepEqual(
    of(
      'unneeded-port',
      await findingsOf({
        site: { ...site, features: [...office.features, 'connect-health'] },
        devices: { edge: ports },
      }),
    ),
    [],
  )
})

test('what an older edition of a tag had, and the one that is given has not, is stale even alone beside one neighbour', async () => {
  const edge = nft(answers, 'ip saddr 10.1.0.10 ip daddr { 20.190.128.0/18, 4.149.98.192/27 } tcp dport 443 accept')
  const tag = (asOf: string): Table => ({
    ...{ kind: 'service-tags', asOf },
    tags: { ranges: (name) => (name === 'AzureActiveDirectory' ? rangesOfPrefix('20.190.128.0/18') : undefined) },
  })
  const told = async (...tables: readonly Table[]): Promise<readonly string[]> =>
    of('stale-address', await findingsOf({ tables, devices: { edge } })).map(({ why }) => why)
  assert.deepEqual(await told(), [])
  assert.deepEqual(await told(tag('2020-01-01')), [])
  assert.deepEqual(await told(tag('2026-11-01')), [
    'an older edition had it, and AzureActiveDirectory of 2026-11-01 has it not',
  ])
})
