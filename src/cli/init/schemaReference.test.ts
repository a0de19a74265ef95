import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { referenceTo, schemaReference } from './schemaReference.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = join(root, 'site folder')

const rows: readonly (readonly [string, string, string, string])[] = [
  ['an installation in the folder', 'node_modules/postern/s.json', 'postern.yaml', 'node_modules/postern/s.json'],
  ['a site file further down', 'node_modules/postern/s.json', `hq${sep}postern.yaml`, '../node_modules/postern/s.json'],
]

for (const [title, schema, file, reference] of rows) {
  test(`${title}: ${reference}`, () => {
    assert.equal(referenceTo(pathToFileURL(join(folder, schema)), join(folder, file), folder), reference)
  })
}

test('an installation elsewhere, or under a name with a space, is told as a URL', () => {
  const elsewhere = pathToFileURL(join(root, 'lib', 's.json'))
  assert.equal(referenceTo(elsewhere, join(folder, 'postern.yaml'), folder), elsewhere.href)
  const spaced = pathToFileURL(join(folder, 'my modules', 's.json'))
  assert.equal(referenceTo(spaced, join(folder, 'postern.yaml'), folder), spaced.href)
  assert.doesNotMatch(spaced.href, /\s/)
})

test('the schema of this package is found, and is that of the site file', async () => {
  const reference = await schemaReference(join(root, 'examples', 'x.yaml'), root)
  assert.equal(reference, '../docs/reference/site.schema.json')
  const text = await readFile(join(root, 'examples', reference), 'utf8')
  assert.match(text, /"site"/)
})

test('the package that is published has the schema in it', async () => {
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  assert.ok(typeof manifest === 'object' && manifest !== null && 'files' in manifest && Array.isArray(manifest.files))
  assert.ok(manifest.files.includes('docs/reference') && manifest.files.includes('dist'))
})
