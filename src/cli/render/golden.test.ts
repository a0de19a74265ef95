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
import type { Format } from './index.ts'
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

/** How the golden file of a format ends; `text` stands for itself, on every page that is kept. */
const endings: Readonly<Record<string, string>> = {
  text: 'txt',
  json: 'json',
  csv: 'csv',
  markdown: 'md',
  mermaid: 'mmd',
  html: 'html',
  junit: 'junit.xml',
  sarif: 'sarif',
}

type Load<Report> = () => Promise<Render<Report>>

const row = <Report>(golden: string, report: Report, load: Load<Report>, page: Page): Row => ({
  golden,
  page,
  render: async (on) => (await load())(report, on),
})

/** A report in each of its formats as a file has it, and its text on other pages too. */
function goldensOf<Report>(
  name: string,
  report: Report,
  formats: { readonly text: Format<Report> } & Readonly<Record<string, Format<Report>>>,
  pages: Readonly<Record<string, Page>>,
): readonly Row[] {
  return [
    ...Object.entries(formats).map(([format, { load }]) =>
      row(`${name}.${endings[format] ?? format}`, report, load, file),
    ),
    ...Object.entries(pages).map(([on, page]) => row(`${name}-${on}.txt`, report, formats.text.load, page)),
  ]
}

const rows: readonly Row[] = [
  ...goldensOf('plan', samplePlan, planFormats, { terminal, narrow, long }),
  ...goldensOf('check', sampleCheck, checkFormats, { terminal, narrow, long }),
  ...goldensOf('compare', compared, compareFormats, { terminal }),
  row('compare-same.html', alike, compareFormats.html.load, file),
  ...goldensOf('doctor', sampleDoctor, doctorFormats, { terminal, narrow }),
  ...goldensOf('audit', sampleAudit, auditFormats, { terminal, narrow, long }),
  row('audit-bare.txt', bareAudit, auditFormats.text.load, terminal),
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
