import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { bareAudit, sampleAudit } from '../../../test/auditReports.ts'
import { sampleDoctor } from '../../../test/doctorReports.ts'
import { assertGolden } from '../../../test/golden.ts'
import { sampleCheck, sampleCheckBefore, samplePlan } from '../../../test/reports.ts'
import { compareReports } from '../../check/compare.ts'
import { auditReportSchema } from '../../config/auditSchema.ts'
import { doctorReportSchema } from '../../config/doctorSchema.ts'
import { checkReportSchema, compareReportSchema, planReportSchema } from '../../config/reportSchema.ts'
import { checkStyle } from './checkStyle.ts'
import { auditFormats, checkFormats, compareFormats, doctorFormats, planFormats } from './index.ts'
import type { Page, Render } from './page.ts'

const file: Page = { colour: false, width: Number.POSITIVE_INFINITY, long: false }
const terminal: Page = { colour: true, width: 80, long: false }
const narrow: Page = { colour: false, width: 48, long: false }
const long: Page = { colour: false, width: 100, long: true }

const compared = compareReports(sampleCheckBefore, sampleCheck, '0.1.0')
const alike = compareReports(sampleCheck, sampleCheck, '0.1.0')

interface Row {
  readonly golden: string
  readonly page: Page
  readonly render: (page: Page) => Promise<string>
}

const row =
  <Report>(report: Report, load: () => Promise<Render<Report>>) =>
  (golden: string, page: Page): Row => ({ golden, page, render: async (on) => (await load())(report, on) })

const planText = row(samplePlan, planFormats.text.load)
const checkText = row(sampleCheck, checkFormats.text.load)
const doctorText = row(sampleDoctor, doctorFormats.text.load)
const auditText = row(sampleAudit, auditFormats.text.load)
const compareText = row(compared, compareFormats.text.load)

const rows: readonly Row[] = [
  planText('plan.txt', file),
  planText('plan-terminal.txt', terminal),
  planText('plan-narrow.txt', narrow),
  planText('plan-long.txt', long),
  row(samplePlan, planFormats.json.load)('plan.json', file),
  row(samplePlan, planFormats.csv.load)('plan.csv', file),
  row(samplePlan, planFormats.markdown.load)('plan.md', file),
  row(samplePlan, planFormats.mermaid.load)('plan.mmd', file),
  row(samplePlan, planFormats.html.load)('plan.html', file),
  checkText('check.txt', file),
  checkText('check-terminal.txt', terminal),
  checkText('check-narrow.txt', narrow),
  checkText('check-long.txt', long),
  row(sampleCheck, checkFormats.json.load)('check.json', file),
  row(sampleCheck, checkFormats.html.load)('check.html', file),
  row(sampleCheck, checkFormats.markdown.load)('check.md', file),
  row(sampleCheck, checkFormats.mermaid.load)('check.mmd', file),
  row(sampleCheck, checkFormats.junit.load)('check.junit.xml', file),
  row(sampleCheck, checkFormats.sarif.load)('check.sarif', file),
  compareText('compare.txt', file),
  compareText('compare-terminal.txt', terminal),
  row(compared, compareFormats.json.load)('compare.json', file),
  row(compared, compareFormats.markdown.load)('compare.md', file),
  row(compared, compareFormats.html.load)('compare.html', file),
  row(alike, compareFormats.html.load)('compare-same.html', file),
  doctorText('doctor.txt', file),
  doctorText('doctor-terminal.txt', terminal),
  doctorText('doctor-narrow.txt', narrow),
  row(sampleDoctor, doctorFormats.json.load)('doctor.json', file),
  auditText('audit.txt', file),
  auditText('audit-terminal.txt', terminal),
  auditText('audit-narrow.txt', narrow),
  auditText('audit-long.txt', long),
  row(bareAudit, auditFormats.text.load)('audit-bare.txt', terminal),
  row(sampleAudit, auditFormats.json.load)('audit.json', file),
  row(sampleAudit, auditFormats.html.load)('audit.html', file),
  row(sampleAudit, auditFormats.markdown.load)('audit.md', file),
  row(sampleAudit, auditFormats.junit.load)('audit.junit.xml', file),
  row(sampleAudit, auditFormats.sarif.load)('audit.sarif', file),
]

const folder = new URL('golden/', import.meta.url)

/** What all pages begin their style with stands in its module once; a page must have it, and is kept without it. */
const style = 'checkStyle.ts'

function withoutStyle(page: string): string {
  const [before, after, ...more] = page.split(`<style>${checkStyle}`)
  assert.ok(after !== undefined && more.length === 0, `the style of the page does not begin as ${style} has it`)
  return `${before}<style>/* ${style} */\n${after}`
}

for (const { golden, page, render } of rows) {
  test(`${golden} is what is written of the sample report`, async () => {
    const written = await render(page)
    assertGolden(golden.endsWith('.html') ? withoutStyle(written) : written, new URL(golden, folder))
  })
}

test('a page without that style, with another or with both is not taken for one', () => {
  const page = (...styles: readonly string[]): string => styles.map((one) => `<style>${one}</style>`).join('')
  assert.equal(withoutStyle(page(`${checkStyle}p{}`)), `<style>/* ${style} */\np{}</style>`)
  for (const other of [
    page(),
    page(''),
    page(checkStyle.replace('margin:0', 'margin:1px')),
    page(`p{}${checkStyle}`),
  ]) {
    assert.throws(() => withoutStyle(other), /does not begin as checkStyle\.ts has it/)
  }
  assert.throws(() => withoutStyle(page(checkStyle, checkStyle)), /does not begin as checkStyle\.ts has it/)
})

test('no golden file is left over', () => {
  const known = new Set(rows.map(({ golden }) => golden))
  assert.deepEqual(
    readdirSync(folder).filter((name) => !name.startsWith('.') && !known.has(name)),
    [],
  )
})

test('what is written as JSON is the report itself, and the schemas know every key of it', async () => {
  for (const [schema, report, load] of [
    [planReportSchema, samplePlan, planFormats.json.load],
    [checkReportSchema, sampleCheck, checkFormats.json.load],
    [checkReportSchema, sampleCheckBefore, checkFormats.json.load],
    [compareReportSchema, compared, compareFormats.json.load],
    [doctorReportSchema, sampleDoctor, doctorFormats.json.load],
    [auditReportSchema, sampleAudit, auditFormats.json.load],
    [auditReportSchema, bareAudit, auditFormats.json.load],
  ] as const) {
    const text = (await load())(report)
    assert.ok(text.endsWith('}\n') && text.startsWith('{\n  "postern"'))
    const read: unknown = JSON.parse(text)
    assert.deepEqual(read, report)
    // Parsing drops keys that the schema does not know.
    assert.deepEqual(schema.parse(read), read)
  }
})
