import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBuild, isOlderBuild, leastConnectBuild } from './connectBuilds.ts'

test('builds are compared number by number, not letter by letter', () => {
  assert.equal(isOlderBuild('2.4.21.0', '2.5.79.0'), true)
  assert.equal(isOlderBuild('2.5.9.0', '2.5.79.0'), true)
  assert.equal(isOlderBuild('2.5.79.0', '2.5.79.0'), false)
  assert.equal(isOlderBuild('2.5.190.0', '2.5.79.0'), false)
  assert.equal(isOlderBuild('10.0.0.0', '2.5.79.0'), false)
})

test('a build has four numbers', () => {
  assert.equal(isBuild(leastConnectBuild.build), true)
  for (const text of ['', '2.5', '2.5.79', '2.5.79.0.1', '2.5.79.x', 'v2.5.79.0', '2.5.790000.0'])
    assert.equal(isBuild(text), false, text)
})
