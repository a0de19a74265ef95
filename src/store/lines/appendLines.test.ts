import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { appendLines } from './appendLines.ts'

async function openFolder(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'postern-lines-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return { folder, path: join(folder, 'alerts.jsonl') }
}

const roomy = { mostOctets: 1_048_576, keep: 3 }

test('lines are added behind those that are there, in a file for its owner alone', async (t) => {
  const { path } = await openFolder(t)
  assert.deepEqual(await appendLines(path, ['{"a":1}', '{"a":2}'], roomy), { octets: 16 })
  assert.deepEqual(await appendLines(path, ['{"a":3}'], roomy), { octets: 8 })
  assert.equal(await readFile(path, 'utf8'), '{"a":1}\n{"a":2}\n{"a":3}\n')
  if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o600)
})

test('a line that a sudden end has torn is ended before the next', async (t) => {
  const { path } = await openFolder(t)
  await appendFile(path, '{"a":1}\n{"a"')
  await appendLines(path, ['{"a":2}'], roomy)
  assert.equal(await readFile(path, 'utf8'), '{"a":1}\n{"a"\n{"a":2}\n')
})

test('a file that would grow too large is ended, and of the ended ones the oldest goes', async (t) => {
  const { folder, path } = await openFolder(t)
  for (let at = 0; at < 12; at += 1) await appendLines(path, [`line ${at} of ten`], { mostOctets: 40, keep: 2 })
  const names = (await readdir(folder)).toSorted()
  assert.deepEqual(names, ['alerts.jsonl', 'alerts.jsonl.1', 'alerts.jsonl.2'])
  const all = await Promise.all(names.toReversed().map((name) => readFile(join(folder, name), 'utf8')))
  const lines = all.join('').trim().split('\n')
  assert.deepEqual(
    lines,
    Array.from({ length: lines.length }, (_, at) => `line ${12 - lines.length + at} of ten`),
  )
  for (const text of all) assert.ok(text.length <= 40)
})

test('more than a file may have is written whole all the same', async (t) => {
  const { path } = await openFolder(t)
  assert.deepEqual(await appendLines(path, ['x'.repeat(100)], { mostOctets: 10, keep: 1 }), { octets: 101 })
  assert.equal((await readFile(path, 'utf8')).length, 101)
})

test('what cannot be written is told, and a folder or a pipe is no file', async (t) => {
  const { folder } = await openFolder(t)
  assert.deepEqual(await appendLines(join(folder, 'none', 'x'), ['a'], roomy), {
    why: `${join(folder, 'none', 'x')}: ENOENT`,
  })
  await mkdir(join(folder, 'sub'))
  assert.deepEqual(await appendLines(join(folder, 'sub'), ['a'], roomy), { why: `${join(folder, 'sub')} is no file` })
  if (process.platform === 'win32') return
  execFileSync('mkfifo', [join(folder, 'pipe')])
  assert.deepEqual(await appendLines(join(folder, 'pipe'), ['a'], roomy), { why: `${join(folder, 'pipe')} is no file` })
})

/** Adds to a file on a disk of 64 KiB until no more fits, and says what came of it. */
const writer = `
  const { appendLines } = await import(process.argv[1])
  const { readFile } = await import('node:fs/promises')
  const path = process.argv[2] + '/alerts.jsonl'
  const rotation = { mostOctets: 1048576, keep: 1 }
  let written = 0
  for (;;) {
    const done = await appendLines(path, Array.from({ length: 50 }, () => 'x'.repeat(199)), rotation)
    if ('why' in done) {
      console.log(JSON.stringify({ written, why: done.why.split(': ')[1], left: (await readFile(path)).length }))
      break
    }
    written += done.octets
  }
`
const smallDisk = [
  ...[
    '-rm',
    'sh',
    '-c',
    'mount -t tmpfs -o size=64k,mode=700 tmpfs "$3" && exec "$0" --input-type=module -e "$1" "$2" "$3"',
  ],
]
const hasSmallDisk =
  process.platform === 'linux' && spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0

test('a full disk leaves no half line', {
  skip: hasSmallDisk ? false : 'no small disk can be mounted here',
}, async (t) => {
  const { folder } = await openFolder(t)
  const module = new URL('appendLines.ts', import.meta.url).href
  const { stdout, stderr } = spawnSync('unshare', [...smallDisk, process.execPath, writer, module, folder], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  const { written, why, left } = JSON.parse(stdout || assert.fail(stderr))
  assert.deepEqual([why, left], ['ENOSPC', written])
  assert.ok(written >= 30_000)
})
