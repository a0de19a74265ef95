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
const policyOf = (file: string, name: string) => {
  const ruleSet = read([fileOf(file)], noHints).ruleSets.find((each) => each.name === name)
  assert.ok(ruleSet !== undefined, `${file} has no ${name}`)
  return ruleSet
}

/** File, group policy, address, where it leads; `?`: it depends. */
const ways: readonly (readonly [string, string, string, string])[] = [
  ['include.txt', 'STAFF', '10.1.9.9', 'tunnel STAFF'], // a name, and settings of DfltGrpPolicy
  ['include.txt', 'STAFF', '192.0.2.7', 'tunnel STAFF'],
  ['include.txt', 'STAFF', '20.190.128.1', 'past the tunnel'],
  ['include.txt', 'STAFF', '2001:db8:99::1', 'tunnel STAFF'], // IPv6 has a policy of its own
  ['include.txt', 'ADMINS', '10.40.1.1', '?tunnel ADMINS'], // a group is within itself
  ['include.txt', 'ADMINS', '10.30.0.5', '?tunnel ADMINS'],
  ['include.txt', 'ADMINS', '10.50.0.5', '?past the tunnel'],
  ['include.txt', 'ADMINS', '2001:db8:20::5', '?tunnel ADMINS'],
  ['exclude.txt', 'CONNECT', '20.190.128.1', 'past the tunnel'],
  ['exclude.txt', 'CONNECT', '192.0.2.1', 'tunnel CONNECT'],
  ['all.txt', 'FULL', '20.190.128.1', 'tunnel FULL'],
  ['all.txt', 'FULL', '2603:1006:2000::1', 'tunnel FULL'],
  ['doubtful.txt', 'LAN', '192.168.1.1', '?tunnel LAN'],
  ['doubtful.txt', 'MISSING', '192.168.1.1', '?past the tunnel'],
  ['doubtful.txt', 'NAMED', '192.168.1.1', '?past the tunnel'],
  ['route-details.txt', 'route-details.txt', '20.190.128.1', 'past the tunnel'],
  ['route-details.txt', 'route-details.txt', '192.0.2.1', 'tunnel client'],
  ['route-details.txt', 'route-details.txt', '2603:1006:2000::1', 'past the tunnel'],
  ['realistic.txt', 'GP-STAFF', '10.60.1.1', 'tunnel GP-STAFF'],
  ['realistic.txt', 'GP-STAFF', '2001:db8:21::1', 'tunnel GP-STAFF'],
  ['realistic.txt', 'GP-STAFF', '40.126.1.1', 'past the tunnel'],
  ['realistic.txt', 'GP-ADMIN', '40.126.1.1', 'past the tunnel'],
  ['realistic.txt', 'GP-ADMIN', '192.0.2.1', 'tunnel GP-ADMIN'],
]

for (const [file, policy, address, expected] of ways) {
  test(`${file}, ${policy}: ${address} leads to ${expected}`, () => {
    assert.equal(wayTo(policyOf(file, policy), address), expected)
  })
}

test('names that are led past the tunnel are a rule that may match, and none for other names', () => {
  const rules = policyOf('exclude.txt', 'CONNECT').chains['client'] ?? []
  assert.deepEqual(
    rules.map(({ name, match }) => [name, match.requestedNames?.map((pattern) => `${pattern.covers} ${pattern.name}`)]),
    [
      [
        'dynamic-split-exclude-domains microsoft',
        ['at-or-below login.microsoftonline.com', 'at-or-below msappproxy.net', 'at-or-below servicebus.windows.net'],
      ],
      ['client-bypass-protocol', undefined],
    ],
  )
  assert.match(rules[1]?.unknowns[0]?.what ?? '', /goes past the tunnel/)
})

test('what a list, a filter or a local network leaves open is said', () => {
  const told = (file: string, name: string) => {
    const { doubts, chains } = policyOf(file, name)
    return [...doubts, ...(chains['client'] ?? []).flatMap(({ unknowns }) => unknowns)]
      .map(({ what }) => what)
      .join('; ')
  }
  assert.match(told('include.txt', 'ADMINS'), /object-group SERVERS, which is within itself/)
  assert.match(told('all.txt', 'FULL'), /the access list RESTRICT that vpn-filter holds/)
  assert.match(told('doubtful.txt', 'LAN'), /line 2 of the access list LOCAL.*local to the client/)
  assert.match(told('doubtful.txt', 'MISSING'), /the access list NOWHERE, which is not in the files/)
  assert.match(told('doubtful.txt', 'NAMED'), /the addresses of app\.example\.com/)
  assert.equal(told('realistic.txt', 'GP-STAFF'), '')
})

firewallCases(read, cases, [
  {
    says: 'a name that is led past the tunnel depends on what the client resolved',
    file: 'exclude.txt',
    ruleSet: 'CONNECT',
    flow: '10.20.5.21 > eu.login.microsoftonline.com:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /dynamic-split-exclude-domains/,
  },
  {
    says: 'another name does not',
    file: 'exclude.txt',
    ruleSet: 'CONNECT',
    flow: '10.20.5.21 > 192.0.2.1:443/tcp',
    name: 'app.corp.example',
    passage: 'output',
    expect: 'allow',
  },
  {
    says: 'a filter of the policy holds for what goes into the tunnel',
    file: 'all.txt',
    ruleSet: 'FULL',
    flow: '10.20.5.21 > 192.0.2.1:443/tcp',
    passage: 'output',
    expect: 'may',
    dependsOn: /RESTRICT/,
  },
  {
    says: 'IPv6 without addresses for the client depends on what it is given',
    file: 'exclude.txt',
    ruleSet: 'CONNECT',
    flow: '2001:db8::5 > [2603:1006:2000::1]:443/tcp',
    name: 'app.corp.example',
    passage: 'output',
    expect: 'may',
    dependsOn: /given an IPv6 address/,
  },
])

test('any text is read without a throw, and every statement is accounted for', () => {
  const texts = textsOfParts(
    'group-policy A attributes\n',
    ' split-tunnel-policy tunnelspecified\n',
    ' split-tunnel-network-list value L\n',
    'access-list L standard permit ',
    'host 10.0.0.1',
    '\n',
    'object network O\n',
    'object-group network G\n',
    ' group-object G\n',
    'access-list L extended permit ip object-group G any\n',
    'Secured Routes\n',
    '0.0.0.0/0',
  )
  readsAny(read, texts)
  readsMutated(read, cases)
})

test('groups within groups without end are told and not followed', () => {
  const text = Array.from({ length: 100_000 }, (_, at) => `object-group network G${at}\n group-object G${at + 1}`).join(
    '\n',
  )
  const { ruleSets } = read(
    [
      {
        name: 'a',
        text: `${text}\naccess-list L extended permit ip object-group G0 any\ngroup-policy P attributes\n split-tunnel-policy tunnelspecified\n split-tunnel-network-list value L\n`,
      },
    ],
    noHints,
  )
  assert.match(ruleSets[0]?.doubts.map(({ what }) => what).join() ?? '', /nested more than 64 deep/)
})
