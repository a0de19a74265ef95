import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleDoctor } from '../../../test/doctorReports.ts'
import { hostileTexts } from '../../../test/hostileTexts.ts'
import { poisoned } from '../../../test/poisoned.ts'
import { sampleCheck, sampleCheckBefore, samplePlan } from '../../../test/reports.ts'
import { compareReports } from '../../check/compare.ts'
import { doctorReportSchema } from '../../config/doctorSchema.ts'
import { checkReportSchema, planReportSchema } from '../../config/reportSchema.ts'
import { checkHtml } from './checkHtml.ts'
import { checkText } from './checkText.ts'
import { columnsOf } from './columns.ts'
import { compareText } from './compareText.ts'
import { doctorText } from './doctorText.ts'
import { json } from './json.ts'
import { planCsv } from './planCsv.ts'
import { planMarkdown } from './planMarkdown.ts'
import { planText } from './planText.ts'

const reportsWith = (hostile: string) => {
  const check = checkReportSchema.parse(poisoned(sampleCheck, hostile))
  const before = checkReportSchema.parse(poisoned(sampleCheckBefore, hostile))
  const plan = planReportSchema.parse(poisoned(samplePlan, hostile))
  const doctor = doctorReportSchema.parse(poisoned(sampleDoctor, hostile))
  return { check, plan, doctor, compare: compareReports(before, check, '0.1.0') }
}

const escapeSequence = '\u001b['
const colours = ['0m', '1m', '2m', '32m', '1;31m', '1;33m'].map((parameters) => escapeSequence + parameters)

const named = (hostile: string) => JSON.stringify(hostile.slice(0, 24))

/** Everything but line breaks that a terminal acts on, or that reorders what is read. */
const dangerous = /[\p{Cf}\p{Cs}\u2028\u2029]|(?!\n)\p{Cc}/u

for (const hostile of hostileTexts) {
  test(`text for a terminal stays text and within its width, whatever the network says: ${named(hostile)}`, () => {
    const { check, plan, compare, doctor } = reportsWith(hostile)
    for (const width of [40, 80, 132]) {
      const page = { colour: false, width, long: true }
      const texts = [planText(plan, page), checkText(check, page), compareText(compare, page), doctorText(doctor, page)]
      for (const text of texts) {
        assert.doesNotMatch(text, dangerous)
        for (const line of text.split('\n')) {
          assert.ok(columnsOf(line) <= width, `${columnsOf(line)} columns of ${width}: ${line}`)
          assert.doesNotMatch(line, / $/)
        }
      }
    }
  })

  test(`colour is the only escape sequence that reaches a terminal: ${named(hostile)}`, () => {
    const { check, plan, compare, doctor } = reportsWith(hostile)
    const page = { colour: true, width: 80, long: true }
    const texts = [planText(plan, page), checkText(check, page), compareText(compare, page), doctorText(doctor, page)]
    for (const text of texts) {
      assert.ok(text.includes(escapeSequence))
      assert.doesNotMatch(
        colours.reduce((left, colour) => left.replaceAll(colour, ''), text),
        dangerous,
      )
    }
  })

  test(`CSV keeps one cell one cell, and none of them runs: ${named(hostile)}`, () => {
    const { plan } = reportsWith(hostile)
    const [header = [], ...lines] = parseCsv(planCsv(plan))
    assert.equal(lines.length, plan.flows.length)
    for (const line of lines) {
      assert.equal(line.length, header.length)
      for (const cell of line) {
        for (const part of cell.split(/[\n;]/)) assert.doesNotMatch(part, /^[=+\-@\t\r]/)
      }
    }
  })

  test(`Markdown keeps its tables whole and lets no markup through: ${named(hostile)}`, () => {
    const text = planMarkdown(reportsWith(hostile).plan)
    assert.doesNotMatch(text, dangerous)
    // Every mark that could begin something stands behind a backslash or in a code span.
    const prose = text.replaceAll(/`[^`\n]*`/g, 'code').replaceAll(/\\./g, '')
    assert.doesNotMatch(prose, /[<>[\]*_~]|https?:\/\/|www\./)
    let columns = 0
    for (const line of prose.split('\n')) {
      const pipes = line.split('|').length
      columns = line.startsWith('|') ? columns || pipes : 0
      if (columns > 0) assert.equal(pipes, columns, line)
    }
  })

  test(`HTML holds no element that the page itself did not make: ${named(hostile)}`, () => {
    const tags = (text: string) => [...text.matchAll(/<\/?([a-z!][\w-]*)/gi)].map(([, tag]) => tag).join(' ')
    const { check } = reportsWith(hostile)
    const harmless = checkHtml(checkReportSchema.parse(poisoned(sampleCheck, 'x'.repeat(hostile.length))))
    const page = checkHtml(check)
    assert.doesNotMatch(page, dangerous)
    const known = new Set(tags(harmless).split(' '))
    assert.deepEqual(
      tags(page)
        .split(' ')
        .filter((tag) => !known.has(tag)),
      [],
    )
    assert.doesNotMatch(page.replaceAll(/"[^"]*"/g, '""'), /<[^>]*\son\w+=/i)
    assert.equal(page.match(/<style>/g)?.length, 1)
  })

  test(`JSON says it unchanged, and nothing in it acts on a terminal: ${named(hostile)}`, () => {
    const { check, compare } = reportsWith(hostile)
    for (const report of [check, compare]) {
      const text = json(report)
      assert.deepEqual(JSON.parse(text), report)
      assert.doesNotMatch(text, dangerous)
    }
  })
}

/** Reads CSV as RFC 4180 has it; written apart from what is tested. */
function parseCsv(text: string): string[][] {
  const lines: string[][] = [[]]
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy
  while (cell.lastIndex < text.length) {
    const [, quoted, bare, end] = cell.exec(text) ?? assert.fail('not CSV')
    lines.at(-1)?.push(quoted?.replaceAll('""', '"') ?? bare ?? '')
    if (end === '\r\n') lines.push([])
  }
  return lines.slice(0, -1)
}
