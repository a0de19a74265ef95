import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { gateSchema } from '../../src/config/gateSchema.ts'
import { gatePage, gateSettings } from './gate.ts'

interface Told {
  readonly type?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, Told>>
  readonly additionalProperties?: Told | false
  readonly items?: Told
}

/** Every key that may be written, walked by other means than the page does, with what the schema says of it. */
function keysIn(schema: Told, key: string): readonly (readonly [key: string, told: Told])[] {
  const { properties = {}, additionalProperties: each, items } = schema
  return [
    ...Object.entries(properties).flatMap(([name, inner]) => [
      [`${key}.${name}`, inner] as const,
      ...keysIn(inner, `${key}.${name}`),
    ]),
    ...(each ? [[`${key}.NAME`, each] as const, ...keysIn(each, `${key}.NAME`)] : []),
    ...(items?.properties === undefined ? [] : keysIn(items, `${key}[]`)),
  ]
}

const written = keysIn(z.toJSONSchema(gateSchema, { io: 'input' }) as Told, 'gate')
const settings = new Map(gateSettings().map((one) => [one.key, one]))

test('every setting of the gate has an entry, which says what it is', () => {
  assert.ok(written.length > 60)
  for (const [key] of written) {
    const setting = settings.get(key)
    assert.ok(setting, `${key} has no entry`)
    assert.notEqual(setting.description.trim(), '', `${key} is not described`)
  }
  assert.equal(settings.size, new Set(written.map(([key]) => key)).size)
})

test('every number has its unit and its range, and what has a default tells it', () => {
  for (const [key, told] of written) {
    const { type, range, usual } = settings.get(key) ?? {}
    if (told.type === 'integer') {
      assert.notEqual(type, 'number', `${key} has no unit`)
      const bounds = [told.minimum, told.maximum].map((bound) => bound?.toLocaleString('en'))
      assert.equal(range, bounds.join(' to '), key)
    }
    if (told.default !== undefined && typeof told.default !== 'object') {
      assert.equal(usual?.replaceAll(',', ''), String(told.default), key)
    }
  }
})

test('the page has a line for each setting', () => {
  const page = gatePage()
  for (const key of settings.keys()) assert.ok(page.includes(`| \`${key}\` |`), key)
})
