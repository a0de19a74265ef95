import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resources } from '../watch/api/index.ts'
import { apiEvents } from './apiSchema.ts'
import { openApiDocument } from './openApi.ts'

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly schema: object
  }[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly properties: object } }>>
  }
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, object>> }>
  >
}

interface Document {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

const document: Document = JSON.parse(JSON.stringify(openApiDocument()))
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

/** Every part of a document that is an object. */
function* partsOf(value: unknown): Generator<Readonly<Record<string, unknown>>> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield { ...value }
  for (const part of Object.values(value)) yield* partsOf(part)
}

test('the document is of OpenAPI 3.1, and has a title and a version', () => {
  assert.match(document.openapi, /^3\.1\.\d+$/)
  assert.notEqual(document.info.title, '')
  assert.equal(openApiDocument('1.2.3')['info'] !== undefined, true)
})

test('every row of the registry is an operation of the document, and there is no other', () => {
  assert.deepEqual(
    operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`).sort(),
    resources.map(({ path, method }) => `${method} ${path}`).sort(),
  )
  const ids = operations.map(({ operation }) => operation.operationId)
  assert.equal(new Set(ids).size, ids.length)
})

test('each operation has the parameters and the members of the body of its row', () => {
  for (const { path, method, operation } of operations) {
    const row = resources.find((one) => one.path === path && one.method === method.toUpperCase())
    const query = (operation.parameters ?? []).filter((one) => one.in === 'query').map(({ name }) => name)
    assert.deepEqual(query, Object.keys(row?.query ?? {}), path)
    const inPath = (operation.parameters ?? []).filter((one) => one.in === 'path')
    assert.deepEqual(
      inPath.map(({ name }) => `{${name}}`),
      path.match(/\{\w+\}/g) ?? [],
    )
    assert.ok(inPath.every(({ required }) => required))
    const body = operation.requestBody?.content['application/json']?.schema.properties
    assert.deepEqual(Object.keys(body ?? {}), Object.keys(row?.body ?? {}), path)
    assert.ok(operation.summary.endsWith('.'), path)
    const answer = operation.responses['200']?.content
    assert.equal(Object.keys(answer ?? {}).length, 1, path)
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      assert.notEqual(description, '')
      if (Number(status) >= 400) assert.deepEqual(Object.keys(content ?? {}), ['application/problem+json'])
    }
  }
})

test('every reference leads to a schema of the document, and every schema is used', () => {
  const used = new Set<string>()
  for (const part of partsOf(document)) {
    const ref = part['$ref']
    if (typeof ref !== 'string') continue
    const name = ref.replace('#/components/schemas/', '')
    assert.ok(Object.hasOwn(document.components.schemas, name), ref)
    used.add(name)
  }
  assert.deepEqual([...used].sort(), Object.keys(document.components.schemas).sort())
})

test('the stream names the schema of each of its events', () => {
  const content = document.paths['/events']?.['get']?.responses['200']?.content?.['text/event-stream']
  const { 'x-events': events }: { 'x-events'?: object } = content ?? {}
  assert.deepEqual(Object.keys(events ?? {}), Object.keys(apiEvents))
})

test('what has a name is written out once: a list of words that stands in many places may be repeated, an object may not', () => {
  const text = JSON.stringify(document)
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    const written = JSON.stringify(schema)
    if (written.length < 200) continue
    assert.equal(text.split(written).length - 1, 1, name)
  }
})
