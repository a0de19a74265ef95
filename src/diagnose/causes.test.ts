import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CauseCode } from '../model/cause.ts'
import { causeCodes, causesByLayer, owners } from '../model/cause.ts'
import type { VerdictKind } from '../model/verdict.ts'
import { causeRows } from './causes.ts'

/** The documented "verdict by cause": what is not named here is blocked, except the causes of time, which degrade. */
const documented: Readonly<Partial<Record<CauseCode, VerdictKind>>> = {
  'wrong-target-dnat': 'wrong',
  'not-the-service': 'wrong',
  'interception-trusted': 'wrong',
  'interception-untrusted': 'wrong',
  'interception-partial': 'wrong',
  'captive-portal': 'wrong',
  'http-page-on-api': 'wrong',
  'wrong-domain': 'wrong',
  'split-brain-override': 'wrong',
  'name-mismatch': 'wrong',
  'mtls-terminated': 'wrong',
  'resolver-slow': 'degraded',
  'high-latency': 'degraded',
  'clock-skew': 'degraded',
  'clock-unsynchronised': 'degraded',
  'wrong-site': 'degraded',
  'crl-stale': 'degraded',
  'revocation-unreachable': 'degraded',
  undetermined: 'unknown',
  'tool-limit': 'unknown',
  'epm-restricted': 'unknown',
}

test('the verdict of each cause is the documented one', () => {
  const ofTime: ReadonlySet<string> = new Set(causesByLayer.time)
  for (const cause of causeCodes) {
    const expected = documented[cause] ?? (ofTime.has(cause) ? 'degraded' : 'blocked')
    assert.equal(causeRows[cause].verdict, expected, cause)
  }
})

test('each cause stands in its layer, and every cause has a row', () => {
  assert.deepEqual(new Set(causeCodes), new Set(Object.keys(causeRows)))
  for (const [layer, causes] of Object.entries(causesByLayer)) {
    for (const cause of causes) assert.equal(causeRows[cause].layer, layer, cause)
  }
  assert.equal(causeRows.undetermined.layer, 'none')
})

test('each cause says what it is, what it looks like, what tells it apart, what mends it and what is next', () => {
  for (const [cause, row] of Object.entries(causeRows)) {
    assert.ok(owners.includes(row.owner), cause)
    for (const field of ['meaning', 'looksLike', 'toldApartBy', 'fix', 'next'] as const) {
      assert.match(row[field], /^\S.{8,}[.?]$/s, `${cause}.${field} is a sentence`)
    }
  }
})
