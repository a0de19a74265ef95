import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkReportOf, flowReportOf, samplePlan } from '../../../test/reports.ts'
import type { Finding } from '../../model/finding.ts'
import type { FlowReport } from '../../model/report.ts'
import { headlineWords, provenWords, summaryWords } from './summaryWords.ts'

const [planned] = samplePlan.flows
assert.ok(planned)
const open: FlowReport = { ...flowReportOf(planned), verdict: 'open', confidence: 'certain', necessity: 'required' }
const portOnly: FlowReport = { ...open, confidence: 'possible' }
const notRun: FlowReport = { ...open, verdict: 'not-run' }
const optional: FlowReport = { ...open, necessity: 'optional' }

const rows: readonly (readonly [flows: readonly FlowReport[], words: string])[] = [
  [[open], 'the one required flow is proven'],
  [[open, open], 'all 2 required flows proven'],
  [[open, portOnly, optional], '1 of 2 required flows proven, 1 known by the open port only'],
  [[open, notRun], '1 of 2 required flows proven, 1 not'],
  [[portOnly, notRun], '0 of 2 required flows proven, 1 known by the open port only, 1 not'],
  [[optional], 'no required flow among them'],
]

for (const [flows, words] of rows) {
  test(`what is proven: ${words}`, () => {
    assert.equal(provenWords(checkReportOf(flows)), words)
  })
}

test('flows that were left out are said, so that a few do not pass for all', () => {
  assert.match(summaryWords({ ...checkReportOf([open]), leftOut: 94 }), /; 94 flows of this machine left out by --flow/)
  assert.doesNotMatch(summaryWords(checkReportOf([open])), /left out/)
})

test('what stands in the way of everything is said where no flow fails', () => {
  const { findings: _, ...report } = checkReportOf([open])
  const build: Finding = {
    code: 'old-connect-build',
    severity: 'critical',
    what: '',
    where: { target: 'connect01' },
    why: '',
    next: '',
    flows: [],
  }
  assert.deepEqual(headlineWords({ ...report, findings: [build] }), {
    look: 'blocked',
    words: 'no flow fails, and old-connect-build stands in the way; the one required flow is proven',
  })
  assert.equal(headlineWords({ ...report, findings: [{ ...build, severity: 'low' }] }).look, 'open')
  const others = [
    [{ ...open, verdict: 'blocked' }, '1 flow fails, and old-connect-build stands in the way'],
    [{ ...open, verdict: 'unknown' }, 'no flow fails, 1 flow is in doubt, and old-connect-build stands in the way'],
  ] as const
  for (const [flow, words] of others) {
    const { findings: __, ...bad } = checkReportOf([flow])
    const headline = headlineWords({ ...bad, findings: [build] })
    assert.equal(headline.look, 'blocked')
    assert.equal(headline.words.split('; ')[0], words)
  }
})

test('why nothing was captured is said with what would let it begin', () => {
  const capture = { outcome: 'not-captured', packets: 0, why: 'there is no tool', remedy: 'install tcpdump' } as const
  assert.match(
    summaryWords({ ...checkReportOf([open]), capture }),
    /; no packets captured: there is no tool; install tcpdump$/,
  )
})

test('a check that was stopped does not say that nothing is wrong', () => {
  const { look, words } = headlineWords({ ...checkReportOf([notRun]), interrupted: true })
  assert.equal(look, 'not-run')
  assert.equal(
    words,
    'stopped before its end, and nothing was found wrong until then; 0 of 1 required flow proven, 1 not',
  )
})
