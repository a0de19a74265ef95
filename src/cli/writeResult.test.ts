import assert from 'node:assert/strict'
import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'
import { expectResultAt, writeResult } from './writeResult.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-write-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const quiet = { write: () => {}, isTerminal: false, columns: 80 }
const shellIn = (cwd: string): Shell => ({
  stdout: quiet,
  stderr: quiet,
  env: {},
  cwd,
  signal: new AbortController().signal,
})

const unix = { skip: process.platform === 'win32' }

test('a result takes the longest name that the disk takes, and leaves no draft', async () => {
  const name = 'r'.repeat(255)
  await writeResult('whole', name, shellIn(folder))
  assert.equal(await readFile(join(folder, name), 'utf8'), 'whole')
  assert.deepEqual(await readdir(folder), [name])
  await rm(join(folder, name))
})

test('pieces are one result, wherever they go', async () => {
  const pieces = function* (): Generator<string> {
    yield 'one, '
    yield ''
    yield 'zwei: ü'
  }
  const file = join(folder, 'pieces')
  await writeResult(pieces(), file, shellIn(folder))
  assert.equal(await readFile(file, 'utf8'), 'one, zwei: ü')
  await rm(file)
  const told: string[] = []
  await writeResult(pieces(), undefined, { ...shellIn(folder), stdout: { ...quiet, write: (text) => told.push(text) } })
  assert.equal(told.join(''), 'one, zwei: ü')
})

test('the next piece is made when the last has been taken', async () => {
  const events: string[] = []
  const pieces = function* (): Generator<string> {
    for (const piece of ['1', '2', '3']) {
      events.push(`made ${piece}`)
      yield piece
    }
  }
  const slow = {
    ...quiet,
    write: (text: string) => events.push(`written ${text}`),
    taken: async () => {
      await new Promise(setImmediate)
      events.push('taken')
    },
  }
  await writeResult(pieces(), '-', { ...shellIn(folder), stdout: slow })
  const expected = ['1', '2', '3'].flatMap((piece) => [`made ${piece}`, `written ${piece}`, 'taken'])
  assert.deepEqual(events, expected)
})

test('a result that fails half-way leaves the last good one, and no draft', async () => {
  const file = join(folder, 'last-good')
  await writeFile(file, 'good')
  const pieces = function* (): Generator<string> {
    yield 'half a re'
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  }
  await assert.rejects(() => writeResult(pieces(), file, shellIn(folder)), UsageError)
  assert.equal(await readFile(file, 'utf8'), 'good')
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('.postern-')),
    [],
  )
  await rm(file)
})

test('what stood there keeps its permissions', unix, async () => {
  const file = join(folder, 'kept')
  await writeFile(file, 'old')
  await chmod(file, 0o600)
  await writeResult('new', file, shellIn(folder))
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  assert.equal(await readFile(file, 'utf8'), 'new')
})

test('a link that waits under the name of a draft leads nobody astray', unix, async () => {
  const [victim, file] = [join(folder, 'victim'), join(folder, 'aimed')]
  await writeFile(victim, 'mine')
  await symlink(victim, join(folder, `.aimed.${process.pid}.tmp`))
  await writeResult('report', file, shellIn(folder))
  assert.equal(await readFile(victim, 'utf8'), 'mine')
  assert.equal((await lstat(file)).isFile(), true)
})

test('a link stays a link, also one that leads nowhere yet', unix, async () => {
  const [link, file] = [join(folder, 'link'), join(folder, 'behind')]
  await symlink(file, link)
  for (const text of ['made', 'replaced']) {
    await writeResult(text, link, shellIn(folder))
    assert.equal(await readFile(file, 'utf8'), text)
    assert.equal((await lstat(link)).isSymbolicLink(), true)
  }
})

const refused: readonly (readonly [file: string, says: RegExp])[] = [
  ['no/such/folder/result', /its folder does not exist, make the folder first/],
  ['.', /it is a folder/],
  [`${'r'.repeat(256)}`, /the name is too long/],
  ['file/result', /a part of its path is a file/],
]

for (const [file, says] of refused) {
  test(`--out ${file.slice(0, 24)} is refused in one line, before the work and after it`, unix, async () => {
    await writeFile(join(folder, 'file'), '')
    for (const work of [
      () => expectResultAt(file, shellIn(folder)),
      () => writeResult('text', file, shellIn(folder)),
    ]) {
      await assert.rejects(work, (error) => {
        assert.ok(error instanceof UsageError)
        assert.equal(error.lines.length, 1)
        assert.match(error.message, /^--out: "/)
        assert.match(error.message, says)
        return true
      })
    }
  })
}

test('what is read is not written over, by whatever path or link it is named', unix, async () => {
  const [source, alias] = [join(folder, 'source.yaml'), join(folder, 'alias.yaml')]
  await writeFile(source, 'site: hq')
  await symlink(source, alias)
  for (const out of ['source.yaml', './source.yaml', source, alias]) {
    await assert.rejects(
      () => expectResultAt(out, shellIn(folder), { '--read': undefined, '--site': 'source.yaml' }),
      (error) => {
        assert.ok(error instanceof UsageError)
        assert.match(error.message, /^--out: ".+" is the file that --site reads, name another one for the result$/)
        return true
      },
    )
  }
  await expectResultAt('other.yaml', shellIn(folder), { '--site': 'source.yaml' })
  await expectResultAt('source.yaml', shellIn(folder), { '--site': 'not-there.yaml' })
  await expectResultAt('/dev/null', shellIn(folder), { '--site': '/dev/null' })
})

test('a folder of the kernel is there and takes no new files', { skip: process.platform !== 'linux' }, async () => {
  await assert.rejects(
    () => writeResult('text', '/proc/postern-result', shellIn(folder)),
    (error) =>
      error instanceof UsageError && /its folder takes no new files, name a file in a folder/.test(error.message),
  )
})
