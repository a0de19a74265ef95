import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkReportOf, flowReportOf, sampleCheck, sampleCheckBefore, samplePlan } from '../../test/reports.ts'
import { handshakeOf, sampleLeaf } from '../../test/sampleEvidence.ts'
import { commandLine, flowKey } from '../model/flow.ts'
import type { TlsHandshake } from '../model/observation.ts'
import type { CheckReport, FlowReport, Timing } from '../model/report.ts'
import { verdictKinds } from '../model/verdict.ts'
import { compareReports } from './compare.ts'

const [planned] = samplePlan.flows
assert.ok(planned)

const open = flowReportOf(planned)
const withVerdict = (verdict: FlowReport['verdict'], parts: Partial<FlowReport> = {}): FlowReport => ({
  ...open,
  verdict,
  ...parts,
})
const closed = (verdict: FlowReport['verdict']) => withVerdict(verdict, { expect: 'closed' })
const at = (address: string, parts: Partial<FlowReport> = {}): FlowReport => ({
  ...open,
  target: { ...open.target, address },
  ...parts,
})
const shaken = (parts: Partial<TlsHandshake>) => withVerdict('open', { evidence: [handshakeOf(parts)] })
const timed = (parts: Partial<Timing>) => withVerdict('open', { timing: { ...open.timing, ...parts } })

const compare = (before: readonly FlowReport[], after: readonly FlowReport[]) =>
  compareReports(checkReportOf(before), checkReportOf(after), '0.1.0')

interface Row {
  readonly what: string
  readonly before: FlowReport
  readonly after: FlowReport
  readonly change: string
  readonly differences: readonly string[]
}

const renewed = { ...sampleLeaf, sha256: 'E5'.repeat(32), notAfter: '2028-10-01T00:00:00.000Z' }

const rows: readonly Row[] = [
  {
    what: 'a flow that was open and is blocked broke',
    before: open,
    after: withVerdict('blocked', { cause: 'refused' }),
    change: 'broke',
    differences: ['verdict open -> blocked', 'cause none -> refused'],
  },
  {
    what: 'a flow that was wrong and is open mended',
    before: withVerdict('wrong', { cause: 'not-the-service' }),
    after: open,
    change: 'mended',
    differences: ['verdict wrong -> open', 'cause not-the-service -> none'],
  },
  {
    what: 'open to degraded is a break, since it will hurt',
    before: open,
    after: withVerdict('degraded'),
    change: 'broke',
    differences: ['verdict open -> degraded'],
  },
  {
    what: 'open to unknown is a break, since it is no longer proven',
    before: open,
    after: withVerdict('unknown'),
    change: 'broke',
    differences: ['verdict open -> unknown'],
  },
  {
    what: 'one failure to another is a change, not a break',
    before: withVerdict('blocked', { cause: 'refused' }),
    after: withVerdict('blocked', { cause: 'filtered-silently' }),
    change: 'changed',
    differences: ['cause refused -> filtered-silently'],
  },
  {
    what: 'what was not asked can neither break nor mend',
    before: open,
    after: withVerdict('not-run'),
    change: 'changed',
    differences: ['verdict open -> not-run'],
  },
  {
    what: 'a flow that must be closed broke when it is open',
    before: closed('blocked'),
    after: closed('open'),
    change: 'broke',
    differences: ['verdict blocked -> open'],
  },
  {
    what: 'a flow that must be closed mended when it is blocked',
    before: closed('open'),
    after: closed('blocked'),
    change: 'mended',
    differences: ['verdict open -> blocked'],
  },
  {
    what: 'a name that moved to another address is one change, not one gone and one new',
    before: at('40.126.32.8'),
    after: at('40.126.32.7'),
    change: 'changed',
    differences: ['address 40.126.32.8 -> 40.126.32.7'],
  },
  {
    what: 'a name that moved and fails there broke',
    before: at('40.126.32.8'),
    after: at('40.126.32.7', { verdict: 'blocked' }),
    change: 'broke',
    differences: ['verdict open -> blocked', 'address 40.126.32.8 -> 40.126.32.7'],
  },
  {
    what: 'another certificate is told by its fingerprint, issuer and end',
    before: shaken({}),
    after: shaken({ chain: [{ ...renewed, issuer: 'CN=Other CA' }] }),
    change: 'changed',
    differences: [
      'certificate B2B2B2B2B2B2B2B2 -> E5E5E5E5E5E5E5E5 (SHA-256)',
      'certificate issuer CN=Corp Inspection CA,O=Corp -> CN=Other CA',
      'certificate valid until 2027-10-01 -> 2028-10-01',
    ],
  },
  {
    what: 'another TLS version is told',
    before: shaken({ version: 'TLSv1.3' }),
    after: shaken({ version: 'TLSv1.2' }),
    change: 'changed',
    differences: ['TLS version TLSv1.3 -> TLSv1.2'],
  },
  {
    what: 'a wait that grew threefold and by 50 ms is told, either way',
    before: timed({ connectMs: 12.4, tlsMs: 300 }),
    after: timed({ connectMs: 480, tlsMs: 100 }),
    change: 'changed',
    differences: ['connect 12 ms -> 480 ms', 'TLS 300 ms -> 100 ms'],
  },
]

for (const { what, before, after, change, differences } of rows) {
  test(what, () => {
    const { changes, summary } = compare([before], [after])
    assert.equal(changes.length, 1)
    assert.equal(changes[0]?.change, change)
    assert.deepEqual(changes[0]?.differences, differences)
    assert.deepEqual(changes[0]?.before, before)
    assert.deepEqual(changes[0]?.after, after)
    assert.equal(
      Object.values(summary).reduce((sum, count) => sum + count, 0),
      1,
    )
  })
}

const unchanged: readonly (readonly [what: string, before: FlowReport, after: FlowReport])[] = [
  ['a wait that tripled within 50 ms', timed({ connectMs: 1 }), timed({ connectMs: 40 })],
  ['a wait that grew by 50 ms and did not triple', timed({ connectMs: 300 }), timed({ connectMs: 500 })],
  ['a phase that only one report has', timed({ dnsMs: 900 }), timed({})],
  ['other words for the same verdict', open, withVerdict('open', { says: 'said otherwise' })],
  [
    'the certificate of a control',
    shaken({}),
    withVerdict('open', { evidence: [handshakeOf(), handshakeOf({ id: 'e9', role: 'control', chain: [renewed] })] }),
  ],
]

for (const [what, before, after] of unchanged) {
  test(`${what} is no change`, () => {
    const { changes, summary } = compare([before], [after])
    assert.deepEqual(changes, [])
    assert.equal(summary.same, 1)
  })
}

test('a flow that only one report has appeared or disappeared', () => {
  const other = { ...open, flow: 'another-row' }
  const { changes } = compare([open], [other])
  assert.deepEqual(
    changes.map(({ change, differences }) => [change, ...differences]),
    [
      ['appeared', 'now open'],
      ['disappeared', 'was open'],
    ],
  )
})

test('addresses of one name are paired exactly first, then those that are left', () => {
  const { changes, summary } = compare([at('10.0.0.1'), at('10.0.0.2')], [at('10.0.0.2'), at('10.0.0.3')])
  assert.equal(summary.same, 1)
  assert.deepEqual(
    changes.map(({ differences }) => differences),
    [['address 10.0.0.1 -> 10.0.0.3']],
  )
})

test('reports of two vantage points are compared by what each reaches', () => {
  const elsewhere: CheckReport = checkReportOf([{ ...open, from: 'connect02' }], { from: 'connect02' })
  const { summary, before, after } = compareReports(checkReportOf([open]), elsewhere, '0.1.0')
  assert.equal(summary.same, 1)
  assert.deepEqual([before.from, after.from], ['connect01', 'connect02'])
})

test('a report has no difference to itself', () => {
  for (const report of [sampleCheck, sampleCheckBefore]) {
    const { changes, summary } = compareReports(report, report, '0.1.0')
    assert.deepEqual(changes, [])
    assert.equal(summary.same, report.flows.length)
  }
})

test('every flow of both reports is told once, and turning time round turns the changes round', () => {
  const flows = fc.array(
    fc.record({
      row: fc.constantFrom('a', 'b', 'c'),
      address: fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3'),
      verdict: fc.constantFrom(...verdictKinds),
      expect: fc.constantFrom('open' as const, 'closed' as const),
    }),
    { maxLength: 12 },
  )
  const turned = {
    broke: 'mended',
    mended: 'broke',
    changed: 'changed',
    appeared: 'disappeared',
    disappeared: 'appeared',
  }
  fc.assert(
    fc.property(flows, flows, (one, other) => {
      const [before, after] = [one, other].map((list) =>
        list.map(({ row, address, verdict, expect }) => at(address, { flow: row, verdict, expect })),
      )
      assert.ok(before && after)
      const forth = compare(before, after)
      const back = compare(after, before)
      assert.equal(forth.changes.filter(({ before: had }) => had).length + forth.summary.same, before.length)
      assert.equal(forth.changes.filter(({ after: has }) => has).length + forth.summary.same, after.length)
      assert.equal(back.summary.same, forth.summary.same)
      for (const [change, opposite] of Object.entries(turned)) {
        assert.equal(
          forth.changes.filter((each) => each.change === change).length,
          back.changes.filter((each) => each.change === opposite).length,
        )
      }
    }),
  )
})

test('checks that follow each other closely are compared without their durations', () => {
  const [before, after] = [timed({ tlsMs: 10 }), timed({ tlsMs: 900 })].map((flow) => checkReportOf([flow]))
  assert.ok(before !== undefined && after !== undefined)
  assert.equal(compareReports(before, after, '0').changes.length, 1)
  assert.deepEqual(compareReports(before, after, '0', false).changes, [])
})

test('what fails as it did before is no change, and is told all the same', () => {
  const still = (flow: FlowReport) => compare([flow], [flow]).stillFailing.length
  for (const verdict of ['blocked', 'wrong', 'unknown', 'degraded'] as const)
    assert.equal(still(withVerdict(verdict)), 1)
  for (const verdict of ['open', 'not-run', 'not-required'] as const) assert.equal(still(withVerdict(verdict)), 0)
  assert.deepEqual([still(closed('open')), still(closed('blocked'))], [1, 0])
  assert.equal(compare([withVerdict('open')], [withVerdict('blocked')]).stillFailing.length, 0)
})

const another = (parts: Partial<FlowReport> = {}): FlowReport => ({ ...open, flow: 'another-row', ...parts })
const typed = (flow: string): FlowReport => another({ flow, source: commandLine })

const leftOutRows: readonly (readonly [
  what: string,
  before: CheckReport,
  after: CheckReport,
  notAsked: readonly FlowReport[],
  gone: readonly FlowReport[],
])[] = [
  [
    '--flow chose other rows: they were not asked, and a target that the chosen row no longer has is gone',
    checkReportOf([open, at('10.9.9.9', { to: 'dc09' }), another()]),
    checkReportOf([open], { leftOut: 1 }),
    [another()],
    [at('10.9.9.9', { to: 'dc09' })],
  ],
  [
    'another host opens other flows: those of the first were not asked',
    checkReportOf([open, another()]),
    checkReportOf([{ ...open, from: 'connect02' }], { from: 'connect02' }),
    [another()],
    [],
  ],
  [
    'TARGETs were asked alone: nothing of the plan was',
    checkReportOf([open, another()]),
    checkReportOf([typed('tcp://dc01:636')]),
    [open, another()],
    [],
  ],
  [
    'a TARGET of the earlier check is in no plan: it was not asked',
    checkReportOf([open, typed('tcp://dc01:636')]),
    checkReportOf([open]),
    [typed('tcp://dc01:636')],
    [],
  ],
  [
    'a check of the whole plan asks all that there is: what it has not is gone',
    checkReportOf([open, another()]),
    checkReportOf([open]),
    [],
    [another()],
  ],
]

for (const [what, before, after, notAsked, gone] of leftOutRows) {
  test(what, () => {
    const compared = compareReports(before, after, '0.1.0')
    assert.deepEqual(compared.notAsked, notAsked.length === 0 ? undefined : notAsked.map(flowKey))
    const disappeared = compared.changes.filter(({ change }) => change === 'disappeared')
    assert.deepEqual(
      disappeared.map((each) => each.before),
      gone,
    )
    assert.equal(compared.summary.disappeared, gone.length)
  })
}
