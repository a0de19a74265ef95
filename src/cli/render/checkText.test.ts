import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkReportOf, flowReportOf, sampleCheck, samplePlan } from '../../../test/reports.ts'
import { checkMarkdown } from './checkMarkdown.ts'
import { checkText, checkTextPieces } from './checkText.ts'

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

const silent = (name: string, flow: string) =>
  at(name, flow, {
    verdict: 'blocked',
    cause: 'resolver-unreachable',
    owner: 'dns',
    says: '10.1.0.5:53 gave no answer',
    nextProbe: 'postern check dns://10.1.0.5',
  })

test('of places that failed alike only those of another flow say which', () => {
  const failed = [silent('a.example', 'row-1'), silent('b.example', 'row-1'), silent('c.example', 'row-2')]
  const text = checkText(checkReportOf(failed), page)
  assert.match(text, /\n +- \S+ b\.example \(10\.1\.0\.5\)\n +- \S+ c\.example \(10\.1\.0\.5\): row-2 \([a-z-]+\)\n/)
})

test('many mappings do not come before the first failure: their number does, and all stand below', () => {
  const names = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`n${n}.example`, `127.0.0.${n + 1}:443`]))
  const report = checkReportOf([silent('a.example', 'row-1')])
  const text = checkText({ ...report, context: { ...report.context, names } }, page)
  assert.match(text, /^[^\n]*; 9 names mapped, such as n0\.example -> 127\.0\.0\.1:443\n/)
  const all = text.indexOf('\nnames mapped: n0.example -> 127.0.0.1:443; n1.example')
  assert.ok(all > text.indexOf('\nblocked ') && text.includes('; n8.example -> 127.0.0.9:443\n\n'))
  const few = checkText({ ...report, context: { ...report.context, names: { 'n0.example': ':9443' } } }, page)
  assert.equal(few.split('names mapped').length, 2)
})

test('with --long a cause is told once as well, and below it each place with its own words and what else was seen', () => {
  const seen = sampleCheck.flows.flatMap(({ evidence }) => evidence)
  const [shared, own] = [seen.slice(0, 1), seen.slice(1, 2)]
  const one = { ...silent('a.example', 'row-1'), fix: 'start the DNS service', evidence: shared }
  const other = { ...one, ...silent('b.example', 'row-1'), fix: 'start the DNS service', evidence: [...shared, ...own] }
  const text = checkText(checkReportOf([one, other]), { ...page, long: true })
  assert.equal(text.match(/fix: /g)?.length, 1)
  assert.match(text, /\n +alike: \S+ b\.example \(10\.1\.0\.5\): row-1 \([a-z-]+\)\n +10\.1\.0\.5:53 gave no answer\n/)
  for (const { id } of [...shared, ...own]) assert.equal(text.match(new RegExp(`^ +[*-] ${id} `, 'gm'))?.length, 1, id)
})

test('the rows of a large site come in pieces, each made when it is asked for', () => {
  let last: string | undefined
  const flows = Array.from({ length: 3000 }, (_, n) => {
    const flow = at(`host-${n}.example`, 'row-1', { says: 'well '.repeat(20) })
    // What the words of a row are made of.
    return Object.defineProperty({ ...flow }, 'confidence', {
      enumerable: true,
      get: () => {
        last = flow.target.name
        return 'likely'
      },
    })
  })
  const report = checkReportOf(flows)
  const pieces: string[] = []
  let rowsAhead = 0
  for (const piece of checkTextPieces(report, page)) {
    pieces.push(piece)
    if (/^ {2}\S+ +host-/m.test(piece) && !piece.includes('host-2999.') && last === 'host-2999.example') rowsAhead += 1
  }
  assert.equal(rowsAhead, 0)
  assert.ok(pieces.length > 5, String(pieces.length))
  for (const piece of pieces) assert.ok(piece.length < 2 * 65_536, String(piece.length))
  const whole = pieces.join('')
  for (const { target } of flows) assert.ok(whole.includes(`  ${target.name} `))
  assert.equal(whole, checkText(report, page))
})
