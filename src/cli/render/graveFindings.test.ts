import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkReportOf, flowReportOf, samplePlan } from '../../../test/reports.ts'
import type { Finding } from '../../model/finding.ts'
import type { CheckReport } from '../../model/report.ts'
import { checkHtml } from './checkHtml.ts'
import { checkJunit } from './checkJunit.ts'
import { checkMarkdown } from './checkMarkdown.ts'
import { checkSarif } from './checkSarif.ts'
import { checkText } from './checkText.ts'
import { nextStepOf } from './nextStepOf.ts'
import { headlineWords } from './summaryWords.ts'

const [planned] = samplePlan.flows
assert.ok(planned)
const build: Finding = {
  code: 'old-connect-build',
  severity: 'critical',
  what: 'the build on connect01 is too old',
  where: { target: 'connect01' },
  why: 'it does not synchronise any more',
  next: 'upgrade it',
  flows: [],
}
const flow = {
  ...flowReportOf(planned),
  verdict: 'blocked',
  cause: 'refused',
  confidence: 'certain',
  says: 'the port is refused here',
} as const
const report: CheckReport = {
  ...checkReportOf([flow]),
  findings: [build, { ...build, severity: 'low', what: 'a trifle' }],
}

const page = { colour: false, width: 100, long: false }
const formats: Readonly<Record<string, (of: CheckReport) => string>> = {
  text: (of) => checkText(of, page),
  html: checkHtml,
  markdown: checkMarkdown,
}

for (const [format, render] of Object.entries(formats)) {
  test(`${format}: what no port can mend is told before the ports, and what is less after them`, () => {
    const text = render(report)
    const places = [build.what, flow.says, 'a trifle'].map((words) => text.indexOf(words))
    assert.ok(
      places.every((place) => place >= 0),
      text,
    )
    assert.deepEqual(
      places,
      places.toSorted((one, other) => one - other),
    )
    assert.equal(text.split(build.what).length, 2, 'told once')
  })
}

test('clocks at which every ticket is refused are told before the ports, and are what to mend first', () => {
  const clock = { ...flow, flow: 'kdc', verdict: 'degraded', cause: 'clock-skew', says: 'ten minutes apart' } as const
  const finding: Finding = {
    ...build,
    code: 'clock-skew',
    severity: 'high',
    what: clock.says,
    where: { flow: clock.flow },
    flows: [clock.flow],
  }
  const skewed = (severity: Finding['severity']): CheckReport => ({
    ...checkReportOf([flow, clock]),
    findings: [{ ...finding, severity }],
  })
  for (const render of Object.values(formats)) {
    const [grave, slight] = [render(skewed('high')), render(skewed('medium'))]
    assert.ok(grave.indexOf(clock.says) < grave.indexOf(flow.says))
    assert.ok(slight.indexOf(clock.says) > slight.indexOf(flow.says))
  }
  assert.match(nextStepOf(skewed('high')), /^postern explain clock-skew/)
  assert.match(headlineWords(skewed('high')).words, /clock-skew stands in the way/)
})

test('what a flow in trouble does not say itself is told beside it', () => {
  const hidden: Finding = { ...build, code: 'refused', severity: 'high', what: 'the same again', flows: [flow.flow] }
  const besides: Finding = { ...hidden, code: 'old-tls', what: 'it takes TLS 1.0 as well' }
  for (const render of Object.values(formats)) {
    const text = render({ ...report, findings: [hidden, besides] })
    assert.match(text, /it takes TLS 1\.0 as well/)
    assert.doesNotMatch(text, /the same again/)
  }
})

test('formats for programs have every finding still', () => {
  for (const text of [checkJunit(report), checkSarif(report)]) {
    assert.match(text, /the build on connect01 is too old/)
    assert.match(text, /a trifle/)
  }
})

test('a page whose only trouble is such a finding leads to it', () => {
  const well = { ...checkReportOf([{ ...flow, verdict: 'open' }]), findings: [build] }
  assert.match(checkHtml(well), /href="#action"/)
})
