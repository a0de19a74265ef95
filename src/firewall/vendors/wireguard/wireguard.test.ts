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

/** File, address, where it leads; `?`: it depends. */
const ways: readonly (readonly [string, string, string])[] = [
  ['split.conf', '10.1.1.1', 'tunnel split'],
  ['split.conf', '10.9.1.1', 'tunnel split'],
  ['split.conf', '10.8.0.9', 'tunnel split'],
  ['split.conf', 'fd00:8::9', 'tunnel split'],
  ['split.conf', '20.190.128.1', 'past the tunnel'],
  ['full-ipv4.conf', '20.190.128.1', 'tunnel full-ipv4'],
  ['full-ipv4.conf', '2603:1006:2000::1', 'past the tunnel'],
  ['table-off.conf', '10.1.1.1', '?no route'],
  ['post-up.conf', '20.190.128.1', '?past the tunnel'],
  ['wg0.dump', '10.1.1.1', '?no route'],
  ['show.txt', '10.1.1.1', '?no route'],
  ['realistic.conf', '10.24.1.1', 'tunnel realistic'],
  ['realistic.conf', '2001:db8:24::1', 'tunnel realistic'],
  ['realistic.conf', '10.29.1.1', 'past the tunnel'],
  ['realistic.conf', '40.126.1.1', 'past the tunnel'],
]

for (const [name, address, expected] of ways) {
  test(`${name}: ${address} leads to ${expected}`, () => {
    const [ruleSet] = read([fileOf(name)], noHints).ruleSets
    assert.ok(ruleSet !== undefined)
    assert.equal(wayTo(ruleSet, address), expected)
  })
}

test('a prefix of two peers is of the last, and the longest prefix tells the peer', () => {
  const routes = read([fileOf('split.conf')], noHints).ruleSets[0]?.routes ?? []
  const via = (first: bigint) =>
    routes.filter(({ to }) => to.first === first && to.family === 4).map((route) => route.via)
  assert.deepEqual(via(0xc0000200n), ['peer 198.51.100.7:51820'])
  assert.deepEqual(via(0x0a000000n), ['peer vpn.example.com:51820'])
})

test('the tunnel takes only what AllowedIPs has, both ways', () => {
  for (const name of ['split.conf', 'wg0.dump', 'show.txt']) {
    const [ruleSet] = read([fileOf(name)], noHints).ruleSets
    for (const chain of ['to the tunnel', 'from the tunnel']) {
      const rules = ruleSet?.chains[chain] ?? []
      assert.deepEqual(
        rules.map(({ action }) => action.kind),
        ['allow', chain === 'to the tunnel' ? 'reject' : 'drop'],
      )
      const set = rules[0]?.match[chain === 'to the tunnel' ? 'destination' : 'source']
      assert.equal(set?.sure[0]?.first, 0x0a000000n)
    }
  }
})

test('a command that may change routes is told, and a key is never quoted', () => {
  const { ruleSets, coverage } = read([fileOf('post-up.conf')], noHints)
  assert.match(ruleSets[0]?.doubts[0]?.what ?? '', /what PostUp does in line 4: ip route add/)
  assert.deepEqual(
    coverage.unread.map(({ span, why }) => [span.line, why]),
    [
      [5, 'the key "privatekye" is not known'],
      [8, '"10.300.0.0/16" is no address or prefix'],
    ],
  )
  assert.doesNotMatch(JSON.stringify(coverage), /AAAAAAAA/)
  for (const name of ['split.conf', 'realistic.conf', 'wg0.dump', 'show.txt']) {
    const reading = read([fileOf(name)], noHints)
    assert.deepEqual(reading.coverage.unread, [])
    assert.doesNotMatch(
      JSON.stringify(reading, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
      /A{20}/,
    )
  }
})

firewallCases(read, cases, [
  {
    says: 'what a peer has is let into the tunnel',
    file: 'split.conf',
    flow: '10.8.0.2 > 10.1.1.1:443/tcp',
    passage: 'output',
    expect: 'allow',
    by: 'AllowedIPs of split',
  },
  {
    says: 'what the network of the tunnel has and no peer is refused',
    file: 'split.conf',
    flow: 'fd00:8::2 > [fd00:8::9]:443/tcp',
    passage: 'output',
    expect: 'reject',
    by: 'no peer of split has the address',
  },
  {
    says: 'what goes past the tunnel is not asked of its peers',
    file: 'split.conf',
    flow: '10.20.5.21 > 20.190.128.1:443/tcp',
    passage: 'output',
    expect: 'allow',
  },
  {
    says: 'what arrives by the tunnel from an address of no peer is dropped',
    file: 'split.conf',
    flow: '172.16.0.9 > 10.8.0.2:443/tcp',
    passage: 'input',
    in: 'tunnel split',
    expect: 'drop',
    by: 'no peer of split has the address',
  },
  {
    says: 'with Table = off the way depends on other routes',
    file: 'table-off.conf',
    flow: '10.8.0.2 > 20.190.128.1:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /Table = off/,
  },
])

test('any text is read without a throw, and every statement is accounted for', () => {
  const texts = textsOfParts(
    '[Interface]\n',
    '[Peer]\n',
    'AllowedIPs = ',
    '10.0.0.0/8',
    ',',
    '\n',
    'Address=',
    'Table = off\n',
    '\t',
    'peer: a\n',
    'PostUp = ',
  )
  readsAny(read, texts)
  readsMutated(read, cases)
})
