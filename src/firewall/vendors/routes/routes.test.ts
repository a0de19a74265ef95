import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { textsOfParts } from '../../../../test/firewall/anyTexts.ts'
import { readsAny, readsMutated } from '../../../../test/firewall/readsAny.ts'
import { wayTo } from '../../../../test/firewall/wayTo.ts'
import { firewallCases } from '../../../../test/firewallCases.ts'
import { read } from './index.ts'

const cases = new URL('cases/', import.meta.url)
const fileOf = (name: string) => ({ name, text: readFileSync(new URL(name, cases), 'utf8') })
const noHints = { places: {} }

/** File, address, where it leads. `?` before it: it depends on something that the files do not settle. */
const ways: readonly (readonly [string, string, string])[] = [
  ['ip-route.txt', '192.0.2.1', 'eth0'], // its own route is dead, the smaller metric decides
  ['ip-route.txt', '10.20.6.9', 'eth1'],
  ['ip-route.txt', '10.9.1.1', 'eth0'],
  ['ip-route.txt', '10.9.8.1', 'eth0|eth1'],
  ['ip-route.txt', '10.66.1.1', 'blackhole'],
  ['ip-route.txt', '10.67.1.1', 'unreachable'],
  ['ip-route.txt', '10.68.1.1', 'prohibit'],
  ['ip-route.txt', '172.17.0.9', 'docker0'],
  ['ip-route.txt', '2001:db8:9::1', 'eth0'],
  ['ip6-tunnel.txt', '2603:1006:2000::1', 'wg0'],
  ['ip6-tunnel.txt', '2001:db8:66::1', 'unreachable'],
  ['ip6-tunnel.txt', '192.0.2.1', 'no route'],
  ['ip-rule.txt', '192.0.2.1', '?eth0'],
  ['table-all.txt', '192.0.2.1', '?eth0'],
  ['throw.txt', '192.0.2.1', '?eth0'],
  ['new-word.txt', '192.0.2.1', '?eth0'],
  ['ip-route.json', '192.0.2.1', 'eth0'],
  ['ip-route.json', '10.40.1.1', 'eth0|eth1'],
  ['ip-route.json', '10.41.1.1', 'eth1'],
  ['ip-route.json', '10.66.1.1', 'blackhole'],
  ['ip-route.json', '10.67.1.1', 'prohibit'],
  ['route-print.txt', '192.0.2.1', '10.20.5.21'],
  ['route-print.txt', '10.9.9.9', '172.16.9.2'],
  ['route-print.txt', '10.20.5.9', '10.20.5.21'],
  ['route-print.txt', '203.0.113.7', '10.20.5.21'],
  ['route-print.txt', '2001:db8::1', 'interface 12'],
  ['route-print-german.txt', '192.0.2.1', '10.20.5.21'],
  ['route-print-german.txt', '10.9.9.9', '172.16.9.2'],
  ['route-print-german.txt', '2001:db8:5:0:1c2d:3e4f:5a6b:7c8d', 'interface 12'],
  ['get-netroute.json', '198.51.100.1', 'Corp VPN'],
  ['get-netroute.json', '20.190.128.1', 'Ethernet0'],
  ['get-netroute.json', '203.0.113.9', 'Corp VPN'], // persistent alone is not in force
  ['get-netroute.json', '192.0.2.9', 'Ethernet0|Corp VPN'], // without the interfaces' metrics
  ['azure-effective.json', '20.190.128.1', 'Internet'],
  ['azure-effective.json', '2603:1006:2000::1', 'Internet'],
  ['azure-effective.json', '198.51.100.1', 'VirtualAppliance'],
  ['azure-effective.json', '10.20.3.4', 'VnetLocal'],
  ['azure-effective.json', '10.77.3.4', 'VirtualAppliance'], // its own route is invalid
  ['azure-effective.json', '10.50.3.4', 'VirtualNetworkGateway'],
  ['azure-effective.json', '192.168.3.4', 'blackhole'],
  ['azure-own-table.json', '198.51.100.1', '?VirtualAppliance'],
  ['netstat-macos.txt', '198.51.99.1', 'en0'],
  ['netstat-macos.txt', '10.1.1.1', 'utun4'],
  ['netstat-macos.txt', '10.20.5.7', 'en0'],
  ['netstat-macos.txt', '198.51.100.7', 'blackhole'],
  ['netstat-macos.txt', '2001:db8:9::1', 'no route'], // the default is for programs that name the interface
  ['netstat-linux.txt', '192.0.2.1', 'eth0'],
  ['netstat-linux.txt', '10.66.2.1', 'unreachable'],
  ['realistic.txt', '20.190.128.1', 'eth1'],
  ['realistic.txt', '40.126.63.255', 'eth1'],
  ['realistic.txt', '40.126.64.0', 'eth0'],
  ['realistic.txt', '10.30.1.1', 'wg0'],
  ['realistic.txt', '10.30.9.1', 'eth0'],
  ['realistic.txt', '172.16.0.1', 'eth0|eth1'],
  ['realistic.txt', '100.64.0.1', 'blackhole'],
  ['realistic.txt', '2603:1006:2000::5', 'eth1'],
]

for (const [name, address, expected] of ways) {
  test(`${name}: ${address} leads to ${expected}`, () => {
    const { ruleSets } = read([fileOf(name)], noHints)
    const [ruleSet] = ruleSets
    assert.ok(ruleSet !== undefined)
    assert.equal(wayTo(ruleSet, address), expected)
  })
}

test('what a route, a rule or a table leaves open is said', () => {
  const doubtsOf = (name: string) =>
    read([fileOf(name)], noHints)
      .ruleSets[0]?.doubts.map(({ what }) => what)
      .join('; ') ?? ''
  assert.match(doubtsOf('ip-rule.txt'), /the policy rule "100: from 10\.20\.6\.0\/24 lookup 100"/)
  assert.match(doubtsOf('table-all.txt'), /which packets look into the routing table 100/)
  assert.match(doubtsOf('throw.txt'), /line 2 \(routes of the type throw are not followed\)/)
  assert.match(doubtsOf('new-word.txt'), /line 2 \("encap" in a route is not known\)/)
  assert.match(doubtsOf('azure-own-table.json'), /service tag AzureActiveDirectory.*|does not list/)
})

test('files that only have routes are understood whole', () => {
  for (const name of [
    'ip-route.txt',
    'ip-route.json',
    'route-print.txt',
    'route-print-german.txt',
    'get-netroute.json',
    'azure-effective.json',
    'netstat-macos.txt',
    'netstat-linux.txt',
    'realistic.txt',
  ]) {
    assert.deepEqual(read([fileOf(name)], noHints).coverage.unread, [], name)
  }
})

firewallCases(read, cases, [
  {
    says: 'a blackhole, an unreachable and a prohibited network have no path',
    file: 'ip-route.txt',
    flow: '10.20.5.21 > 10.66.1.1:443/tcp',
    passage: 'output',
    expect: 'no-path',
    line: 9,
  },
  {
    says: 'a network with a route has a path',
    file: 'ip-route.txt',
    flow: '10.20.5.21 > 20.190.128.1:443/tcp',
    passage: 'output',
    expect: 'allow',
  },
  {
    says: 'a table without a route to the family has no path for it',
    file: 'netstat-macos.txt',
    flow: '2001:db8:5::1 > [2603:1006:2000::1]:443/tcp',
    passage: 'output',
    expect: 'no-path',
  },
  {
    says: 'with a policy rule the way depends on it',
    file: 'ip-rule.txt',
    flow: '10.20.5.21 > 20.190.128.1:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /policy rule "100:/,
  },
  {
    says: 'None in Azure is no path',
    file: 'azure-effective.json',
    flow: '10.20.3.4 > 192.168.1.1:443/tcp',
    passage: 'output',
    expect: 'no-path',
  },
  {
    says: 'a service tag that nobody resolves leaves the next hop open',
    file: 'azure-own-table.json',
    flow: '10.20.3.4 > 20.190.128.1:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /AzureActiveDirectory/,
  },
])

test('any text is read without a throw, and every statement is accounted for', () => {
  const texts = textsOfParts(
    'default via 10.0.0.1 dev eth0\n',
    '0.0.0.0 0.0.0.0 10.0.0.1 10.0.0.2 5\n',
    'Destination Gateway Flags Netif\n',
    'default link#1 UGI en0\n',
    '\tnexthop via ',
    '::/0 ',
    '[{"dst":"default"',
    ',"dev":"a"}]',
    '====================\n',
    ' ',
    '\n',
  )
  readsAny(read, texts)
  readsMutated(read, cases)
})
