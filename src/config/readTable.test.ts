import assert from 'node:assert/strict'
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { readNamesFile, readPublishedTable } from './readTable.ts'

const tags = {
  changeNumber: 400,
  values: [{ name: 'AzureActiveDirectory', properties: { addressPrefixes: ['20.190.128.0/18', 'rubbish'] } }],
}
const endpoints = [{ id: 56, serviceArea: 'Common', urls: ['login.microsoftonline.com'], ips: ['20.190.128.0/18'] }]

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-table-'))
  const files: Readonly<Record<string, string>> = {
    'ServiceTags_Public_20261116.json': JSON.stringify(tags),
    'worldwide.json': `\uFEFF${JSON.stringify(endpoints)}`,
    'other.json': '{ "site": "hq" }',
    'names.txt': 'login.microsoftonline.com 20.190.129.1\nServer: dc01\n',
  }
  for (const [file, text] of Object.entries(files)) {
    await writeFile(join(folder, file), text)
    await utimes(join(folder, file), new Date(), new Date('2026-10-30T10:00:00Z'))
  }
})
after(() => rm(folder, { recursive: true, force: true }))

test('service tags have the date of their name, and say how many prefixes are none', async () => {
  const read = await readPublishedTable('ServiceTags_Public_20261116.json', folder)
  assert.ok('ok' in read)
  const { table, entries, doubt } = read.ok
  assert.deepEqual(
    [table.kind, table.asOf, entries, doubt],
    ['service-tags', '2026-11-16', 1, '1 of its prefixes are none'],
  )
})

test('a list of endpoints and a dump of names have the date of the file', async () => {
  const published = await readPublishedTable('worldwide.json', folder)
  assert.ok('ok' in published)
  assert.deepEqual([published.ok.table.kind, published.ok.table.asOf], ['endpoints', '2026-10-30'])
  const names = await readNamesFile('names.txt', folder)
  assert.ok('ok' in names)
  assert.deepEqual([names.ok.table.asOf, names.ok.entries], ['2026-10-30', 1])
  assert.match(names.ok.doubt ?? '', /^1 of its lines are none of the forms, the first is line 2$/)
})

test('what is no such table is told with what is right', async () => {
  for (const [file, what] of [
    ['other.json', /^it is neither service tags nor a list of endpoints$/],
    ['names.txt', /^it is no JSON$/],
    ['gone.json', /^it cannot be read/],
  ] as const) {
    const read = await readPublishedTable(file, folder)
    assert.ok('what' in read)
    assert.match(read.what, what)
  }
  const names = await readNamesFile('other.json', folder)
  assert.ok('what' in names)
  assert.match(names.what, /^no line of it has a name and an address$/)
})
