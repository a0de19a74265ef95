import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyCheckReport } from '../../../test/anyReport.ts'
import { checkReportOf, flowReportOf, sampleCheck, sampleCheckBefore } from '../../../test/reports.ts'
import { compareReports } from '../../check/compare.ts'
import { checkMarkdown } from './checkMarkdown.ts'
import { compareMarkdown } from './compareMarkdown.ts'

const ownTags = /^(?:<details>|<\/details>|<summary>[^<>]*<\/summary>)$/gm

/** Every mark that could begin something stands behind a backslash or in a code span, and tables keep their columns. */
function isInert(text: string): void {
  const prose = text
    .replaceAll(ownTags, '')
    .replaceAll(/\\./g, '')
    .replaceAll(/`[^`\n]*`/g, 'code')
    .replaceAll(/\*\*/g, '')
  assert.doesNotMatch(prose, /[<>[\]*_~`@$]|https?:\/\/|www\.|&\w/)
  let columns = 0
  for (const line of prose.split('\n')) {
    const pipes = line.split('|').length
    columns = line.startsWith('|') ? columns || pipes : 0
    if (columns > 0) assert.equal(pipes, columns, line)
    else assert.equal(pipes, 1, line)
    assert.doesNotMatch(line, /^(?:#{1,3}(?![# ])|#{4}| {4}|=+$|\d+[.)] |[+*] )/)
  }
}

test('a check in Markdown keeps its tables whole and lets no markup, link or mention through', () => {
  fc.assert(fc.property(anyCheckReport, (report) => isInert(checkMarkdown(report))))
})

test('a comparison in Markdown keeps its tables whole and lets no markup, link or mention through', () => {
  fc.assert(
    fc.property(anyCheckReport, anyCheckReport, (before, after) =>
      isInert(compareMarkdown(compareReports(before, after, '0.1.0'))),
    ),
  )
})

test('a name in a report calls nobody to a pull request', () => {
  const [flow] = sampleCheck.flows
  assert.ok(flow)
  const says = 'issued by admin@corp.example for @octocat and @@team/x'
  const text = checkMarkdown(checkReportOf([flowReportOf({ ...flow }, { verdict: 'blocked', cause: 'refused', says })]))
  assert.ok(text.includes('admin`@`corp.example for `@`octocat and `@@`team/x'))
})

test('the verdict comes first, what fails before what is in doubt, and every fold is closed', () => {
  const text = checkMarkdown(sampleCheck)
  assert.match(text, /^## hq from connect01: 3 flows fail, 2 in doubt; 4 of 9 required flows proven/)
  const places = ['### Fails', '### In doubt', '### Findings', '**Next:**', 'As it must be', 'Not run'].map((part) =>
    text.indexOf(part),
  )
  assert.deepEqual(
    places,
    places.toSorted((one, other) => one - other),
  )
  assert.ok(places.every((place) => place > 0))
  assert.equal(text.match(/<details>/g)?.length, text.match(/<\/details>/g)?.length)
})

test('a check in which all is proven says so and has no table', () => {
  const well = checkReportOf(
    sampleCheck.flows.filter(
      ({ verdict, expect, confidence }) => verdict === 'open' && expect === 'open' && confidence !== 'possible',
    ),
  )
  const text = checkMarkdown(well)
  assert.match(text, /^## .*: nothing is wrong; all 3 required flows proven; names mapped: [^\n]*\n/)
  assert.doesNotMatch(text, /^\|/m)
})

test('a comparison tells what changed only, what broke first, and what is still not well apart', () => {
  const text = compareMarkdown(compareReports(sampleCheckBefore, sampleCheck, '0.1.0'))
  const heads = [...text.matchAll(/^### (\w+)/gm)].map(([, head]) => head)
  assert.deepEqual(heads, ['Broke', 'Mended', 'Changed', 'Appeared'])
  assert.ok(!text.includes('t1-rpc-dynamic'))
  assert.match(text, /<summary>As before, and not well: 1 flow<\/summary>/)
})

test('a comparison without a change says so, and not that all is well', () => {
  const text = compareMarkdown(compareReports(sampleCheck, sampleCheck, '0.1.0'))
  assert.match(text, /nothing changed; \d+ flows as before/)
  assert.doesNotMatch(text, /^###/m)
  assert.match(text, /As before, and not well/)
})

test('the next step repeats what was asked', () => {
  assert.match(
    checkMarkdown(sampleCheck, { again: 'postern check --site hq.yaml' }),
    /again: postern check --site hq\.yaml/,
  )
})
