import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyCase } from '../../test/anyCase.ts'
import { confidences, owners } from '../model/cause.ts'
import type { Observation } from '../model/observation.ts'
import { verdictKinds } from '../model/verdict.ts'
import { causeRows } from './causes.ts'
import { clientCertificateRules } from './clientCertificate.ts'
import { hostClockRules } from './clockHost.ts'
import { diagnose, rules, rulesThroughProxy } from './diagnose.ts'
import { stateRules, whoAnswersRules } from './identity.ts'
import { packetRules } from './packets.ts'
import { routeRules } from './route.ts'
import { rpcRangeRules } from './rpcRange.ts'
import { isToBeAsked } from './rule.ts'
import { lookAt } from './seen.ts'
import { serviceRules } from './serviceRules.ts'
import { signInRules } from './signIn.ts'
import { silenceRules } from './silence.ts'

const runs = { numRuns: 3000 }

test('any observations give a verdict within the vocabulary', () => {
  fc.assert(
    fc.property(anyCase, (known) => {
      const verdict = diagnose(known)
      assert.ok(verdictKinds.includes(verdict.verdict))
      assert.ok(confidences.includes(verdict.confidence))
      assert.ok(verdict.owner === undefined || owners.includes(verdict.owner))
      assert.ok(verdict.says.length > 0)
      assert.doesNotMatch(verdict.says + (verdict.fix ?? '') + (verdict.nextProbe ?? ''), /undefined|NaN|\[object/)
    }),
    runs,
  )
})

test('what decided is in the evidence, each once', () => {
  fc.assert(
    fc.property(anyCase, (known) => {
      const { decidedBy } = diagnose(known)
      const ids = new Set(known.observations.map(({ id }) => id))
      assert.deepEqual(
        decidedBy.filter((id) => !ids.has(id)),
        [],
      )
      assert.equal(new Set(decidedBy).size, decidedBy.length)
    }),
    runs,
  )
})

test('the verdict follows from the cause, and from nothing else', () => {
  fc.assert(
    fc.property(anyCase, (known) => {
      const { verdict, cause, alternatives, owner } = diagnose(known)
      if (cause === undefined) {
        assert.equal(owner, undefined)
        assert.ok(verdict !== 'degraded' && verdict !== 'wrong' && verdict !== 'unknown')
        return
      }
      const isLessened = verdict === 'degraded' && ['connection-limit', 'idle-cut', 'srv-incomplete'].includes(cause)
      if (!isLessened) assert.equal(verdict, causeRows[cause].verdict)
      assert.ok(owner)
      assert.ok(!alternatives.includes(cause))
    }),
    runs,
  )
})

test('nothing is certain that only silence says', () => {
  fc.assert(
    fc.property(anyCase, (known) => {
      const { confidence, decidedBy, cause } = diagnose(known)
      if (confidence !== 'certain') return
      const spoke = known.observations.filter(
        (one) => decidedBy.includes(one.id) && !('outcome' in one && one.outcome === 'timeout'),
      )
      assert.ok(spoke.length > 0, `${cause} is certain by silence`)
    }),
    runs,
  )
})

test('without a control no silence accuses anybody', () => {
  fc.assert(
    fc.property(anyCase, (known) => {
      const own = known.observations.filter(
        ({ role, kind }) => (role === 'probe' || role === 'repeat') && kind === 'tcp-connect',
      )
      const silent = own.map(
        (one) => ({ ...one, outcome: 'timeout' as const, address: '10.1.0.5', port: 636 }) as Observation,
      )
      const at = {
        ...known.flow,
        target: { ...known.flow.target, address: '10.1.0.5', port: 636, transport: 'tcp' as const },
      }
      const { verdict } = diagnose({ ...known, flow: at, observations: silent })
      const quiet =
        known.flow.expect === 'closed' ? ['blocked', 'not-run', 'unknown'] : ['unknown', 'not-run', 'not-required']
      assert.ok(quiet.includes(verdict), verdict)
    }),
    runs,
  )
})

test('a rule that is not asked would have found nothing', () => {
  const demanding = [...rules, ...rulesThroughProxy].filter(({ needs }) => needs !== undefined)
  assert.ok(demanding.length > 20)
  fc.assert(
    fc.property(anyCase, (known) => {
      const seen = lookAt(known)
      for (const rule of demanding) {
        if (!isToBeAsked(rule, seen)) assert.equal(rule.match(seen), undefined, rule.cause)
      }
    }),
    runs,
  )
})

test('a flow that must be closed has no cause to be', () => {
  fc.assert(
    fc.property(anyCase, (known) => {
      const { verdict, cause } = diagnose({ ...known, flow: { ...known.flow, expect: 'closed' } })
      assert.ok(['open', 'blocked', 'unknown', 'not-run'].includes(verdict))
      assert.equal(cause, verdict === 'unknown' ? 'undetermined' : undefined)
    }),
    runs,
  )
})

test('the same case gives the same verdict', () => {
  fc.assert(
    fc.property(anyCase, (known) => {
      assert.deepEqual(diagnose(known), diagnose(structuredClone(known)))
    }),
    { numRuns: 300 },
  )
})

test('among the cases are those that the rules speak of which chance alone would not meet', () => {
  const met = new Set(fc.sample(anyCase, { seed: 1, numRuns: 6000 }).map((known) => diagnose(known).cause))
  const rare = [
    ...[...silenceRules, ...clientCertificateRules, ...routeRules, ...packetRules, ...rpcRangeRules],
    ...[...serviceRules, ...whoAnswersRules, ...stateRules, ...hostClockRules, ...signInRules],
  ].map(({ cause }) => cause)
  assert.deepEqual(
    rare.filter((cause) => !met.has(cause)),
    [],
  )
})
