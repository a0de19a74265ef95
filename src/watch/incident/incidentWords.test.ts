import assert from 'node:assert/strict'
import test from 'node:test'
import type { Play } from '../../../test/playWatch.ts'
import { playWatch } from '../../../test/playWatch.ts'
import { atHost, both, during, inNetwork, minutes } from '../../../test/watchWorlds.ts'

const lateThere = [88, 135]
const behindRouter = during(100, inNetwork('10.9.0.0/24', 'no-route'), 700)

const rows: readonly (Play & { readonly what: string; readonly says: RegExp })[] = [
  {
    what: 'a router was dead, and is well: all are counted that suffered, whoever came back last',
    seconds: minutes(60),
    world: both(behindRouter, during(100, atHost('dc03', 'no-route', lateThere), 900)),
    says: /^was: every watched host of 10\.9\.0\.0\/24 failed; 13 flows at 3 hosts were concerned, over after 1[3-5] min; .*no-route$/,
  },
  {
    what: 'one flow was shut, and is well',
    seconds: minutes(60),
    world: during(100, atHost('dc01', 'filtered-silently', [636]), 700),
    says: /^was: 636\/tcp on dc01 filtered-silently; over after 1[01] min$/,
  },
  {
    what: 'what was shut, well and shut again is counted from its begin this time',
    seconds: minutes(240),
    world: both(
      during(100, atHost('dc01', 'no-route'), 700),
      during(minutes(50), atHost('dc01', 'no-route', [88, 135]), minutes(60)),
    ),
    says: /^was: [^;]*; 2 flows were concerned, over after 1[01] min/,
  },
]

for (const { what, says, ...play } of rows) {
  test(what, () => {
    const { alerts } = playWatch(play)
    const last = alerts.at(-1)
    assert.equal(last?.reason, 'recovered')
    assert.match(last?.incident.says ?? '', says)
  })
}

test('while some of it is well again and some fails, nobody reads that so few suffered or that all fails', () => {
  const world = both(behindRouter, during(100, atHost('dc03', 'no-route', lateThere)))
  const played = playWatch({ world, seconds: minutes(20) })
  assert.equal(played.incidents.length, 1)
  assert.match(
    played.incidents[0]?.says ?? '',
    /^every watched host of 10\.9\.0\.0\/24 failed: 13 flows at 3 hosts, 2 of them still fail; /,
  )
})

test('while it waits for whether it stays well, it is spoken of as past already', () => {
  const played = playWatch({ world: behindRouter, seconds: 760 })
  assert.deepEqual(
    played.incidents.map(({ state, says }) => [state, says.split(';')[0]]),
    [['recovering', 'was: every watched host of 10.9.0.0/24 failed']],
  )
})
