import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { readSecret } from './readSecret.ts'

const secret = 'svc-postern:hunter2 & co'

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-secret-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** What is said where there is no secret; nothing of what stood there may be in it. */
function refused(read: Awaited<ReturnType<typeof readSecret>>): string {
  assert.ok('what' in read, 'a secret was read')
  const words = `${read.what}, ${read.right}`
  assert.doesNotMatch(words, /hunter2|svc-postern/)
  return words
}

test('a variable holds the secret, up to the end of its line', async () => {
  assert.deepEqual(await readSecret('env:P', { P: secret }, '/'), { ok: secret })
  assert.deepEqual(await readSecret('env:P', { P: `${secret}\r` }, '/'), { ok: secret })
  assert.deepEqual(await readSecret('env:P', { P: `${secret}\nsecond` }, '/'), { ok: secret })
})

test('a variable that is not set, or empty, is named with what would set it', async () => {
  for (const environment of [{}, { P: '' }, { P: '\n' }, { p: secret }]) {
    assert.equal(refused(await readSecret('env:P', environment, '/')), 'P is not set, set it: export P=USER:PASSWORD')
  }
})

for (const [ends, text] of Object.entries({
  'no line end': secret,
  'a line end': `${secret}\n`,
  'that of Windows': `${secret}\r\nsecond line\r\n`,
  'a byte order mark before it': `\uFEFF${secret}\n`,
})) {
  test(`the first line of a file is the secret, with ${ends}`, async (t) => {
    const folder = await folderFor(t)
    await writeFile(join(folder, 'auth'), text)
    assert.deepEqual(await readSecret('file:auth', {}, folder), { ok: secret })
    assert.deepEqual(await readSecret(`file:${join(folder, 'auth')}`, {}, '/'), { ok: secret })
  })
}

test('a link to a file is followed: secrets of a container are mounted so', async (t) => {
  const folder = await folderFor(t)
  await writeFile(join(folder, 'real'), secret)
  await symlink('real', join(folder, 'auth'))
  assert.deepEqual(await readSecret('file:auth', {}, folder), { ok: secret })
})

test('a file that is missing, empty, a folder or a device says which', async (t) => {
  const folder = await folderFor(t)
  await mkdir(join(folder, 'folder'))
  await writeFile(join(folder, 'empty'), '')
  await writeFile(join(folder, 'blank'), `\n${secret}\n`)
  const said = async (place: string): Promise<string> => refused(await readSecret(`file:${place}`, {}, folder))
  assert.match(await said('missing'), /^"missing" cannot be read: .+, paths are relative to the site file$/)
  assert.match(await said('folder'), /cannot be read: it is a folder/)
  assert.match(await said('/dev/zero'), /cannot be read: it is a pipe or device and no file/)
  assert.equal(await said('empty'), '"empty" has an empty first line, write USER:PASSWORD into it')
  assert.equal(await said('blank'), '"blank" has an empty first line, write USER:PASSWORD into it')
})

test('a secret longer than any is refused without a word of it, and a file of any size is read in bounds', async (t) => {
  const folder = await folderFor(t)
  const long = secret.repeat(1000)
  await writeFile(join(folder, 'long'), long)
  await writeFile(join(folder, 'log'), `${secret}\n`.repeat(1_000_000))
  const words = 'the secret is longer than 4096 characters, write USER:PASSWORD'
  assert.equal(refused(await readSecret('file:long', {}, folder)), words)
  assert.equal(refused(await readSecret('env:P', { P: long }, '/')), words)
  assert.deepEqual(await readSecret('file:log', {}, folder), { ok: secret })
  const just = 'é'.repeat(4096)
  await writeFile(join(folder, 'just'), just)
  assert.deepEqual(await readSecret('file:just', {}, folder), { ok: just })
})

test('a store that is not read is named with those that are', async () => {
  assert.equal(
    refused(await readSecret('store:proxy', {}, '/')),
    '"store" is no store that is read, write env:NAME or file:PATH',
  )
})
