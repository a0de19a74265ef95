import assert from 'node:assert/strict'
import { test } from 'node:test'
import { samplePlan } from '../../../test/reports.ts'
import { flowOf } from '../../../test/sampleFlows.ts'
import type { Flow } from '../../model/flow.ts'
import type { Page } from './page.ts'
import { planMarkdown } from './planMarkdown.ts'
import { planText } from './planText.ts'

const page: Page = { colour: false, width: Number.POSITIVE_INFINITY, long: false }

/** Lines of the plan that begin with a port, with the room between columns taken out. */
function linesOf(flows: readonly Flow[], shown: Page = page): readonly string[] {
  return planText({ ...samplePlan, flows }, shown)
    .split('\n')
    .map((line) => line.trim().replace(/ +/g, ' '))
    .filter((line) => /^(tcp|udp)\//.test(line))
}

function kerberos(parts: Partial<Flow>): Flow {
  return flowOf({
    flow: 't1-kerberos',
    to: 'dc01',
    toRole: 'domain-controller',
    purpose: 'Authentication',
    target: { name: 'dc01.corp.example', address: '10.1.0.5', port: 88, transport: 'tcp', service: 'kerberos' },
    ...parts,
  })
}

const first = kerberos({ phase: 'setup', necessity: 'optional' })
const second = kerberos({ flow: 'pta-ad', purpose: 'Validates the password', phase: 'runtime' })

test('rows that ask for the same opening are one line with every reason, as needed as the neediest', () => {
  assert.deepEqual(linesOf([first, second]), [
    'tcp/88 dc01 10.1.0.5 dc01.corp.example both required [t1-kerberos] Authentication; and [pta-ad] Validates the password',
  ])
  assert.match(planText({ ...samplePlan, flows: [first, second] }, page), /opens 2 flows by 1 opening$/m)
})

test('another host, name, address, port or transport is another line', () => {
  const { target } = first
  const others: readonly Partial<Flow>[] = [
    { to: 'dc02' },
    { target: { ...target, name: 'dc02.corp.example' } },
    { target: { ...target, address: '10.1.0.6' } },
    { target: { ...target, port: 464 } },
    { target: { ...target, transport: 'udp' } },
  ]
  for (const other of others) assert.equal(linesOf([first, kerberos(other)]).length, 2, JSON.stringify(other))
})

test('a line that is there for the same rows as the one above says which rows', () => {
  const udp = (flow: Flow): Flow => ({ ...flow, target: { ...flow.target, transport: 'udp' } })
  const lines = linesOf([first, second, udp(first), udp(second)])
  assert.match(lines[1] ?? '', /^udp\/88 .* \[t1-kerberos\] \[pta-ad\] as above$/)
})

test('every flow has its source: its row stands with the page that it was read from, at any width', () => {
  const other = kerberos({ flow: 'ad-ntp', source: 'docs: other.md', asOf: '2024-01-02' })
  for (const width of [48, 80, Number.POSITIVE_INFINITY]) {
    const text = planText({ ...samplePlan, flows: [first, second, other] }, { ...page, width })
    const [, sources = ''] = text.split('\nsources\n')
    const told = (sources.split('\n\n')[0] ?? '').replace(/\s+/g, ' ')
    assert.match(told, /: t1-kerberos, pta-ad\b/, String(width))
    assert.match(told, /docs: other\.md \(2024-01-02\): ad-ntp/, String(width))
  }
})

test('what is only of one line, such as why it is not checked, stands behind', () => {
  const undialled = kerberos({ target: { ...first.target, transport: 'udp', undialled: 'no name to try' } })
  const [, line] = linesOf([kerberos({}), undialled])
  assert.match(line ?? '', /\[t1-kerberos\] as above; not checked: no name to try$/)
})

test('--long gives the source and the notes of every row of a line, and a date only where there is one', () => {
  const own = kerberos({ flow: 'own', source: 'the site file', table: 'own', notes: ['mine'] })
  const [line] = linesOf([first, own], { ...page, long: true })
  assert.match(
    line ?? '',
    /reference-connect-ports\.md \(2025-04-09\), table 1; source: the site file, table own; note: mine$/,
  )
})

test('the change request merges the same openings, and says each reason with the rows that have it', () => {
  const rows = planMarkdown({ ...samplePlan, flows: [first, second] })
    .split('\n')
    .filter((line) => line.startsWith('| `tcp/88`'))
  assert.deepEqual(rows, [
    '| `tcp/88` | dc01 | `dc01.corp.example` `10.1.0.5` | required | set-up, daily | `t1-kerberos`: Authentication; and `pta-ad`: Validates the password | `t1-kerberos`, `pta-ad` |',
  ])
})
