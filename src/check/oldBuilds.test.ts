import assert from 'node:assert/strict'
import { test } from 'node:test'
import { caseOf } from '../../test/observed.ts'
import { flowReportOf, samplePlan } from '../../test/reports.ts'
import { findingsOf } from './findingsOf.ts'
import { oldBuilds } from './oldBuilds.ts'

const judgedAt = '2026-11-20T10:00:05.000Z'

test('a build that is too old is told with the day from which it does not sync', () => {
  const [found, ...others] = oldBuilds({ judgedAt, connectBuilds: { connect01: '2.4.21.0', connect02: '2.5.79.0' } })
  assert.deepEqual(others, [])
  assert.equal(found?.code, 'old-connect-build')
  assert.equal(found.severity, 'critical')
  assert.match(
    found.what,
    /2\.4\.21\.0 on connect01 is older than 2\.5\.79\.0: such builds stopped syncing on 2026-09-30/,
  )
  assert.deepEqual(found.where, { target: 'connect01' })
  assert.match(found.why, /https:\/\/learn\.microsoft\.com\//)
})

test('before that day it will, and is high', () => {
  const [found] = oldBuilds({ judgedAt: '2026-09-29T23:59:59.000Z', connectBuilds: { connect01: '2.4.21.0' } })
  assert.equal(found?.severity, 'high')
  assert.match(found.what, /such builds stop syncing on 2026-09-30/)
})

test('no build is no finding', () => {
  assert.deepEqual(oldBuilds({ judgedAt }), [])
})

test('it is the first finding of all', () => {
  const [planned] = samplePlan.flows
  assert.ok(planned)
  const blocked = { ...flowReportOf(planned), verdict: 'blocked', cause: 'refused', necessity: 'required' } as const
  const { context } = caseOf(blocked, [], { judgedAt: '2026-09-01T00:00:00.000Z', connectBuilds: { c: '2.4.21.0' } })
  const codes = findingsOf([blocked], context)
  assert.deepEqual(
    codes.map(({ code }) => code),
    ['old-connect-build', 'refused'],
  )
})
