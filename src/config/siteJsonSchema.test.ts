import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clouds } from '../model/cloud.ts'
import { features } from '../model/feature.ts'
import { siteRoles } from '../model/role.ts'
import { facts } from '../model/site.ts'
import { vendors } from '../model/vendor.ts'
import { siteJsonSchema } from './siteJsonSchema.ts'
import { siteSchema } from './siteSchema.ts'

interface Form {
  readonly description?: string
  readonly enum?: readonly string[]
  readonly examples?: readonly unknown[]
  readonly additionalProperties?: boolean | Form
  readonly properties?: Readonly<Record<string, Form>>
  readonly items?: Form
}

const schema: Form = JSON.parse(JSON.stringify(siteJsonSchema()))

test('an editor is told of every key what it is for, and marks the others', () => {
  for (const [path, form] of formsIn(schema)) {
    assert.ok(path.endsWith('[]') || form.description !== undefined, `${path} has no description`)
    if (form.properties === undefined) continue
    assert.equal(form.additionalProperties, false, path)
    for (const key of Object.keys(form.properties)) assert.match(key, /^[a-z0-9]+(-[a-z0-9]+)*$/)
  }
})

test('an editor offers the words of the registries', () => {
  const words = new Map(formsIn(schema).map(([path, form]) => [path, form.enum]))
  assert.deepEqual(words.get('.cloud'), clouds)
  assert.deepEqual(words.get('.features[]'), features)
  assert.deepEqual(words.get('.hosts.*.roles[]'), siteRoles)
  assert.deepEqual(words.get('.devices.*.vendor'), vendors)
  assert.deepEqual(Object.keys(schema.properties?.['facts']?.properties ?? {}), facts)
})

test('every example of the schema is what it is an example of', () => {
  const base = { site: 'a', hosts: {} }
  const flow = { id: 'a', from: 'any', to: 'internet', ports: [1] }
  const device = { vendor: 'nftables', files: ['a'] }
  const proxy = { url: 'http://proxy:3128', 'used-by': [] }
  const around: Readonly<Record<string, (value: Record<string, unknown>) => object>> = {
    'hosts.*': (value) => ({ hosts: { a: { roles: [], ...value } } }),
    'networks.*': (value) => ({ networks: { a: { roles: [], ...value } } }),
    'proxies.*': (value) => ({ proxies: { a: { ...proxy, ...value } } }),
    'devices.*': (value) => ({ devices: { a: { ...device, ...value } } }),
    'paths[]': (value) => ({ paths: [{ from: 'any', to: 'internet', through: ['a'], ...value }] }),
    'flows[]': (value) => ({ flows: [{ ...flow, ...value }] }),
    resolvers: (value) => ({ resolvers: value }),
    trust: (value) => ({ trust: value }),
  }
  let tried = 0
  for (const [path, { examples = [] }] of formsIn(schema)) {
    const [, parent = '', key = ''] = /^\.(?:(.+)\.)?([a-z-]+)$/.exec(path) ?? []
    const wrap = parent === '' ? (value: object) => value : around[parent]
    if (key === '' || wrap === undefined) continue
    for (const example of examples) {
      const parsed = siteSchema.safeParse({ ...base, ...wrap({ [key]: example }) })
      assert.ok(parsed.success, `${path}: ${JSON.stringify(example)} ${parsed.error?.message}`)
      tried += 1
    }
  }
  assert.ok(tried > 25, `only ${tried} examples`)
})

function formsIn(form: Form, path = ''): [string, Form][] {
  const { properties = {}, additionalProperties, items } = form
  return [
    [path, form],
    ...Object.entries(properties).flatMap(([key, inner]) => formsIn(inner, `${path}.${key}`)),
    ...(typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0
      ? formsIn(additionalProperties, `${path}.*`)
      : []),
    ...(items === undefined ? [] : formsIn(items, `${path}[]`)),
  ]
}
