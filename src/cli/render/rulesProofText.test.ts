import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RulesProof, RulesReport } from '../../model/rulesReport.ts'
import type { Page } from './page.ts'
import { rulesProofText, rulesTable } from './rulesProofText.ts'

const proof: RulesProof = {
  statements: 12,
  understood: 12,
  asked: 3,
  allowed: 2,
  notSaid: 2,
  notAllowed: [{ permit: 'a', flows: ['t1-dns'], necessity: 'required', verdict: 'deny', why: 'by rule 4' }],
  denials: 1,
  notClosed: [],
  beyond: [
    { what: '10.0.0.1 to 192.0.2.7, tcp 26', by: 'rule 3' },
    { what: '10.0.0.1 to 192.0.2.0/24, tcp 443', by: 'rule 5', because: 'the service tag Tag stands for them as well' },
  ],
}
const report: RulesReport = {
  postern: '1.0.0',
  kind: 'rules',
  site: 'hq',
  vendor: 'nftables',
  on: '2026-11-22',
  files: [{ name: 'hq.nft', text: '' }],
  notSaid: ['x.test', 'y.test'].map((name) => ({
    flow: `flow-${name[0] ?? ''}`,
    permit: name,
    name,
    why: `no list has the addresses of ${name}`,
    instead: 'ask a proxy',
  })),
  duties: ['Fetch the list'],
  proof,
}
const page: Page = { colour: false, width: Number.POSITIVE_INFINITY, long: false }

test('the proof comes first, then what is wrong, then what nobody can say, then the duties', () => {
  assert.deepEqual(
    rulesProofText(report, page)
      .trimEnd()
      .split('\n')
      .map((line) => line.trim()),
    [
      'nftables: read back, 12 of 12 statements understood; 2 of 3 openings allowed, 2 more without a rule, 1 of 1 denials closed, 2 parts allowed beyond, 1 of them for no reason',
      '- not allowed (deny): t1-dns: by rule 4',
      '- beyond: 10.0.0.1 to 192.0.2.7, tcp 26 (by rule 3)',
      '- beyond: 1 part, since the service tag Tag stands for them as well',
      '- no rule is written: flow-x, flow-y: no list has the addresses of x.test, y.test; ask a proxy',
      '* Fetch the list',
    ],
  )
})

test('of many lines of a kind some are shown, and --long shows all', () => {
  const beyond = Array.from({ length: 30 }, (_, at) => ({ what: `part ${at}`, by: 'rule' }))
  const long = { ...report, proof: { ...proof, beyond } }
  assert.match(rulesProofText(long, page), /- and 22 more: --long shows all/)
  assert.match(rulesProofText(long, { ...page, long: true }), /part 29/)
  const explained = '10.0.0.1 to 192.0.2.0/24, tcp 443 (by rule 5)'
  assert.ok(!rulesProofText(report, page).includes(explained))
  assert.ok(rulesProofText(report, { ...page, long: true }).includes(explained))
})

test('the table has a line for each vendor, what is explained apart from what is not', () => {
  assert.equal(
    rulesTable([report]),
    'vendor    files  allowed  not said  closed  beyond  explained\nnftables  1      2 of 3   2         1 of 1  1       1\n',
  )
})
