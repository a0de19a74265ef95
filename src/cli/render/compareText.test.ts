import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkReportOf, flowReportOf, samplePlan } from '../../../test/reports.ts'
import { compareReports } from '../../check/compare.ts'
import { compareReportSchema } from '../../config/reportSchema.ts'
import type { Flow } from '../../model/flow.ts'
import { compareHtml } from './compareHtml.ts'
import { compareMarkdown } from './compareMarkdown.ts'
import { compareText } from './compareText.ts'

const page = { colour: false, width: Number.POSITIVE_INFINITY, long: false }
const [flow] = samplePlan.flows
assert.ok(flow)

/** A check of so many flows, each with a first byte after so many milliseconds. */
const checkOf = (times: readonly number[], verdict: 'open' | 'blocked' = 'open') =>
  checkReportOf(
    times.map((firstByteMs, at) => {
      const target = { ...flow.target, name: `host${at}.corp.example` }
      const planned: Flow = { ...flow, target }
      const timing = { dnsMs: null, connectMs: 1, tlsMs: null, firstByteMs }
      return { ...flowReportOf(planned, at === 0 ? { verdict } : {}), timing }
    }),
  )

test('flows that only took another time are one line, and a block each with --long', () => {
  const compared = compareReports(checkOf([2, 3, 4, 500]), checkOf([200, 300, 400, 4]), '0.1.0')
  assert.equal(compared.changes.length, 4)
  const text = compareText(compared, page)
  assert.match(
    text,
    /\n4 flows took another time and are otherwise as before: 3 slower, 1 quicker; --long lists them\n/,
  )
  assert.doesNotMatch(text, /first byte/)
  assert.match(text, /\n4 changed; 0 flows as before\n/)
  assert.equal(compareText(compared, { ...page, long: true }).match(/^changed /gm)?.length, 4)
})

test('a single one has its block, and what broke is never counted among them', () => {
  const one = compareText(compareReports(checkOf([2]), checkOf([200]), '0.1.0'), page)
  assert.match(one, /\nchanged +.*host0.*\n +first byte 2 ms -> 200 ms\n/)
  const broken = compareText(compareReports(checkOf([2, 2, 2]), checkOf([200, 200, 200], 'blocked'), '0.1.0'), page)
  assert.match(broken, /\nbroke +.*host0/)
  assert.match(broken, /\n2 flows took another time/)
})

test('what this run left out is counted apart in every format, and is no change', () => {
  const whole = checkOf([2, 3, 4])
  const chosen = { ...whole, flows: whole.flows.map((each, at) => (at === 0 ? each : { ...each, flow: 'another' })) }
  const compared = compareReports(chosen, { ...whole, flows: whole.flows.slice(0, 1), leftOut: 2 }, '0.1.0')
  const told = '2 not asked this time: left out by --flow, --from or a TARGET'
  for (const text of [compareText(compared, page), compareMarkdown(compared)]) {
    assert.ok(text.includes(`nothing changed; 1 flow as before; ${told}`), text)
    assert.doesNotMatch(text, /disappeared/)
  }
  const shown = compareHtml(compared)
  assert.match(shown, /Nothing changed/)
  assert.ok(shown.includes('<li><strong>2</strong> not asked this time: left out by --flow, --from or a TARGET</li>'))
  const published = compareReportSchema.parse(JSON.parse(JSON.stringify(compared)))
  assert.equal(published.notAsked?.length, 2)
  // A comparison in which all was asked says nothing of it.
  assert.doesNotMatch(compareHtml(compareReports(whole, whole, '0.1.0')), /not asked/)
})

test('what was not asked before and fails now is what is next', () => {
  const failing = { verdict: 'blocked', cause: 'no-route', owner: 'network' } as const
  const before = checkReportOf([flowReportOf(flow, { verdict: 'not-run' })])
  const text = compareText(compareReports(before, checkReportOf([flowReportOf(flow, failing)]), '0.1.0'), page)
  assert.match(text, /postern explain no-route tells more; once mended, run the same comparison again\n$/)
})
