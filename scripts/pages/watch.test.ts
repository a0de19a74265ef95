import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outlets } from '../../src/outlets/index.ts'
import { outletSettings, watchPage, watchSettings } from './watch.ts'

test('every setting of the watcher says what it is, and every number its unit and range', () => {
  const settings = watchSettings()
  assert.ok(settings.length > 50)
  for (const { key, type, range, description } of settings) {
    assert.notEqual(description.trim(), '', `${key} is not described`)
    assert.notEqual(type, 'number', `${key} has no unit`)
    if (/-(seconds|ms|days|mib|port)$/.test(key)) assert.match(range ?? '', /^[\d,]+ to [\d,]+$/, key)
  }
})

test('the page has a line for each setting, and a part for each kind of outlet with its own', () => {
  const page = watchPage()
  for (const { key } of watchSettings()) assert.ok(page.includes(`| \`${key}\` |`), key)
  const kinds = outletSettings()
  assert.deepEqual(
    kinds.map(([kind]) => kind),
    Object.keys(outlets),
  )
  for (const [kind, what, settings] of kinds) {
    assert.ok(page.includes(`### ${kind}\n\n${what}`))
    const own = Object.keys(outlets[kind as keyof typeof outlets].settings)
    for (const key of ['takes', 'least', ...own]) {
      assert.ok(
        settings.some((one) => one.key === `.${key}`),
        `${kind}.${key}`,
      )
    }
  }
})
