import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleCheck, samplePlan } from '../../../test/reports.ts'
import { compareReports } from '../../check/compare.ts'
import { mappedInShort, mappedWords } from './flowWords.ts'
import { checkFormats, compareFormats, planFormats } from './index.ts'
import type { Page, Render } from './page.ts'

const page: Page = { colour: false, width: Number.POSITIVE_INFINITY, long: false }
const name = 'login.microsoftonline.com'
const place = '127.0.0.1:9443'
const mapped = { [name]: place }

const many = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`n${at}.example`, `127.0.0.${at + 1}:443`]))
const checkWith = (names: Readonly<Record<string, string>>) => ({
  ...sampleCheck,
  context: { ...sampleCheck.context, names },
})
const planWith = (names: Readonly<Record<string, string>>) => ({ ...samplePlan, names })
const compareWith = (names: Readonly<Record<string, string>>) =>
  compareReports(checkWith(names), checkWith(names), '0.1.0')

/** What a format writes of a mapping: labels of Mermaid, Markdown and XML spell the marks of the arrow otherwise. */
const said = /login\.microsoftonline\.com(`| -\\?(>|&gt;)| -#62;|": "|","|,).*127\.0\.0\.1:9443/s

/** The first line of these is the head of the report itself; the others have a place of their own for it. */
const headed = new Set(['text', 'markdown'])

async function holds<Report>(
  formats: Readonly<Record<string, { load(): Promise<Render<Report>> }>>,
  reportWith: (names: Readonly<Record<string, string>>) => Report,
  format: string,
): Promise<void> {
  const render = await formats[format]?.load()
  assert.ok(render)
  const text = render(reportWith(mapped), page)
  const head = headed.has(format) ? (text.split('\n')[0] ?? '') : text
  assert.match(head, /names mapped|Names mapped|"names"|mapped_to/)
  assert.match(head, said)
  const longer = render(reportWith(many), page)
  if (format === 'markdown') assert.match(longer.split('\n')[0] ?? '', /; 9 names mapped, such as n0\.example -\\> 127/)
  // A table of flows has the mapping in the row that it concerns.
  if (format !== 'csv') assert.match(longer, /n0\.example/)
  assert.doesNotMatch(render(reportWith({}), page), /names mapped(?!<\/dt><dd>none)/i)
}

for (const format of Object.keys(planFormats)) {
  test(`a plan as ${format} says which names are mapped`, () => holds(planFormats, planWith, format))
}
for (const format of Object.keys(checkFormats)) {
  test(`a check as ${format} says which names are mapped`, () => holds(checkFormats, checkWith, format))
}
for (const format of Object.keys(compareFormats)) {
  test(`a comparison as ${format} says which names are mapped`, () => holds(compareFormats, compareWith, format))
}

test('checks of names that were mapped otherwise are no plain before and after', async () => {
  const text = (await compareFormats.text.load())(compareReports(checkWith({}), checkWith(mapped), '0.1.0'), page)
  assert.match(text, /note: the names were mapped otherwise/)
  const alike = (await compareFormats.text.load())(compareWith(mapped), page)
  assert.doesNotMatch(alike, /mapped otherwise/)
})

test('a few mappings stand whole in a heading, of many their number and the first', () => {
  assert.equal(mappedInShort(mapped), mappedWords(mapped))
  assert.equal(mappedInShort({}), '')
  assert.equal(mappedInShort(many), '; 9 names mapped, such as n0.example -> 127.0.0.1:443')
})
