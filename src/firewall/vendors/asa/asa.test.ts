import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { textsOfLines } from '../../../../test/firewall/anyTexts.ts'
import { readsAny } from '../../../../test/firewall/readsAny.ts'
import type { FirewallCase } from '../../../../test/firewallCases.ts'
import { firewallCases, judgeCase } from '../../../../test/firewallCases.ts'
import { formatAddress } from '../../../model/cidr.ts'
import { judge } from '../../judge.ts'
import { parseAskedFlow } from '../../parseAskedFlow.ts'
import { read } from './index.ts'

const folder = new URL('./cases/', import.meta.url)
const row = (
  file: FirewallCase['file'],
  flow: string,
  expect: FirewallCase['expect'],
  says: string,
  more: Partial<FirewallCase> = {},
): FirewallCase => ({ file, flow, expect, says, ...more })

const cases: readonly FirewallCase[] = [
  row('realistic.cfg', '10.1.0.10 > 20.190.128.1:443', 'allow', 'groups of objects, networks and ports', {
    by: 'inside_in line 1',
    line: 61,
  }),
  row('realistic.cfg', '10.1.0.11 > 40.126.9.9:80', 'allow', 'a range in a group, and a port by its name'),
  row('realistic.cfg', '10.1.0.11 > 20.190.128.1:5671', 'drop', 'what no line permits', { by: 'inside_in line 7' }),
  row(
    'realistic.cfg',
    '10.1.0.12 > 20.190.128.1:5671',
    'allow',
    'a group of services brings protocol and ports, a name stands for an address',
  ),
  row('realistic.cfg', '10.1.0.13 > login.microsoftonline.com:443', 'allow', 'an object of a name passes that name'),
  row('realistic.cfg', '10.1.0.13 > 20.190.128.1:443', 'may', 'by address it depends on what was resolved', {
    dependsOn: /login\.microsoftonline\.com/,
  }),
  row('realistic.cfg', '10.1.0.14 > 192.0.2.1:8443', 'may', 'a time range is a matter of time', {
    dependsOn: /time-range office/,
  }),
  row('realistic.cfg', '10.1.0.14 > 192.0.2.1:8080', 'drop', 'a line that is inactive does nothing', {
    by: 'inside_in line 7',
  }),
  row('realistic.cfg', '10.1.0.14 > 192.0.2.1/icmp', 'allow', 'a type of ICMP by its word'),
  row('realistic.cfg', '2001:db8:1::9 > [2603:1006:2000::1]:443', 'drop', 'IPv6 in the same list'),
  row('realistic.cfg', '192.0.9.1 > 198.51.100.11:443', 'allow', 'lists have real addresses, and objects are mapped', {
    becomes: '192.168.50.11',
  }),
  row('realistic.cfg', '192.0.9.1 > 198.51.100.11:80', 'drop', 'whatever no line of the outer list permits', {
    by: 'implicit deny',
  }),
  row('realistic.cfg', '192.0.9.1 > 198.51.100.30:443', 'allow', 'a mapped port', { becomes: '192.168.50.30:8443' }),
  row('levels.cfg', '10.1.0.9 > 192.0.2.1:443', 'allow', 'without lists, more trusted may go to less', {
    by: 'security level 100 to 0',
  }),
  row('levels.cfg', '192.0.9.1 > 10.1.0.9:443', 'drop', 'and not the other way', { by: 'security level 0 to 100' }),
  row('levels.cfg', '10.1.0.9 > 10.3.0.9:443', 'drop', 'nor between those that are trusted alike'),
  row('same-security.cfg', '10.1.0.9 > 10.3.0.9:443', 'allow', 'unless that is permitted'),
  row(
    'global-list.cfg',
    '10.1.0.9 > 192.0.2.1:443',
    'allow',
    'after the list of the interface the global one is asked',
    {
      by: 'all line 1',
    },
  ),
  row('global-list.cfg', '10.1.0.9 > 192.0.2.1:445', 'drop', 'which comes second', { by: 'first line 1' }),
  row('global-list.cfg', '10.1.0.9 > 192.0.2.1:80', 'drop', 'and ends with a denial', { by: 'implicit deny' }),
  row('global-list.cfg', '10.1.0.66 > 192.0.2.1:443', 'drop', 'the list of the interface that it leaves by', {
    by: 'leaving line 1',
  }),
  row('twice-nat.cfg', '10.1.0.10 > 10.9.9.5:443', 'allow', 'a destination is translated with its source', {
    becomes: '192.0.2.5',
  }),
  row('twice-nat.cfg', '192.0.2.5 > 198.51.100.10:443', 'allow', 'and back for whom the line names', {
    becomes: '10.1.0.10',
  }),
  row('twice-nat.cfg', '192.0.2.77 > 198.51.100.10:443', 'drop', 'but for nobody else', { in: 'outside' }),
  row('trouble.cfg', '10.1.0.10 > 192.0.2.1:443', 'allow', 'groups that hold each other end, and their members count'),
  row('trouble.cfg', '10.1.0.10 > 192.0.2.1:445', 'unknown-ref', 'a group that is not there', { dependsOn: /NOWHERE/ }),
  row('trouble.cfg', '10.1.0.10 > 192.0.2.1:750', 'allow', 'the word kerberos is 750 here'),
  row('trouble.cfg', '10.1.0.10 > 192.0.2.1:88', 'drop', 'and not 88'),
  row('trouble.cfg', '10.1.0.20 > 192.0.2.1:9999', 'may', 'a line that is not understood may permit it', {
    dependsOn: /nosuchport/,
  }),
  row('trouble.cfg', '10.1.0.30 > 192.0.2.1:443', 'may', 'a line for a user', { dependsOn: /anna/ }),
  row('list-missing.cfg', '10.1.0.30 > 192.0.2.1:443', 'unknown-ref', 'a list that is bound and not there', {
    dependsOn: /elsewhere/,
  }),
  row(
    'unknown-command.cfg',
    '10.1.0.30 > 192.0.2.1:443',
    'may',
    'a command that is not known makes everything doubtful',
    {
      dependsOn: /frobnicate/,
    },
  ),
  row('realistic.cfg', '10.1.0.9 > 10.1.0.1:22', 'may', 'the device itself is not judged', { passage: 'input' }),
  row('policy-route.cfg', '10.1.0.10 > 192.0.2.1:443', 'may', 'a route map may lead elsewhere than the routes', {
    dependsOn: /route-map by-the-line/,
  }),
  row(
    'nat-order.cfg',
    '10.1.0.9 > 192.0.2.1:53/udp',
    'allow',
    'a group of ports for both protocols, and one of protocols',
  ),
  row('nat-order.cfg', '10.1.0.9 > 192.0.2.1:53/tcp', 'allow', 'which is for either'),
  row('nat-order.cfg', '10.1.0.9 > 192.0.2.1:80', 'drop', 'with a list more trusted may not go to less by itself', {
    by: 'implicit deny',
  }),
  row(
    'nat-order.cfg',
    '192.0.2.1 > 198.51.100.70:443',
    'drop',
    'a static translation leads in, to where no level lets it',
    {
      in: 'outside',
      by: 'security level 0 to 100',
    },
  ),
]

firewallCases(read, folder, cases)

const sources: readonly (readonly [file: string, from: string, to: string, leaves: string])[] = [
  ['realistic.cfg', '10.1.0.10', '20.190.128.1', '198.51.100.10'],
  ['realistic.cfg', '10.1.0.11', '20.190.128.1', '198.51.100.2'],
  ['twice-nat.cfg', '10.1.0.9', '192.0.2.5', '10.1.0.9'],
  ['twice-nat.cfg', '10.1.0.9', '192.0.2.6', '198.51.100.2'],
  // The manual section comes first; of objects static before dynamic, fewest addresses, lowest address, name.
  ['nat-order.cfg', '10.1.0.71', '192.0.2.1', '198.51.100.71'],
  ['nat-order.cfg', '10.1.0.70', '192.0.2.1', '198.51.100.70'],
  ['nat-order.cfg', '10.1.0.40', '192.0.2.1', '198.51.100.13'],
  ['nat-order.cfg', '10.1.0.80', '192.0.2.1', '198.51.100.14'],
  ['nat-order.cfg', '10.1.0.100', '192.0.2.1', '198.51.100.11'],
  ['nat-order.cfg', '10.1.0.200', '192.0.2.1', '198.51.100.10'],
  ['nat-order.cfg', '10.1.9.9', '192.0.2.1', '198.51.100.99'],
]

for (const [file, from, to, leaves] of sources) {
  test(`${file}: ${from} goes to ${to} as ${leaves}`, () => {
    const [part] = judgeCase(read, folder, row(file, `${from} > ${to}:443`, 'allow', '')).parts
    const [source] = part?.becomes?.source ?? part?.source ?? []
    assert.equal(source === undefined ? '' : formatAddress({ family: source.family, value: source.first }), leaves)
  })
}

test('every statement of the realistic file is understood', () => {
  const text = readFileSync(new URL('realistic.cfg', folder), 'utf8')
  assert.deepEqual(read([{ name: 'edge.cfg', text }], { places: {} }).coverage.unread, [])
})

test('any text is read to its end, and every statement is accounted for', () => {
  const names = ['realistic.cfg', 'twice-nat.cfg', 'trouble.cfg']
  readsAny(read, textsOfLines(names.map((name) => readFileSync(new URL(name, folder), 'utf8'))))
})

test('thousands of interfaces make rules by their levels, not by their pairs', () => {
  const blocks = Array.from(
    { length: 2000 },
    (_, at) => `interface Vlan${at}\n nameif net${at}\n security-level ${at % 3}\n`,
  )
  for (const permit of ['', 'same-security-traffic permit intra-interface\n']) {
    const { ruleSets, coverage } = read([{ name: 'a', text: permit + blocks.join('') }], { places: {} })
    const rules = Object.values(ruleSets[0]?.chains ?? {}).flat()
    assert.ok(rules.length > 0 && rules.length < 3000, `${rules.length} rules`)
    assert.deepEqual(coverage.unread, [])
  }
})

test('with leave to go back by the same interface, an equal level still needs leave of its own', () => {
  const text = `same-security-traffic permit intra-interface
interface Vlan1
 nameif one
 security-level 50
 ip address 10.1.0.1 255.255.255.0
interface Vlan2
 nameif two
 security-level 50
 ip address 10.2.0.1 255.255.255.0
`
  const { ruleSets } = read([{ name: 'a', text }], { places: {} })
  const [ruleSet] = ruleSets
  if (ruleSet === undefined) assert.fail()
  const verdictOf = (flow: string): string => {
    const asked = parseAskedFlow(flow)
    if ('error' in asked) assert.fail(asked.error)
    return judge(ruleSet, asked.ok, 'forward', { tag: () => undefined, name: () => undefined }).verdict
  }
  assert.equal(verdictOf('10.1.0.10 > 10.1.0.11:443'), 'allow')
  assert.equal(verdictOf('10.1.0.10 > 10.2.0.11:443'), 'deny')
})

test('an object of many lines is made once, however many lines name it', () => {
  const object = `object network many\n${' host 10.0.0.1\n'.repeat(20)}`.repeat(20)
  const nat = 'nat (inside,outside) source static many many\n'.repeat(50)
  const { ruleSets } = read([{ name: 'a', text: `${object}${nat}` }], { places: {} })
  const rules = Object.values(ruleSets[0]?.chains ?? {}).flat()
  const sources = rules.flatMap(({ match }) => match.source ?? [])
  assert.ok(sources.length >= 50)
  assert.equal(new Set(sources).size, 1)
})
