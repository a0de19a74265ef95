import assert from 'node:assert/strict'
import test from 'node:test'
import { began, playWatch } from '../../../test/playWatch.ts'
import { flowTo } from '../../../test/watchedSite.ts'
import { atHost, during, minutes } from '../../../test/watchWorlds.ts'
import { failingSubjects, incidentDefaults, restoreIncidents, unwatchedNews } from './index.ts'

const { incidents } = playWatch({ world: during(100, atHost('dc01', 'no-route', [636])), seconds: minutes(10) })
const { key } = flowTo('dc01', 636)
const at = began + minutes(15) * 1000

test('a look that failed after its incident was written counts for when it was last seen', () => {
  const timing = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null }
  const sample = {
    key,
    at,
    verdict: 'blocked',
    cause: 'no-route',
    confidence: 'likely',
    timing,
    isWell: false,
  } as const
  const { incidents: restored } = restoreIncidents(incidents, [sample], at, incidentDefaults)
  assert.deepEqual(
    [...restored.values()].map(({ lastSeenAt }) => lastSeenAt),
    [at],
  )
})

test('what fails is known after a restart, and ends where nobody looks at it any more', () => {
  const state = restoreIncidents(incidents, [], at, incidentDefaults)
  assert.deepEqual([...failingSubjects(state)], [key])
  assert.deepEqual(unwatchedNews(state, new Set([key]), at), [])
  assert.deepEqual(unwatchedNews(state, new Set(), at), [{ kind: 'unwatched', subject: key, at }])
})

test('an incident of a history that knew nothing of courses goes on as it was', () => {
  const old = incidents.map(({ course: _, told: __, consequences, ...rest }) => ({
    ...rest,
    consequences: consequences.map(({ weighed: ___, ...one }) => one),
  }))
  const [restored] = restoreIncidents(old, [], at, incidentDefaults).incidents.values()
  assert.equal(restored?.state, 'open')
  assert.equal(restored?.course.settlesAt, undefined)
})
