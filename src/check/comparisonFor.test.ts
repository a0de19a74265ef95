import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connected, netlogon, rootDse, saidAt, saidByUdp, toController } from '../../test/controllers.ts'
import type { Draft } from '../../test/observed.ts'
import { filed, tcp } from '../../test/observed.ts'
import { comparisonFor } from './comparisonFor.ts'

const flow = toController('ldap', 389)
const after = (verdict: Parameters<typeof comparisonFor>[1], seen: readonly Draft[]) =>
  comparisonFor(flow, verdict, filed(seen))

test('a service that works asks nothing more of anybody', () => {
  assert.equal(after({ verdict: 'open' }, [connected(389), saidAt(389, rootDse())]), 'none')
})

for (const [verdict, cause] of [
  ['wrong', 'wrong-domain'],
  ['degraded', 'clock-skew'],
  ['degraded', 'wrong-site'],
  ['blocked', 'dc-not-ready'],
  ['blocked', 'stale-record'],
] as const) {
  test(`${cause}, which the host said itself, is held against what else it said, without a further question`, () => {
    assert.equal(after({ verdict, cause }, [saidByUdp(389, netlogon())]), 'context')
  })
}

test('a stale record that only a certificate tells, and a port that is shut, get questions of their own', () => {
  assert.equal(after({ verdict: 'blocked', cause: 'stale-record' }, [connected(636)]), 'controls')
  assert.equal(after({ verdict: 'blocked', cause: 'refused' }, [tcp('refused')]), 'controls')
})
