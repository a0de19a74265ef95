import assert from 'node:assert/strict'
import test from 'node:test'
import type { World } from '../../../test/playWatch.ts'
import { playWatch } from '../../../test/playWatch.ts'
import { atHost, both, during, inNetwork, minutes, toldOf } from '../../../test/watchWorlds.ts'

/** A number between 0 and 1 that looks drawn, and is the same each time (the finaliser of MurmurHash3). */
function drawn(...seeds: readonly number[]): number {
  let hash = 0x9e3779b9
  for (const seed of seeds) {
    hash = Math.imul(hash ^ seed, 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return (hash >>> 0) / 2 ** 32
}

/** One probe of a hundred is lost, each by itself. */
const lossy: World = (flow, second) =>
  drawn(flow.flow.target.port ?? 0, flow.key.length, second) < 0.01 ? 'filtered-silently' : undefined

test('a day in which one probe of a hundred is lost has no incident', () => {
  const played = playWatch({ world: lossy, seconds: minutes(24 * 60) })
  assert.deepEqual(played.incidents, [])
})

test('a day with four faults among lost probes has four incidents, each told once as begun and once as over', () => {
  const world = both(
    during(minutes(120), atHost('dc01', 'no-route'), minutes(150)),
    during(minutes(400), inNetwork('10.9.0.0/24', 'no-route'), minutes(460)),
    during(minutes(700), ({ on }) => (on.via === undefined ? undefined : 'proxy-dead'), minutes(712)),
    during(minutes(1000), ({ on }) => (on.certificate === 'leaf-dc02' ? 'cert-expired' : undefined), minutes(1100)),
    lossy,
  )
  const played = playWatch({ world, seconds: minutes(24 * 60), killedAt: [minutes(130), minutes(455), minutes(1005)] })
  assert.deepEqual(toldOf(played), [
    'opened host dc01',
    'recovered host dc01',
    'opened destination 10.9.0.0/24',
    'recovered destination 10.9.0.0/24',
    'opened proxy egress',
    'recovered proxy egress',
    'opened certificate leaf-dc02',
    'recovered certificate leaf-dc02',
  ])
})

test('a real fault is told of within two minutes', () => {
  for (const begins of [100, 117, 131, 149]) {
    const [first] = playWatch({ world: during(begins, atHost('dc02', 'no-route')), seconds: minutes(10) }).alerts
    assert.ok(first !== undefined && first.at - first.incident.since < 120_000)
  }
})
