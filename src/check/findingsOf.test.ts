import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flowReportOf, samplePlan } from '../../test/reports.ts'
import type { Necessity } from '../model/flow.ts'
import type { FlowReport } from '../model/report.ts'
import type { VerdictKind } from '../model/verdict.ts'
import { findingsOf } from './findingsOf.ts'

const [planned] = samplePlan.flows
assert.ok(planned)
const open = flowReportOf(planned)
const flow = (parts: Partial<FlowReport>): FlowReport => ({ ...open, ...parts })

const severities: readonly (readonly [VerdictKind, Necessity, string | undefined])[] = [
  ['open', 'required', undefined],
  ['not-run', 'required', undefined],
  ['not-required', 'legacy', undefined],
  ['blocked', 'required', 'high'],
  ['wrong', 'required', 'high'],
  ['blocked', 'conditional', 'medium'],
  ['blocked', 'recommended', 'low'],
  ['wrong', 'optional', 'low'],
  ['degraded', 'required', 'medium'],
  ['unknown', 'required', 'medium'],
  ['unknown', 'optional', 'low'],
]

for (const [verdict, necessity, severity] of severities) {
  test(`a ${necessity} flow that is ${verdict} is ${severity === undefined ? 'no finding' : `a finding of ${severity} severity`}`, () => {
    const found = findingsOf([flow({ verdict, necessity, cause: 'refused' })])
    assert.deepEqual(
      found.map((finding) => finding.severity),
      severity === undefined ? [] : [severity],
    )
  })
}

test('flows that fail for one cause at one place are one finding, with the worst severity and every row', () => {
  const failed = { verdict: 'blocked', cause: 'refused' } as const
  const found = findingsOf([
    flow({ ...failed, flow: 'one', necessity: 'optional' }),
    flow({ ...failed, flow: 'two', necessity: 'required' }),
    flow({ ...failed, flow: 'three', target: { ...open.target, address: '10.9.9.9' } }),
    flow({ ...failed, flow: 'four', cause: 'cert-expired' }),
  ])
  assert.deepEqual(
    found.map(({ code, severity, flows }) => [code, severity, flows]),
    [
      ['refused', 'high', ['one', 'two']],
      ['refused', 'high', ['three']],
      ['cert-expired', 'high', ['four']],
    ],
  )
})

test('the worst comes first', () => {
  const found = findingsOf([
    flow({ verdict: 'degraded', cause: 'high-latency' }),
    flow({ verdict: 'blocked', cause: 'refused' }),
  ])
  assert.deepEqual(
    found.map(({ severity }) => severity),
    ['high', 'medium'],
  )
})

test('a flow that must be closed is a finding when it is open, and only then', () => {
  const closed = (verdict: VerdictKind) => findingsOf([flow({ expect: 'closed', necessity: 'not-required', verdict })])
  assert.deepEqual(
    closed('open').map(({ code, severity }) => [code, severity]),
    [['forbidden-flow-open', 'high']],
  )
  for (const verdict of ['blocked', 'unknown', 'not-run'] as const) assert.deepEqual(closed(verdict), [])
})
