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

/** Files, address, where it leads; `?`: it depends. */
const ways: readonly (readonly [readonly string[], string, string])[] = [
  [['split.ovpn'], '10.1.1.1', 'tunnel split'],
  [['split.ovpn'], '10.9.1.1', 'past the tunnel'],
  [['split.ovpn'], '192.0.2.7', 'tunnel split'],
  [['split.ovpn'], '192.0.2.8', 'past the tunnel'],
  [['split.ovpn'], '2001:db8:20::1', 'tunnel split'],
  [['split.ovpn'], '20.190.128.1', 'past the tunnel'], // inside of <ca> there is no route
  [['full.ovpn'], '192.0.2.7', 'tunnel full'],
  [['full.ovpn'], '20.190.128.1', 'past the tunnel'],
  [['full.ovpn'], '198.51.100.7', 'past the tunnel'],
  [['full.ovpn'], '2603:1006:2000::1', 'past the tunnel'],
  [['full-ipv6.ovpn'], '2603:1006:2000::1', 'tunnel full-ipv6'],
  [['full-ipv6.ovpn'], '198.51.100.7', 'tunnel full-ipv6'], // `local`: the server keeps no way of its own
  [['pulls.ovpn'], '10.1.1.1', '?tunnel pulls'],
  [['odd.ovpn'], '10.1.1.1', '?past the tunnel'],
  [['server.conf'], '40.126.1.1', '?past the tunnel'],
  [['server.conf'], '192.0.2.1', '?tunnel server'],
  [['filtered.ovpn', 'server.conf'], '10.1.1.1', 'tunnel filtered'],
  [['filtered.ovpn', 'server.conf'], '192.0.2.1', 'past the tunnel'],
  [['filtered.ovpn'], '192.0.2.1', '?past the tunnel'],
  [['realistic.ovpn'], '40.126.63.255', 'past the tunnel'],
  [['realistic.ovpn'], '40.126.64.0', 'tunnel realistic'],
  [['realistic.ovpn'], '10.20.1.10', 'tunnel realistic'],
  [['realistic.ovpn'], '2603:1006:2000::1', 'past the tunnel'],
]

for (const [names, address, expected] of ways) {
  test(`${names.join(' and ')}: ${address} leads to ${expected}`, () => {
    const [ruleSet] = read(names.map(fileOf), noHints).ruleSets
    assert.ok(ruleSet !== undefined)
    assert.equal(wayTo(ruleSet, address), expected)
  })
}

test('what is pushed, scripted or only named is told as what it depends on', () => {
  const doubtsOf = (...names: string[]) =>
    read(names.map(fileOf), noHints)
      .ruleSets[0]?.doubts.map(({ what }) => what)
      .join('; ') ?? ''
  assert.match(doubtsOf('pulls.ovpn'), /what the server pushes \(route, route-ipv6, redirect-gateway/)
  assert.match(doubtsOf('filtered.ovpn'), /what the server pushes \(route, route-ipv6, redirect-private/)
  assert.match(doubtsOf('odd.ovpn'), /vpn-net\.example\.com.*script of "up".*2 statements/)
  assert.match(doubtsOf('server.conf'), /bypass-dhcp/)
  for (const name of ['split.ovpn', 'full.ovpn', 'realistic.ovpn']) assert.equal(doubtsOf(name), '', name)
})

test('block-outside-dns and block-ipv6 are rules of what leaves', () => {
  const [ruleSet] = read([fileOf('full-ipv6.ovpn')], noHints).ruleSets
  assert.deepEqual(
    ruleSet?.chains['blocked']?.map(({ name, match }) => [name, match.out?.names]),
    [
      ['block-ipv6', ['tunnel full-ipv6']],
      ['block-outside-dns', ['past the tunnel']],
    ],
  )
})

firewallCases(read, cases, [
  {
    says: 'block-outside-dns drops DNS past the tunnel',
    file: 'realistic.ovpn',
    flow: '10.20.5.21 > 40.126.1.1:53/udp',
    passage: 'output',
    expect: 'drop',
    by: 'block-outside-dns',
  },
  {
    says: 'DNS into the tunnel is let go',
    file: 'realistic.ovpn',
    flow: '10.20.5.21 > 10.20.1.10:53/udp',
    passage: 'output',
    expect: 'allow',
  },
  {
    says: 'block-ipv6 refuses IPv6 in the tunnel',
    file: 'full-ipv6.ovpn',
    flow: '2001:db8::5 > [2603:1006:2000::1]:443/tcp',
    passage: 'output',
    expect: 'reject',
    by: 'block-ipv6',
  },
  {
    says: 'a client that pulls depends on its server',
    file: 'pulls.ovpn',
    flow: '10.20.5.21 > 20.190.128.1:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /what the server pushes/,
  },
])

test('any text is read without a throw, and every statement is accounted for', () => {
  const texts = textsOfParts(
    'client\n',
    'route ',
    '10.0.0.0 255.0.0.0',
    '\n',
    'push "',
    '"',
    '<ca>\n',
    '</ca>\n',
    'redirect-gateway ',
    'def1',
    'pull-filter ',
    'setenv opt ',
    '\\',
  )
  readsAny(read, texts)
  readsMutated(read, cases)
})
