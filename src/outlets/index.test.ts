import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { anAlert, anEvent, toolsTo } from '../../test/outletRig.ts'
import { outlets } from './index.ts'
import { openOutlet, wants } from './openOutlets.ts'
import type { OutletRow } from './outlet.ts'
import { readSettings } from './setting.ts'
import { tryOutlet, tryWords } from './tryOutlet.ts'

const rows: readonly (readonly [kind: string, row: OutletRow])[] = Object.entries(outlets)

test('every folder with an outlet stands in the registry by its name, and every name has its folder', () => {
  const room = fileURLToPath(new URL('.', import.meta.url))
  const folders = readdirSync(room, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const { name } of folders) assert.ok(existsSync(`${room}${name}/outlet.ts`), `${name} has no outlet.ts`)
  assert.deepEqual(folders.map(({ name }) => name).toSorted(), Object.keys(outlets).toSorted())
})

for (const [kind, { what, takes, atOnce, settings }] of rows) {
  test(`${kind}: says what it is, and each setting its unit, range, default and example`, () => {
    assert.match(what, /^[A-Z].*\.$/)
    assert.ok(takes.includes('alerts') && atOnce >= 1)
    for (const [key, setting] of Object.entries(settings)) {
      assert.match(key, /^[a-z]+(-[a-z]+)*$/)
      assert.match(setting.what, /[.…]$/, key)
      switch (setting.kind) {
        case 'count':
          assert.ok(setting.unit !== '' && setting.least <= setting.usual && setting.usual <= setting.most, key)
          break
        case 'choice':
          assert.ok(setting.words.includes(setting.usual), key)
          break
        case 'flag':
          break
        default:
          assert.ok(Object.keys(setting.example).length > 0, key)
      }
    }
  })

  test(`${kind}: opens with what its examples say, and with nothing else`, async (t) => {
    const examples = Object.fromEntries(
      Object.entries(settings).flatMap(([key, setting]) => ('example' in setting ? [[key, setting.example]] : [])),
    )
    const tools = await toolsTo(t, 1)
    const base = { name: 'x', kind, takes: ['alerts'] } as const
    assert.ok('ok' in (await openOutlet({ ...base, settings: examples }, tools)))
    const strange = await openOutlet({ ...base, settings: { ...examples, colour: 'red' } }, tools)
    assert.deepEqual(strange, { why: 'there is no setting colour' })
    const [needed] = Object.keys(examples)
    const without = await openOutlet({ ...base, settings: { ...examples, [needed ?? '']: undefined } }, tools)
    assert.deepEqual(without, { why: `${needed} is missing` })
  })
}

test('an outlet of no kind is told', async (t) => {
  const opened = await openOutlet({ name: 'x', kind: 'pigeon', takes: ['alerts'], settings: {} }, await toolsTo(t, 1))
  assert.deepEqual(opened, { why: 'there is no outlet of the kind pigeon' })
})

test('a setting that is out of its range, or is a secret itself, is not taken', () => {
  const { timeout, url } = {
    timeout: { kind: 'count', unit: 's', least: 1, most: 60, usual: 10, what: 'A.' },
    url: { kind: 'secret', example: 'env:A', what: 'B.' },
  } as const
  assert.deepEqual(readSettings({ timeout }, { timeout: 61 }), { why: 'timeout is not what it has to be' })
  assert.deepEqual(readSettings({ url }, { url: 'https://hooks.slack.com/POISON' }), {
    why: 'url is not what it has to be',
  })
})

test('an outlet is told what it takes, from the gravity on that it wants, and every test', () => {
  const alert = { kind: 'alert', alert: anAlert() } as const
  const event = { kind: 'event', event: anEvent() } as const
  assert.equal(wants({ takes: ['alerts'] }, alert), true)
  assert.equal(wants({ takes: ['alerts'], least: 'high' }, alert), true)
  assert.equal(wants({ takes: ['alerts'], least: 'critical' }, alert), false)
  assert.equal(wants({ takes: ['events'] }, alert), false)
  assert.equal(wants({ takes: ['alerts'] }, event), false)
  assert.equal(wants({ takes: ['events'] }, event), true)
  assert.equal(wants({ takes: ['events'], least: 'medium' }, event), false)
  const trial = { kind: 'alert', alert: anAlert({ reason: 'test' }, { severity: 'info' }) } as const
  assert.equal(wants({ takes: ['events'], least: 'critical' }, trial), true)
})

test('a try sends one alert that says that it is a test, and tells what was answered', async (t) => {
  const sent: unknown[] = []
  const outlet = {
    ...{ name: 'ops', kind: 'slack', atOnce: 1, timeoutMs: 1000 },
    async send(told: readonly unknown[]) {
      sent.push(...told)
      return { kind: 'taken', says: 'answers 200: ok' } as const
    },
  }
  const delivery = await tryOutlet(outlet, { site: 'hq', from: 'connect01', id: 'id-1', now: 0, signal: t.signal })
  assert.equal(tryWords(outlet, delivery), 'ops (slack) took the test alert: answers 200: ok')
  assert.match(JSON.stringify(sent), /"reason":"test".*This tries the outlet ops: nothing is wrong\./)
  assert.equal(
    tryWords(outlet, { kind: 'refused', says: 'answers 404' }),
    'ops (slack) refuses the test alert: answers 404',
  )
})
