import assert from 'node:assert/strict'
import test from 'node:test'
import { began, playWatch } from '../../../test/playWatch.ts'
import { atHost, during, minutes } from '../../../test/watchWorlds.ts'
import { postMortem } from './postMortem.ts'

test('the page of an incident tells when, what, who was told, and what was done before', () => {
  const { incidents } = playWatch({
    world: during(100, atHost('dc01', 'no-route'), 700),
    seconds: minutes(40),
  })
  const [incident] = incidents
  assert.ok(incident !== undefined)
  const page = postMortem(incident, [
    { at: began + 90_000, kind: 'change-start', name: 'new <b>firewall</b>|rules' },
    { at: began - minutes(90) * 1000, kind: 'change-start', name: 'long before' },
  ])
  assert.match(page, /^# host dc01: no-route\n/)
  assert.match(page, /change start: new \\<b\\>firewall\\<\/b\\>\\\|rules/)
  assert.doesNotMatch(page, /long before/)
  assert.match(page, /opened: all/)
  assert.match(page, /recovered: all/)
  assert.match(page, /nothing failed any more, after 1\d min|after 9 min|after 10 min/)
  assert.equal(page.match(/began to fail/g)?.length, 6)
  assert.match(page, /## What was to be done\n\nbring dc01 up/)
})
