import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Passage, PathDevice } from '../../src/firewall/judged.ts'
import { judgePath } from '../../src/firewall/judgePath.ts'
import { parseAskedFlow } from '../../src/firewall/parseAskedFlow.ts'
import type { Reader } from '../../src/firewall/reader.ts'
import { read as azureNsg } from '../../src/firewall/vendors/azureNsg/index.ts'
import { read as iptables } from '../../src/firewall/vendors/iptables/index.ts'
import { read as nftables } from '../../src/firewall/vendors/nftables/index.ts'
import { read as routes } from '../../src/firewall/vendors/routes/index.ts'
import { read as windows } from '../../src/firewall/vendors/windows/index.ts'
import { read as wireguard } from '../../src/firewall/vendors/wireguard/index.ts'
import { nothingKnown } from '../firewallCases.ts'

const profile = (name: string): string =>
  `[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\${name}]\n"EnableFirewall"=dword:00000001\n\n`
const hostRules = (rule: string): string =>
  `Windows Registry Editor Version 5.00\n\n${['DomainProfile', 'StandardProfile', 'PublicProfile'].map(profile).join('')}[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules]\n"1"="${rule}"\n`
const group = (port: string): string =>
  JSON.stringify({
    name: 'apps',
    type: 'Microsoft.Network/networkSecurityGroups',
    id: '/subscriptions/0/resourceGroups/net/providers/Microsoft.Network/networkSecurityGroups/apps',
    securityRules: [
      {
        ...{ name: 'own-apps', access: 'Allow', direction: 'Inbound', protocol: 'Tcp', priority: 100 },
        ...{ sourcePortRange: '*', sourceAddressPrefix: '198.51.100.2', destinationPortRange: port },
        destinationAddressPrefix: '10.20.1.0/24',
      },
      {
        ...{ name: 'no-more', access: 'Deny', direction: 'Inbound', protocol: '*', priority: 200 },
        ...{ sourcePortRange: '*', sourceAddressPrefix: '*', destinationPortRange: '*', destinationAddressPrefix: '*' },
      },
    ],
  })
const edge = (port: number): string =>
  `table ip edge {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established accept
		tcp dport ${port} accept
	}
	chain post {
		type nat hook postrouting priority srcnat;
		snat to 198.51.100.2
	}
}
`
const farRules = (source: string): string =>
  `*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -s ${source} -p tcp -m tcp --dport 8443 -j ACCEPT\nCOMMIT\n`
const tunnel = (networks: string): string =>
  `[Interface]\nAddress = 10.7.0.5/32\n\n[Peer]\nPublicKey = AAAA\nAllowedIPs = ${networks}\n`

/** From a laptop to an application in a cloud, in the order in which a packet meets them. */
const usual: readonly (readonly [label: string, read: Reader, passage: Passage, text: string])[] = [
  ['laptop', windows, 'output', hostRules('v2.30|Action=Block|Active=TRUE|Dir=Out|Protocol=6|RPort=25|Name=no mail|')],
  ['vpn', wireguard, 'output', tunnel('10.20.0.0/16')],
  ['router', routes, 'forward', 'default via 10.8.0.1 dev wan0\n10.20.0.0/16 dev tun0\n'],
  ['edge', nftables, 'forward', edge(8443)],
  ['cloud', azureNsg, 'input', group('8443')],
  ['app', iptables, 'input', farRules('198.51.100.2/32')],
]

/** The devices, one of them with another text. */
function pathWith(other?: string, text?: string): readonly PathDevice[] {
  return usual.map(([label, read, passage, own]) => {
    const { ruleSets, coverage } = read([{ name: label, text: label === other ? (text ?? own) : own }], { places: {} })
    assert.deepEqual(coverage.unread, [], label)
    return { label, ruleSets, passage }
  })
}

function asked(flow: string) {
  const parsed = parseAskedFlow(flow)
  if ('error' in parsed) assert.fail(parsed.error)
  return parsed.ok
}

const flow = '10.7.0.5 > 10.20.1.4:8443/tcp'

test('what every device lets pass arrives, and each tells its rule and line', () => {
  const { verdict, parts } = judgePath(pathWith(), asked(flow), nothingKnown)
  assert.equal(verdict, 'allow', JSON.stringify(parts.flatMap(({ dependsOn }) => dependsOn)))
  const steps = parts.flatMap(({ decidedBy }) => decidedBy)
  for (const [label] of usual)
    assert.ok(
      steps.some(({ device }) => device === label),
      label,
    )
  assert.ok(steps.some(({ device, rule, does }) => device === 'edge' && rule === 'rule 1' && does === 'translates'))
  assert.ok(steps.some(({ device, rule, span }) => device === 'cloud' && rule === 'own-apps' && span?.line === 1))
})

/** With one device changed: what becomes of it, and where. */
const rows: readonly (readonly [label: string, text: string, verdict: string, what: string])[] = [
  [
    'laptop',
    hostRules('v2.30|Action=Block|Active=TRUE|Dir=Out|Protocol=6|RPort=8443|Name=no 8443|'),
    'deny',
    'a host firewall that blocks it on the way out',
  ],
  ['router', 'default via 10.8.0.1 dev wan0\nblackhole 10.20.0.0/16\n', 'no-path', 'a route that leads nowhere'],
  ['edge', edge(443), 'deny', 'an edge that has another port'],
  ['cloud', group('443'), 'deny', 'a group of the cloud that has another port'],
  ['app', farRules('10.7.0.5/32'), 'deny', 'a far host that waits for the address as it was before translation'],
]

for (const [label, text, expected, what] of rows) {
  test(`the one device of a path that stops a flow is told: ${what}`, () => {
    const { verdict, parts } = judgePath(pathWith(label, text), asked(flow), nothingKnown)
    assert.equal(verdict, expected)
    assert.deepEqual([...new Set(parts.map(({ at }) => at))], [label])
  })
}
