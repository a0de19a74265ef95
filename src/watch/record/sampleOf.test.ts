import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plannedFlow, refused, reportOf } from '../../../test/watch/plannedFlow.ts'
import type { FlowReport } from '../../model/report.ts'
import { PlannedKeys } from './plannedKeys.ts'
import { seenOf, worseOf } from './sampleOf.ts'

const flow = plannedFlow('dc01', 't1-ldaps')
const closed = plannedFlow('dc01', 'no-telnet', { expect: 'closed' })

const rows: readonly (readonly [what: string, report: FlowReport, isWell: boolean | undefined])[] = [
  ['open where it must be', reportOf(flow), true],
  ['blocked', reportOf(flow, refused), false],
  ['degraded', reportOf(flow, { verdict: 'degraded', cause: 'high-latency' }), false],
  ['wrong', reportOf(flow, { verdict: 'wrong', cause: 'not-the-service' }), false],
  ['unknown', reportOf(flow, { verdict: 'unknown', cause: 'undetermined' }), false],
  ['closed where it must be', reportOf(closed, refused), true],
  ['open where it must be closed', reportOf(closed), false],
  ['unknown where it must be closed', reportOf(closed, { verdict: 'unknown', cause: 'undetermined' }), undefined],
  ['spared', reportOf(flow, { verdict: 'not-required' }), true],
  ['not run', reportOf(flow, { verdict: 'not-run' }), undefined],
  ['what this machine cannot do', reportOf(flow, { verdict: 'unknown', cause: 'tool-limit' }), undefined],
]

for (const [what, report, isWell] of rows) {
  test(`a look that came to ${what} is ${isWell === undefined ? 'no look' : isWell ? 'well' : 'not well'}`, () => {
    assert.equal(seenOf('key', report, 5)?.sample.isWell, isWell)
  })
}

test('a sample has what was seen, and readings only of what was measured', () => {
  const seen = seenOf('key', reportOf(flow), 5)
  assert.deepEqual(seen?.sample, {
    key: 'key',
    at: 5,
    verdict: 'open',
    confidence: 'certain',
    timing: { dnsMs: 1, connectMs: 2.5, tlsMs: null, firstByteMs: 4 },
    address: '10.1.0.5',
    isWell: true,
  })
  assert.deepEqual(
    seen?.readings.map(({ measure, value }) => [measure, value]),
    [
      ['dns-ms', 1],
      ['connect-ms', 2.5],
      ['first-byte-ms', 4],
      ['whole-ms', 7.5],
    ],
  )
  assert.deepEqual(
    seenOf('key', reportOf(flow, refused), 5)?.readings.map(({ measure }) => measure),
    ['dns-ms'],
  )
})

test('the time of a look is that of its first question', () => {
  const at = '2026-03-28T12:00:00.250Z'
  const evidence: FlowReport['evidence'] = [
    { id: 'e1', role: 'probe', kind: 'tcp-connect', at, ms: 2.5, address: '10.1.0.5', port: 636, outcome: 'connected' },
  ]
  assert.equal(seenOf('key', reportOf(flow, { evidence }), 5)?.sample.at, Date.parse(at))
})

test('a report is that of the planned flow, whatever address was dialled', () => {
  const fixed = plannedFlow('dc02', 't1-ldaps', {
    target: { address: '10.1.0.5', port: 636, transport: 'tcp', service: 'ldaps' },
  })
  const keys = new PlannedKeys([flow, fixed])
  assert.equal(keys.of(reportOf(flow)), 't1-ldaps|here|dc01|dc01.corp.example||636|tcp')
  assert.equal(keys.of(reportOf(fixed)), 't1-ldaps|here|dc02||10.1.0.5|636|tcp')
  assert.equal(keys.of(reportOf(closed)), undefined)
})

test('of both families of a name the one that stands worse counts', () => {
  const [good, bad] = [seenOf('key', reportOf(flow), 5), seenOf('key', reportOf(flow, refused), 5)]
  assert.ok(good !== undefined && bad !== undefined)
  assert.equal(worseOf(good, bad), bad)
  assert.equal(worseOf(bad, good), bad)
})
