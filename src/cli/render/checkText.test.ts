import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkReportOf, flowReportOf, sampleCheck, samplePlan } from '../../../test/reports.ts'
import { checkMarkdown } from './checkMarkdown.ts'
import { checkText } from './checkText.ts'

const page = { colour: false, width: Number.POSITIVE_INFINITY, long: false }
const [one] = samplePlan.flows
assert.ok(one)
const at = (name: string, flow: string, parts: Parameters<typeof flowReportOf>[1] = {}) =>
  flowReportOf({ ...one, flow, target: { ...one.target, name } }, parts)

test('where one opening serves several flows the title counts both, so that the lines below add up', () => {
  const shared = [at('a.example', 'row-1'), at('a.example', 'row-2'), at('b.example', 'row-1')]
  const notRun = { verdict: 'not-run', says: 'no time left' } as const
  const left = [at('c.example', 'row-1', notRun), at('c.example', 'row-2', notRun)]
  const text = checkText(checkReportOf([...shared, ...left]), page)
  assert.match(text, /\nopen: 3 flows by 2 openings\n {2}\S+ +a\.example .*\n {2}\S+ +b\.example .*\n\n/)
  assert.match(text, /\nnot run: 2 flows by 1 opening\n/)
  assert.match(checkText(checkReportOf([at('a.example', 'row-1')]), page), /\nopen: 1 flow\n/)
})

test('in Markdown every count says what it counts', () => {
  const text = checkMarkdown(checkReportOf([at('a.example', 'row-1'), at('a.example', 'row-2')]))
  assert.match(text, /As it must be: 2 flows by 1 opening/)
  assert.match(text, /\n- \*\*2 flows by 1 opening:\*\* /)
  assert.doesNotMatch(text, /\*\*\d+:\*\*/)
})

test('with --long every flow shows every observation, the open ones and the ones that were not run', () => {
  const seen = sampleCheck.flows.flatMap(({ evidence }) => evidence)
  const text = checkText(sampleCheck, { ...page, long: true })
  const short = checkText(sampleCheck, page)
  for (const { id } of seen) assert.match(text, new RegExp(`^ +[*-] ${id} `, 'm'))
  assert.doesNotMatch(short, /^ +[*-] e\d+ /m)
})
