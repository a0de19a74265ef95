import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { execFileSync } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReadBounded } from './readBounded.ts'
import { readBounded, readInput } from './readBounded.ts'

const posix = { skip: process.platform === 'win32' ? 'Windows has no such pipes' : false }

async function pipeFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-pipe-'))
  t.after(() => rm(folder, { recursive: true }))
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  return pipe
}

const textOf = (read: ReadBounded): string => ('octets' in read ? Buffer.from(read.octets).toString() : assert.fail())

test('a pipe is read to its end, whoever comes first and however it is portioned', posix, async (t) => {
  const pipe = await pipeFor(t)
  const reading = readBounded(pipe, 100, { pipes: true })
  const writer = await open(pipe, 'w')
  await writer.write('site: ')
  await sleep(50)
  await writer.write('a\n')
  await writer.close()
  assert.equal(textOf(await reading), 'site: a\n')
})

test(
  'a pipe without end is no more than it may be, and one that nobody writes to ends with the signal',
  posix,
  async (t) => {
    const pipe = await pipeFor(t)
    const reading = readBounded(pipe, 4, { pipes: true })
    const writer = await open(pipe, 'w')
    await writer.write('12345')
    assert.deepEqual(await reading, { tooLarge: 5 })
    await writer.close()
    const stop = new AbortController()
    const waiting = readBounded(pipe, 4, { pipes: true, signal: stop.signal })
    stop.abort()
    assert.deepEqual(await waiting, { why: 'stopped before all of it had come' })
  },
)

for (const path of ['/dev/fd/0', '/dev/stdin', ...(process.platform === 'linux' ? ['/proc/self/fd/0'] : [])]) {
  test(`${path} is at its end where its writer is gone, with what it wrote or without a word`, posix, () => {
    const script = `import(${JSON.stringify(new URL('./readBounded.ts', import.meta.url).href)}).then(async ({ readBounded }) => {
      const read = await readBounded(${JSON.stringify(path)}, 100, { pipes: true })
      console.log('octets' in read ? Buffer.from(read.octets).toString() : read)
    })`
    for (const [writer, said] of [
      [':', '\n'],
      ['echo site: a', 'site: a\n\n'],
      ['(sleep 0.2; echo site: a)', 'site: a\n\n'],
    ] as const) {
      const shell = ['-c', `${writer} | "$0" -e "$1"`, process.execPath, script]
      assert.equal(execFileSync('/bin/sh', shell).toString(), said, writer)
    }
  })
}

test('an input is read to its end, no more than it may be, and ends with the signal', async () => {
  assert.equal(textOf(await readInput(Readable.from([Buffer.from('a'), Buffer.from('b')]), 2)), 'ab')
  const endless = new Readable({ read: () => endless.push(Buffer.alloc(10)) })
  assert.ok('tooLarge' in (await readInput(endless, 100)))
  const stop = new AbortController()
  const reading = readInput(new Readable({ read: () => {} }), 100, stop.signal)
  stop.abort()
  assert.deepEqual(await reading, { why: 'stopped before all of it had come' })
})
