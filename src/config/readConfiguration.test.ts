import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { mkdtemp, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { maxConfigurationBytes, readConfiguration } from './readConfiguration.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-configuration-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const wrong: readonly (readonly [what: string, file: string, octets: Uint8Array | undefined, says: RegExp])[] = [
  ['a file that is not there', 'missing.nft', undefined, /^it cannot be read: .+, name a file that can$/],
  ['an empty file', 'empty.nft', Buffer.from(' \n'), /^it is empty, /],
  ['a compressed file', 'edge.gz', gzipSync('table inet edge {}'), /^it is compressed with gzip, unpack it first$/],
  ['an archive', 'edge.zip', Buffer.from('PK\u0003\u0004rest'), /^it is a ZIP archive, unpack it first$/],
]

for (const [what, file, octets, says] of wrong) {
  test(`${what} is told with what is right`, async () => {
    if (octets !== undefined) await writeFile(join(folder, file), octets)
    const read = await readConfiguration(file, folder)
    assert.ok('what' in read)
    assert.match(`${read.what}, ${read.right}`, says)
  })
}

test('a file beyond the limit is refused by its size', async () => {
  await writeFile(join(folder, 'huge.nft'), 'x')
  await truncate(join(folder, 'huge.nft'), maxConfigurationBytes + 1)
  const read = await readConfiguration('huge.nft', folder)
  assert.ok('what' in read)
  assert.match(read.what, /^it has 64\.0 MiB$/)
})

test('a file knows the day it was written, and an input has none', async () => {
  await writeFile(join(folder, 'edge.nft'), Buffer.from('\uFEFFtable inet edge {}', 'utf16le'))
  await utimes(join(folder, 'edge.nft'), new Date(), new Date('2026-10-01T12:00:00Z'))
  assert.deepEqual(await readConfiguration('edge.nft', folder), {
    ok: { text: 'table inet edge {}', encoding: 'utf-16le', writtenOn: '2026-10-01' },
  })
  const input = Readable.from([Buffer.from('table inet '), Buffer.from('edge {}')])
  assert.deepEqual(await readConfiguration('-', folder, { input }), {
    ok: { text: 'table inet edge {}', encoding: 'utf-8' },
  })
})
