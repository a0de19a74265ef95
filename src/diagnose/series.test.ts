import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onApp, run } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import { appFlow, caseOf, series, tcp } from '../../test/observed.ts'
import { diagnose } from './diagnose.ts'

const flow = appFlow({ target: { service: 'tcp' } })
const lossOf = (missedByTenth: readonly number[], over: Parameters<typeof series>[0] = {}): Draft => {
  const repeated = missedByTenth.reduce((sum, one) => sum + one, 0)
  return series({ sent: 100, prompt: 100 - repeated, repeated, missedByTenth, ...over })
}
const rateOf = (perSecond: number, missed: number, over: Parameters<typeof series>[0] = {}): Draft =>
  series({ asked: 'rate', perSecond, sent: perSecond * 3, prompt: perSecond * 3 - missed, repeated: missed, ...over })

run([
  {
    name: 'losses all the time are a path that loses packets',
    flow,
    seen: [onApp, lossOf([1, 0, 2, 1, 0, 1, 2, 0, 1, 0])],
    verdict: 'degraded',
    cause: 'lossy-path',
    confidence: 'likely',
    owner: 'network',
    alternatives: ['connection-limit', 'saturation'],
    says: /^of 100 connections to 8443\/tcp on app01, one by one over 9\.9 s, 8 had to send the SYN again: .* of more than 4\.1 % of them$/,
    decidedBy: ['e2'],
  },
  {
    name: 'what never got an answer counts as well',
    flow,
    seen: [onApp, lossOf([1, 0, 2, 1, 0, 1, 2, 0, 1, 0], { repeated: 6, lost: 2 })],
    verdict: 'degraded',
    cause: 'lossy-path',
    says: /6 had to send the SYN again and 2 got no answer/,
  },
  {
    name: 'one lost packet is none',
    flow,
    seen: [onApp, lossOf([0, 0, 0, 0, 1, 0, 0, 0, 0, 0])],
    verdict: 'open',
  },
  {
    name: 'nor is one of ten',
    flow,
    seen: [onApp, lossOf([0, 0, 0, 0, 1, 0, 0, 0, 0, 0], { sent: 10, prompt: 9 })],
    verdict: 'open',
  },
  {
    name: 'what was lost in one moment is no loss all the time',
    flow,
    seen: [onApp, lossOf([0, 0, 0, 9, 8, 0, 0, 0, 0, 0])],
    verdict: 'open',
  },
  {
    name: 'what came late at no time at which a SYN is sent again was not lost',
    flow,
    seen: [onApp, series({ sent: 100, prompt: 80, late: 20 })],
    verdict: 'open',
  },
  {
    name: 'between a machine and itself nothing is lost: who is there is busy',
    flow: appFlow({ target: { service: 'tcp', address: '127.0.0.1' } }),
    seen: [
      tcp('connected', { address: '127.0.0.1', port: 8443 }),
      lossOf([1, 0, 2, 1, 0, 1, 2, 0, 1, 0], { address: '127.0.0.1' }),
    ],
    verdict: 'degraded',
    cause: 'saturation',
  },
  {
    name: 'the losses of another place are none of this one',
    flow,
    seen: [onApp, lossOf([1, 0, 2, 1, 0, 1, 2, 0, 1, 0], { port: 443 })],
    verdict: 'open',
  },
  {
    name: 'a pace from which on connections wait is a limit of new ones a second',
    flow,
    seen: [onApp, rateOf(10, 0), rateOf(20, 0), rateOf(40, 30), rateOf(80, 150)],
    verdict: 'degraded',
    cause: 'connection-limit',
    confidence: 'likely',
    owner: 'firewall',
    alternatives: ['saturation'],
    says: /^8443\/tcp on app01 takes 20 new connections a second, and of 40 a second 30 had to send the SYN again, of 120$/,
    fix: /limit of new connections a second/,
    nextProbe: /--rate 40/,
    decidedBy: ['e2', 'e3', 'e4', 'e5'],
  },
  {
    name: 'refusals beyond a pace are a limit, too',
    flow,
    seen: [onApp, rateOf(40, 0), rateOf(80, 0, { prompt: 60, refused: 180 })],
    verdict: 'degraded',
    cause: 'connection-limit',
    says: /180 were refused/,
  },
  {
    name: 'the pace at which losses were looked for is one of the slower ones',
    flow,
    seen: [onApp, series({}), rateOf(20, 30), rateOf(40, 90)],
    verdict: 'degraded',
    cause: 'connection-limit',
    says: /takes 10 new connections a second, and of 20/,
  },
  {
    name: 'a pace close to the limit may miss a few',
    flow,
    seen: [onApp, rateOf(10, 0), rateOf(20, 2), rateOf(40, 62), rateOf(80, 179)],
    verdict: 'degraded',
    cause: 'connection-limit',
    says: /takes 10 new connections a second, and of 40 a second 62 had/,
  },
  {
    name: 'losses that the slowest pace has met none of by chance are no limit',
    flow,
    seen: [onApp, rateOf(10, 0), rateOf(20, 5), rateOf(40, 12), rateOf(80, 22)],
    verdict: 'open',
  },
  {
    name: 'what misses at each pace is lost, and counted by nobody',
    flow,
    seen: [onApp, rateOf(10, 2), rateOf(20, 4), rateOf(40, 9), rateOf(80, 40)],
    verdict: 'open',
  },
  {
    name: 'one pace that misses between two that do not is no limit',
    flow,
    seen: [onApp, rateOf(10, 0), rateOf(20, 20), rateOf(40, 0)],
    verdict: 'open',
  },
  {
    name: 'a pace that takes all is well',
    flow,
    seen: [onApp, rateOf(10, 0), rateOf(20, 0), rateOf(40, 0), rateOf(80, 1)],
    verdict: 'open',
  },
  {
    name: 'a server of this machine that cannot keep up is busy, and no limit',
    flow: appFlow({ target: { service: 'tcp', address: '127.0.0.1' } }),
    seen: [
      tcp('connected', { address: '127.0.0.1', port: 8443 }),
      rateOf(40, 0, { address: '127.0.0.1' }),
      rateOf(80, 100, { address: '127.0.0.1' }),
    ],
    verdict: 'degraded',
    cause: 'saturation',
  },
])

test('what was measured is learnt, also where all is well', () => {
  const seen = [onApp, series({}), rateOf(20, 0), rateOf(40, 0)]
  assert.deepEqual(diagnose(caseOf(flow, seen)).learnt, {
    connectionsSent: 100,
    connectionsMissed: 0,
    roundTripMedianMs: 0.4,
    roundTrip95Ms: 0.7,
    newPerSecondWithoutMiss: 40,
  })
  assert.equal(
    diagnose(caseOf(flow, [onApp, rateOf(20, 1), rateOf(40, 0)])).learnt['newPerSecondWithoutMiss'],
    undefined,
  )
})
