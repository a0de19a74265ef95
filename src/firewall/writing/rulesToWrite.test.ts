import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rangesOf } from '../../../test/ruleSetOf.ts'
import type { Permit, PermitEnd } from '../permit.ts'
import { dutiesOf } from './dutiesOf.ts'
import { ruleComment } from './ruleComment.ts'
import { rulesToWrite } from './rulesToWrite.ts'

const own: PermitEnd = { label: 'dc01', name: 'dc01.corp.example', ranges: rangesOf('10.0.0.5') }
const listed: PermitEnd = {
  label: 'login.example',
  name: 'login.example',
  tag: 'Tag',
  ranges: rangesOf('192.0.2.0/24'),
  asOf: '2026-01-01',
  source: 'A list',
}
const named: PermitEnd = { label: '*.example', name: '*.example', ranges: [] }
const permit = (id: string, to: PermitEnd, over: Partial<Permit> = {}): Permit => ({
  id,
  flows: [id],
  why: `why ${id}`,
  from: { label: 'a', ranges: rangesOf('10.0.0.1') },
  to,
  transport: 'tcp',
  ports: [{ first: 443, last: 443 }],
  request: 'connect',
  necessity: 'required',
  ...over,
})

test('an end is said by the first word that the platform and the permit share; hosts of the site by their addresses', () => {
  const kinds = (says: readonly ('names' | 'tags' | 'prefixes')[]): readonly string[] =>
    rulesToWrite([permit('own', own), permit('listed', listed)], 'forward', { called: 'it', says }).rules.map(
      ({ to }) => to.kind,
    )
  assert.deepEqual(kinds(['names', 'tags', 'prefixes']), ['prefixes', 'names'])
  assert.deepEqual(kinds(['tags', 'prefixes']), ['prefixes', 'tag'])
  assert.deepEqual(kinds(['prefixes']), ['prefixes', 'prefixes'])
})

test('names at the same addresses are one rule, and so are names that one rule can list', () => {
  const same = [permit('one', listed), permit('two', { ...listed, label: 'b', name: 'b.example' })]
  for (const says of [['prefixes'], ['names']] as const) {
    const { rules } = rulesToWrite(same, 'forward', { called: 'it', says })
    assert.deepEqual(
      rules.map(({ permits }) => permits.length),
      [2],
    )
  }
  const apart = [permit('one', listed), permit('two', listed, { ports: [{ first: 80, last: 80 }] })]
  assert.equal(rulesToWrite(apart, 'forward', { called: 'it', says: ['prefixes'] }).rules.length, 2)
})

test('what cannot be said is told for each flow, with what else would do', () => {
  const { rules, notSaid } = rulesToWrite([permit('named', named)], 'forward', { called: 'it', says: ['prefixes'] })
  assert.deepEqual(rules, [])
  assert.deepEqual(
    notSaid.map(({ flow, permit: id, why }) => [flow, id, why]),
    [['named', 'named', 'no list has the addresses of *.example, and it takes no names']],
  )
  assert.match(notSaid[0]?.instead ?? '', /--names FILE/)
})

test('a list has one duty with its date, however many rules have it, and hosts of the site have none', () => {
  const { rules } = rulesToWrite(
    [permit('own', own), permit('one', listed), permit('two', listed, { ports: [{ first: 80, last: 80 }] })],
    'forward',
    { called: 'it', says: ['prefixes'] },
  )
  assert.equal(dutiesOf(rules).length, 1)
  assert.match(dutiesOf(rules)[0] ?? '', /^2 rules have addresses of A list \(as of 2026-01-01\)/)
})

test('a comment has the flows first; of what is too long the reason is cut, then the flows are counted', () => {
  const many = Array.from({ length: 20 }, (_, at) => permit(`flow-number-${at}`, own))
  assert.equal(ruleComment([permit('one', own)], 40), '(one) why one')
  assert.equal(ruleComment([permit('one', own, { phase: 'setup' })], 60), '(one) set-up only: why one')
  const text = ruleComment(many, 100)
  assert.ok(text.length <= 100)
  assert.match(text, /^\(flow-number-0, .* and \d+ more\) /)
})
