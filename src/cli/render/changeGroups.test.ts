import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkReportOf, flowReportOf, samplePlan } from '../../../test/reports.ts'
import { compareReports } from '../../check/compare.ts'
import type { Flow } from '../../model/flow.ts'
import type { CompareReport, FlowReport } from '../../model/report.ts'
import { changeGroups } from './changeGroups.ts'
import { compareHtml } from './compareHtml.ts'
import { compareMarkdown } from './compareMarkdown.ts'
import { compareText } from './compareText.ts'
import { json } from './json.ts'

const page = { colour: false, width: Number.POSITIVE_INFINITY, long: false }
const [planned] = samplePlan.flows
assert.ok(planned)

const ports = [53, 88, 123, 135, 139, 389, 445, 464, 636, 3268, 3269, 5985, 9389]
const flowAt = (name: string, port: number): Flow => ({
  ...planned,
  flow: `t1-${port}`,
  target: { ...planned.target, name, port, transport: 'tcp' },
})
const open = (name: string, port: number) => flowReportOf(flowAt(name, port), { verdict: 'open' })

/** What one port of a host tells where the host is away: each in words of its own. */
const away = (name: string, port: number, cause: FlowReport['cause'] = 'no-route') =>
  flowReportOf(flowAt(name, port), {
    verdict: 'blocked',
    ...(cause !== undefined && { cause }),
    owner: 'network',
    confidence: 'likely',
    says: `${port}/tcp on ${name} stays silent, and so does ${ports.find((other) => other !== port)} on the same host`,
    fix: 'bring the host up',
  })

const compared = (before: readonly FlowReport[], after: readonly FlowReport[]): CompareReport =>
  compareReports(checkReportOf(before), checkReportOf(after), '0.1.0')

const dc = 'dc01.corp.example'
const fallen = compared(
  ports.map((port) => open(dc, port)),
  ports.map((port) => away(dc, port)),
)

test('thirteen flows that broke for one cause at one host are one block with all of them in it', () => {
  const text = compareText(fallen, page)
  assert.equal(text.match(/^broke /gm)?.length, 1)
  assert.match(text, /^broke +tcp\/53 dc01\.corp\.example.*, and 12 more with it$/m)
  assert.equal(text.match(/fix: bring the host up/g)?.length, 1)
  for (const port of ports.slice(1)) assert.match(text, new RegExp(`^ +- tcp/${port} .*: t1-${port} \\(`, 'm'))
  assert.match(text, /\n13 broke; 0 flows as before\n/)
})

test('so are they in HTML and Markdown, and JSON keeps each change', () => {
  const markdown = compareMarkdown(fallen)
  assert.equal(markdown.match(/bring the host up/g)?.length, 1)
  assert.equal(markdown.match(/^\| `tcp\//gm)?.length, 1)
  const shown = compareHtml(fallen)
  assert.equal(shown.match(/<tr role="row"><td/g)?.length, 1)
  for (const port of ports) {
    assert.match(markdown, new RegExp(`t1-${port}\\b`))
    assert.match(shown, new RegExp(`t1-${port}\\b`))
  }
  assert.equal(JSON.parse(json(fallen)).changes.length, ports.length)
})

test('what came back from one cause is one block as well', () => {
  const back = compared(
    ports.map((port) => away(dc, port)),
    ports.map((port) => open(dc, port)),
  )
  assert.equal(compareText(back, page).match(/^mended /gm)?.length, 1)
})

test('another host, another cause and what is undetermined have blocks of their own', () => {
  const [other, third] = ['dc02.corp.example', 'dc03.corp.example']
  const several = compared(
    [open(dc, 88), open(dc, 389), open(other, 88), open(third, 88), open(third, 389)],
    [
      away(dc, 88),
      away(dc, 389, 'refused'),
      { ...away(other, 88), fix: 'another thing' },
      { ...away(third, 88, 'undetermined'), says: 'one riddle' },
      { ...away(third, 389, 'undetermined'), says: 'another riddle' },
    ],
  )
  assert.equal(compareText(several, page).match(/^broke /gm)?.length, 5)
})

test('one fix that names the place of the first is said to be for each', () => {
  const rule = (name: string, port: number) => ({
    ...away(name, port, 'filtered-silently'),
    fix: `allow tcp/${port} to ${name}`,
  })
  const shut = compared([open(dc, 88), open(dc, 389)], [rule(dc, 88), rule(dc, 389)])
  assert.match(compareText(shut, page), /fix: allow tcp\/88 to dc01\.corp\.example; and so for each place below\n/)
})

test('more places than fit one look are counted, and --long names them', () => {
  const many = Array.from({ length: 20 }, (_, at) => 1000 + at)
  const fell = compared(
    many.map((port) => open(dc, port)),
    many.map((port) => away(dc, port)),
  )
  assert.match(compareText(fell, page), /\n +- and 7 more: --long or --format json\n/)
  assert.match(compareText(fell, { ...page, long: true }), /- tcp\/1019 /)
})

test('every change is in one group, in the order in which the first of it stands', () => {
  const changes = [...fallen.changes].toReversed()
  const groups = changeGroups(changes)
  assert.equal(groups[0]?.first, changes[0])
  assert.deepEqual(new Set(groups.flatMap(({ first, others }) => [first, ...others])), new Set(changes))
})
