import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GivenAudit, GivenText } from '../../../test/auditFindings.ts'
import { findingsOf, office } from '../../../test/auditFindings.ts'
import {
  answers,
  asa,
  connectOut,
  findingScenarios,
  findingsWith,
  fortigate,
  iptables,
  nft,
  nsg,
} from '../../../test/findingScenarios.ts'

findingScenarios([
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
    code: 'open-inbound',
    says: 'a network security group lets anybody to remote desktop',
    has: { paths: [], devices: { nsg: nsg('*') } },
    not: { paths: [], devices: { nsg: nsg('203.0.113.0/24') } },
    what: /"rdp" of nsg lets anybody on the internet to .*, tcp 3389/,
    line: 2,
    severity: 'high',
  },
])

test('what stands behind the edge, and forbids nothing itself, lets nobody in', async () => {
  const core: GivenText = { ...nft(), text: nft().text.replace('policy drop', 'policy accept') }
  const told = async (devices: GivenAudit['devices']): Promise<readonly string[]> =>
    findingsWith('open-inbound', await findingsOf({ devices })).map(({ what }) => what)
  assert.deepEqual(await told({ core, edge: nft(answers, connectOut) }), [])
  // Alone it is the edge, and what it opens is already told as what must be closed.
  assert.ok(findingsWith('forbidden-flow-open', await findingsOf({ devices: { core } })).length > 0)
  const open = nft(answers, connectOut, 'iifname "wan0" ip daddr 10.1.0.5 tcp dport 3389 accept')
  assert.match((await told({ core, edge: open })).join('\n'), /^"[^"]+" of edge lets anybody/)
})

test('a domain controller may ask for names and send mail, beside what the plan has', async () => {
  const site = {
    hosts: { ...office.hosts, dc01: { roles: ['domain-controller', 'health-agent'], addresses: ['10.1.0.5'] } },
  } as const
  const ports = nft(answers, connectOut, 'ip saddr 10.1.0.5 tcp dport { 25, 53, 443 } accept')
  assert.deepEqual(
    findingsWith(
      'unneeded-port',
      await findingsOf({
        site: { ...site, features: [...office.features, 'connect-health'] },
        devices: { edge: ports },
      }),
    ),
    [],
  )
})
