import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Table } from '../src/audit/knowledgeOf.ts'
import type { AuditFindingCode } from '../src/firewall/findingRows.ts'
import { rangesOfPrefix } from '../src/firewall/rangesOfPrefix.ts'
import type { Finding } from '../src/model/finding.ts'
import type { GivenAudit, GivenText } from './auditFindings.ts'
import { findingsOf, office } from './auditFindings.ts'

export const lanAndWan = { lan0: ['10.0.0.0/8'], wan0: ['0.0.0.0/0', '::/0'] }

/** An edge of nftables that drops what these lines do not allow. */
export const nft = (...lines: readonly string[]): GivenText => ({
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

export const answers = 'ct state established,related accept'
export const connectOut = 'iifname "lan0" oifname "wan0" ip saddr 10.1.0.10 tcp dport { 80, 443 } accept'

export const iptables = (nat: readonly string[], filter: readonly string[] = []): GivenText => ({
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

export const squid = (...lines: readonly string[]): GivenText => ({
  vendor: 'squid',
  text: ['acl localnet src 10.0.0.0/8', 'acl SSL_ports port 443', ...lines].join('\n'),
})

export const throughProxy: Partial<GivenAudit> = {
  site: {
    hosts: {
      ...office.hosts,
      proxy01: { roles: ['outbound-proxy'], name: 'proxy.corp.example', addresses: ['10.1.0.40'] },
    },
    proxies: { egress: { url: 'http://proxy.corp.example:3128', usedBy: ['connect01'] } },
  },
}

export const asa = (...lines: readonly string[]): GivenText => ({
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

export const fortigate = (policy: string): GivenText => ({
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

export const wireguard = (...prefixes: readonly string[]): GivenText => ({
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

export const names = (name: string, ...prefixes: readonly string[]): Table => ({
  kind: 'names',
  asOf: '2026-10-01',
  names: { addresses: new Map([[name, prefixes.flatMap(rangesOfPrefix)]]) },
})

/** The rules of a network security group: remote desktop from a source. */
export const nsg = (source: string): GivenText => ({
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

export const caseOf = (path: string): string =>
  readFileSync(new URL(`../src/firewall/vendors/${path}`, import.meta.url), 'utf8')

/** The policy of a case file: what is not spared is opened, or left alone. */
export const decryption = (action: string): string =>
  caseOf('paloAlto/cases/decryption.xml').replace(/(<entry name="open">.*<action>)decrypt/, `$1${action}`)

/** A network rule for the web to some addresses, and an application rule for names. */
export const azureFirewall = (destination: string): GivenText => ({
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

export const staffToController = { ...office, paths: [] }

/** A site in which something is wrong, and what the audit says of it. */
export interface Scenario {
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

/** Findings of one code. */
export const findingsWith = (code: string, findings: readonly Finding[]): readonly Finding[] =>
  findings.filter((finding) => finding.code === code)

/** Declares two tests for each scenario: it is told, once and at its line; and not where all is the same but for what is wrong. */
export function findingScenarios(scenarios: readonly Scenario[]): void {
  for (const { code, says, has, not, what, line, severity, flow } of scenarios) {
    test(`${code}: ${says}`, async () => {
      const all = await findingsOf(has)
      const [told, ...others] = findingsWith(code, all)
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
      assert.deepEqual(findingsWith(code, await findingsOf(not)), [])
    })
  }
}
