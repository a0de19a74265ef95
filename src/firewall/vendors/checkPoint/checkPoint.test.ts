import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { splicedTexts } from '../../../../test/firewall/anyTexts.ts'
import { readsAny } from '../../../../test/firewall/readsAny.ts'
import type { FirewallCase } from '../../../../test/firewallCases.ts'
import { firewallCases, nothingKnown } from '../../../../test/firewallCases.ts'
import { judge } from '../../judge.ts'
import type { Judged } from '../../judged.ts'
import { parseAskedFlow } from '../../parseAskedFlow.ts'
import { read } from './index.ts'

const folder = new URL('./cases/', import.meta.url)
const all = ['realistic.json', 'inner.json', 'nat.json']
const row = (
  flow: string,
  expect: FirewallCase['expect'],
  says: string,
  more: Partial<FirewallCase> = {},
): FirewallCase => ({ file: all, flow, expect, says, ...more })

const cases: readonly FirewallCase[] = [
  row('10.1.0.10 > 20.190.128.1:443', 'allow', 'groups of objects and of services', { by: '1 sync to Entra' }),
  row('10.1.0.12 > 40.126.9.9:80', 'allow', 'groups that hold each other end, and a range of addresses'),
  row('10.1.0.50 > 20.190.128.1:22', 'drop', 'a rule that is off is none', { by: '10 cleanup' }),
  row('10.1.0.50 > login.microsoftonline.com:443', 'allow', 'a domain passes the names below it', { by: '2 by name' }),
  row('10.1.0.50 > 192.0.2.1:443', 'may', 'by address it depends on what they resolve to', {
    dependsOn: /microsoftonline/,
  }),
  row('10.1.0.50 > 192.0.2.1:8443', 'may', 'an updatable object depends on its content', { dependsOn: /Azure AD/ }),
  row('10.1.0.50 > 192.0.2.1:53/udp', 'may', 'a time is a matter of time', { dependsOn: /office/ }),
  row('10.1.0.50 > 192.0.2.1:9999', 'may', 'an access role is a matter of who it is', { dependsOn: /Finance/ }),
  row('10.1.0.50 > 192.0.2.1:80', 'may', 'a rule for another gateway may be for this one', { dependsOn: /branch-gw/ }),
  row('10.1.0.50 > 192.0.2.1/icmp', 'drop', 'a negated source leaves it out'),
  row('192.0.9.1 > 192.0.2.1/icmp', 'allow', 'and takes all others'),
  row('192.0.9.1 > 198.51.100.11:443', 'allow', 'an inner layer decides, by the address as it came', {
    by: '2 rest',
    becomes: '192.168.50.11',
  }),
  row('198.51.100.77 > 198.51.100.11:443', 'reject', 'and may reject', { by: '1 no branch' }),
  row('192.0.9.1 > 198.51.100.11:443', 'unknown-ref', 'without the file of its layer a rule leads nowhere', {
    file: ['realistic.json', 'nat.json'],
    dependsOn: /L2/,
  }),
  row('10.1.0.10 > 20.190.128.1:443', 'may', 'a page of the rulebase is not the whole', {
    file: 'first-page.json',
    dependsOn: /rules 11 to 40/,
  }),
]

firewallCases(read, folder, cases)

test('every statement of the realistic files is understood', () => {
  const files = all.map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }))
  assert.deepEqual(read(files, { places: {} }).coverage.unread, [])
})

test('a file without a rulebase says what to export', () => {
  const { ruleSets, coverage } = read([{ name: 'a', text: '{"objects": []}' }], { places: {} })
  assert.equal(ruleSets.length, 0)
  assert.match(coverage.unread[0]?.why ?? '', /show access-rulebase/)
})

test('any JSON and any text is read to its end, and every statement is accounted for', () => {
  const text = readFileSync(new URL('realistic.json', folder), 'utf8')
  const damaged = splicedTexts([text], 120)
  const strange = fc
    .json()
    .map((json) => `{"rulebase": [{"type": "access-rule", "source": ${json}, "action": ${json}}]}`)
  readsAny(read, fc.oneof(fc.string(), fc.json(), damaged, strange))
})

/** A rulebase of the management API with what it says of itself, and the objects that rules need. */
const rulebase = (uid: string, more: object): string =>
  JSON.stringify({
    uid,
    name: uid,
    'objects-dictionary': [
      { uid: 'any', name: 'Any', type: 'CpmiAnyObject' },
      { uid: 'yes', name: 'Accept', type: 'RulebaseAction' },
      { uid: 'no', name: 'Drop', type: 'RulebaseAction' },
      { uid: 'inner', name: 'Inner Layer', type: 'Global' },
      { uid: 'https', name: 'https', type: 'service-tcp', port: '443' },
    ],
    ...more,
  })
const accessRule = (number: number, action: string, more: object = {}): object => ({
  type: 'access-rule',
  uid: `rule ${number}`,
  'rule-number': number,
  source: ['any'],
  destination: ['any'],
  service: ['any'],
  action,
  ...more,
})

/** The answer to HTTPS from a place inside. */
function answerOf(...texts: readonly string[]): Judged {
  const [ruleSet] = read(
    texts.map((text, at) => ({ name: `${at}.json`, text })),
    { places: {} },
  ).ruleSets
  const asked = parseAskedFlow('10.1.0.10 > 192.0.2.1:443')
  if (ruleSet === undefined || 'error' in asked) assert.fail()
  return judge(ruleSet, asked.ok, 'forward', nothingKnown)
}

test('pages of one rulebase are one, in the order of their rules and not of the files', () => {
  const first = rulebase('L', { from: 1, to: 1, total: 2, rulebase: [accessRule(1, 'yes', { service: ['https'] })] })
  const second = rulebase('L', { from: 2, to: 2, total: 2, rulebase: [accessRule(2, 'no')] })
  for (const pages of [
    [first, second],
    [second, first],
  ]) {
    const { verdict, parts } = answerOf(...pages)
    assert.equal(verdict, 'allow')
    assert.deepEqual(
      parts[0]?.decidedBy.map(({ rule }) => rule),
      ['rule 1'],
    )
  }
})

test('the last page of a rulebase alone is not the whole', () => {
  const { verdict, parts } = answerOf(rulebase('L', { from: 2, to: 2, total: 2, rulebase: [accessRule(2, 'yes')] }))
  assert.equal(verdict, 'may')
  assert.match(parts[0]?.dependsOn[0]?.what ?? '', /rule 1, which is not in the export/)
})

test('an inner layer that is named with all its details is asked by its rule alone', () => {
  const outer = rulebase('L', {
    rulebase: [
      accessRule(1, 'yes', { service: ['https'] }),
      accessRule(2, 'inner', { 'inline-layer': { uid: 'M', name: 'M' } }),
    ],
  })
  assert.equal(answerOf(outer, rulebase('M', { rulebase: [accessRule(1, 'no')] })).verdict, 'allow')
})

test('a rulebase of translations without a rule denies nothing', () => {
  const access = rulebase('L', { rulebase: [accessRule(1, 'yes')] })
  const sections = [{ type: 'nat-section', uid: 's', name: 'Automatic Generated Rules', rulebase: [] }]
  assert.equal(answerOf(access, rulebase('N', { rulebase: sections })).verdict, 'allow')
})
