import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyCheckReport, anyPlanReport } from '../../../test/anyReport.ts'
import { hostileTexts } from '../../../test/hostileTexts.ts'
import { checkReportOf, flowReportOf, largeCheck, sampleCheck, samplePlan } from '../../../test/reports.ts'
import { flowOf } from '../../../test/sampleFlows.ts'
import type { Flow } from '../../model/flow.ts'
import type { PlanReport } from '../../model/report.ts'
import { siteRoles } from '../../model/role.ts'
import { checkHtml } from './checkHtml.ts'
import { checkMermaid } from './checkMermaid.ts'
import { planMermaid } from './planMermaid.ts'

/** All that a label may hold: anything else is a character code. So no name ends its label or begins markup. */
const label = String.raw`"(?:[\p{L}\p{M}\p{N} ,.:/()-]|#\d+;)+"`
const noteLabel = String.raw`"(?:[\p{L}\p{M}\p{N} ,.:/()-]|#\d+;|<br/>)*"`
const line = new RegExp(
  [
    'flowchart LR',
    String.raw` {2,4}n\d+\[${label}\](?::::c\d+)?`,
    String.raw`  subgraph z\d+\[${label}\]`,
    '  end',
    String.raw`  n\d+ (?:-->|-\.->|--x|-\.-)\|${label}\| n\d+`,
    String.raw`  note\[${noteLabel}\]:::note`,
    String.raw`  classDef (?:c\d+ stroke:#[0-9a-f]{6},stroke-width:2px|note fill:none,stroke:none)`,
    String.raw`  linkStyle \d+(?:,\d+)* stroke:#[0-9a-f]{6}`,
  ]
    .map((form) => `(?:${form})`)
    .join('|')
    .replace(/^/, '^(?:')
    .replace(/$/, ')$'),
  'u',
)

function isChart(text: string): { readonly lines: number; readonly nodes: number } {
  const all = text.split('\n').slice(0, -1)
  for (const each of all) assert.match(each, line)
  const nodes = new Set([...text.matchAll(/^ +(n\d+)\[/gm)].map(([, id]) => id))
  const edges = [...text.matchAll(/^ {2}(n\d+) [-.>x]+\|.*\| (n\d+)$/gm)]
  for (const [, from, to] of edges) assert.ok(nodes.has(from) && nodes.has(to))
  for (const [, numbers = ''] of text.matchAll(/linkStyle ([\d,]+)/g)) {
    for (const number of numbers.split(',')) assert.ok(Number(number) < edges.length)
  }
  assert.ok(text.length < 50_000, 'Mermaid refuses longer texts')
  return { lines: edges.length, nodes: nodes.size }
}

test('any check is a flowchart of its own lines only', () => {
  fc.assert(fc.property(anyCheckReport, (report) => void isChart(checkMermaid(report))))
})

test('any plan is a flowchart of its own lines only', () => {
  fc.assert(fc.property(anyPlanReport, (report) => void isChart(planMermaid(report))))
})

for (const hostile of hostileTexts) {
  test(`a label holds whatever a host is called: ${JSON.stringify(hostile.slice(0, 24))}`, () => {
    const [flow] = samplePlan.flows
    assert.ok(flow)
    const named = (text: string): Flow => ({
      ...flow,
      from: text,
      to: text,
      toRole: 'any',
      target: { ...flow.target, name: text },
    })
    isChart(
      planMermaid({
        ...samplePlan,
        site: hostile,
        flows: [named(hostile), named(`1. ${hostile}`), named(`- ${hostile}`)],
      }),
    )
  })
}

test('a flow is one line with its port, and a port that fails is a line of its own with its word', () => {
  const text = checkMermaid(sampleCheck)
  assert.match(text, /-->\|"udp\/53, tcp\/88, tcp\/389"\|/)
  assert.match(text, /--x\|"blocked: tcp\/636"\|/)
  assert.match(text, /--x\|"forbidden: tcp\/8443"\|/)
})

test('a place is called what a rule must name, and in a check the name that was dialled for it stands beside', () => {
  assert.match(planMermaid(samplePlan), /\["#42;\.msappproxy\.net"\]/)
  assert.doesNotMatch(planMermaid(samplePlan), /ping/)
  assert.match(checkMermaid(sampleCheck), /\["#42;\.msappproxy\.net \(as ping\.msappproxy\.net\)"\]/)
  const [flow] = sampleCheck.flows
  assert.ok(flow)
  const target = { pattern: '*.msappproxy.net', port: 443, transport: 'tcp', service: 'https' } as const
  const dialled = (name: string) => ({ ...flow, toRole: 'entra-id' as const, target: { ...target, name } })
  const long = checkMermaid({
    ...sampleCheck,
    flows: [dialled(`${'a'.repeat(60)}.msappproxy.net`), dialled('b.msappproxy.net')],
  })
  assert.match(long, /\["#42;\.msappproxy\.net"\]/)
})

test('what must be closed ends in a cross, in the plan and where a check found it so', () => {
  assert.match(planMermaid(samplePlan), /--x\|"must stay closed: tcp\/8443"\|/)
  assert.match(checkMermaid(sampleCheck), /--x\|"closed, as it must be: tcp\/8443"\|/)
})

/** A plan of `hosts` hosts, each of which opens a port of `places` places. */
function planOf(hosts: number, places: number): PlanReport {
  const flows = Array.from({ length: hosts * places }, (_, at) => {
    const [from, to] = [Math.floor(at / places), at % places]
    return flowOf({
      flow: 'row',
      from: `host${from}`,
      fromRole: siteRoles[from % siteRoles.length] ?? 'adfs',
      to: `place${to}`,
      toRole: siteRoles[to % siteRoles.length] ?? 'adfs',
      purpose: 'stands for many',
      target: { name: `place${to}.corp.example`, port: 443, transport: 'tcp', service: 'https' },
    })
  })
  return { ...samplePlan, flows }
}

const sizes: readonly (readonly [hosts: number, places: number, merges: RegExp | undefined])[] = [
  [2, 10, undefined],
  [2, 50, /100 lines merged to \d+: places are merged by role/],
  [10, 100, /1000 lines merged to \d+: hosts are merged by role, places by where they lie/],
  [300, 20, /6000 lines merged to \d+: /],
]

for (const [hosts, places, merges] of sizes) {
  test(`${hosts} hosts that reach ${places} places are a picture, and it says what was merged`, () => {
    const text = planMermaid(planOf(hosts, places))
    const { lines, nodes } = isChart(text)
    assert.ok(lines <= 80 && nodes <= 60, `${lines} lines, ${nodes} nodes`)
    if (merges === undefined) assert.doesNotMatch(text, /merged/)
    else assert.match(text.replaceAll('<br/>', ' '), merges)
  })
}

test('a place that fails keeps its own line while the others are merged', () => {
  const text = checkMermaid(
    checkReportOf(
      planOf(1, 100).flows.map((flow, at) =>
        flowReportOf(flow, at === 42 ? { verdict: 'blocked', cause: 'refused' } : {}),
      ),
    ),
  )
  isChart(text)
  assert.match(text, /"place42"/)
  assert.doesNotMatch(text, /"place41"/)
  assert.match(text.replaceAll('<br/>', ' '), /but for those that need an eye/)
})

test('a large check is a picture, too', () => {
  const { lines } = isChart(checkMermaid(largeCheck(3000)))
  assert.ok(lines <= 80)
})

test('what stays on one host is not drawn, and said', () => {
  assert.match(planMermaid(samplePlan), /1 flow stays on one host and not in this picture/)
})

test('what goes through a proxy begins there, and one line leads to it from each host that sends it', () => {
  const [one] = sampleCheck.flows
  assert.ok(one)
  const target = { name: 'a.example', port: 443, transport: 'tcp', service: 'https' } as const
  const through = (name: string) =>
    flowReportOf({ ...one, toRole: 'entra-id', via: 'egress', expect: 'open', target: { ...target, name } })
  const straight = flowReportOf({
    ...one,
    toRole: 'entra-id',
    expect: 'open',
    target: { ...target, name: 'c.example' },
  })
  const text = checkMermaid(checkReportOf([through('a.example'), through('b.example'), straight]))
  isChart(text)
  const idOf = (label: string) => new RegExp(`(n\\d+)\\["${label}"\\]`).exec(text)?.[1] ?? assert.fail(text)
  const [host, proxy] = [idOf(one.from), idOf('egress \\(proxy\\)')]
  assert.match(text, new RegExp(`\\n  ${host} -->\\|"2 flows"\\| ${proxy}\\n`))
  assert.match(text, new RegExp(`\\n  ${proxy} -->\\|"tcp/443"\\| ${idOf('b\\.example')}\\n`))
  assert.match(text, new RegExp(`\\n  ${host} -->\\|"tcp/443"\\| ${idOf('c\\.example')}\\n`))
  const page = checkHtml(checkReportOf([through('a.example'), straight]))
  assert.equal(page.match(/<text class="strong"[^>]*>egress \(proxy\)<\/text>/g)?.length, 1)
})

test('a check says beside the picture which causes there are, whose turn it is, and what is next', () => {
  const note = /note\["(.*)"\]:::note/.exec(checkMermaid(sampleCheck))?.[1]?.replaceAll('<br/>', ' ') ?? ''
  assert.match(note, /tcp\/636 dc01\.corp\.example: filtered-silently, owner firewall/)
  assert.match(
    note,
    /app01\.corp\.example: forbidden, owner firewall .* next: .*once mended, run the same check again$/,
  )
  const many = /note\["(.*)"\]:::note/.exec(checkMermaid(largeCheck(300)))?.[1]?.replaceAll('<br/>', ' ') ?? ''
  assert.match(many, / and 29 more: filtered-silently, owner firewall/)
})
