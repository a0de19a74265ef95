import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyCheckReport, anyPlanReport } from '../../../test/anyReport.ts'
import { largeCheck, type samplePlan } from '../../../test/reports.ts'
import { compareReports } from '../../check/compare.ts'
import { checkFormats, compareFormats, planFormats } from './index.ts'
import type { Page, Render } from './page.ts'

const file: Page = { colour: false, width: Number.POSITIVE_INFINITY, long: false }

/** Everything that a terminal acts on, or that reorders what is read; CSV ends its lines by CR and LF. */
const dangerous = /[\p{Cf}\p{Cs}\u2028\u2029]|(?![\r\n])\p{Cc}/u

function holds<Report extends object>(render: Render<Report>, report: Report): void {
  const text = render(report, file)
  assert.doesNotMatch(text, dangerous)
  assert.ok(text.endsWith('\n') || text === '')
  // The frame of a page is some 15,000 characters; beyond that a report is written a few times over, never squared.
  const size = JSON.stringify(report).length
  assert.ok(text.length < 60_000 + 40 * size, `${text.length} characters of ${size}`)
}

for (const [format, { load }] of Object.entries(planFormats)) {
  test(`any plan is written as ${format}, bounded, and acts on no terminal`, async () => {
    const render: Render<typeof samplePlan> = await load()
    fc.assert(fc.property(anyPlanReport, (report) => holds(render, report)))
  })
}

for (const [format, { load }] of Object.entries(checkFormats)) {
  test(`any check is written as ${format}, bounded, and acts on no terminal`, async () => {
    const render: Render<ReturnType<typeof largeCheck>> = await load()
    fc.assert(fc.property(anyCheckReport, (report) => holds(render, report)))
    holds(render, largeCheck(300))
  })
}

for (const [format, { load }] of Object.entries(compareFormats)) {
  test(`any comparison is written as ${format}, bounded, and acts on no terminal`, async () => {
    const render: Render<ReturnType<typeof compareReports>> = await load()
    fc.assert(
      fc.property(anyCheckReport, anyCheckReport, (before, after) =>
        holds(render, compareReports(before, after, '0.1.0')),
      ),
    )
  })
}
