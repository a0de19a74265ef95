import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { createPlatformResolver, lookupProgram } from './platformResolver.ts'

const never = new AbortController().signal
const limits = { signal: never, timeoutMs: 60_000 }

/**
 * The child's program where each look-up holds a thread, as one at a dead name server does: it opens a FIFO for writing,
 * which ends only when somebody reads, and keeps it open as long as it lives.
 */
function stuck(t: TestContext): { readonly program: string; readonly fifo: string } {
  const folder = mkdtempSync(join(tmpdir(), 'postern-stuck-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const fifo = join(folder, 'answer')
  execFileSync('mkfifo', [fifo])
  const program = `
    process.getBuiltinModule('node:dns').lookup = (name, options, done) => {
      setInterval(() => {}, 60_000)
      process.getBuiltinModule('node:fs').open(${JSON.stringify(fifo)}, 'w', () => done(null, [{ address: '203.0.113.1' }]))
    }
    ${lookupProgram}`
  return { program, fifo }
}

/** Whether a process writes to the FIFO or waits until it may; one that waits may, from now on. */
function isHeld(fifo: string): boolean {
  const descriptor = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    return readSync(descriptor, Buffer.alloc(1)) > 0
  } catch {
    return true
  } finally {
    closeSync(descriptor)
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
const skip = process.platform === 'win32' && 'there is no FIFO on Windows'

test('localhost has the addresses of the hosts file', async () => {
  const platform = createPlatformResolver()
  await platform.start(limits)
  assert.deepEqual(await platform.resolve('localhost', 4, limits), { kind: 'addresses', addresses: ['127.0.0.1'] })
})

test('questions that are put together are answered each', async () => {
  const platform = createPlatformResolver()
  const names = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
  const ends = await Promise.all(names.map((name) => platform.resolve(name, 4, limits)))
  assert.deepEqual(
    ends,
    names.map((name) => ({ kind: 'addresses', addresses: [name] })),
  )
})

test('a process ends without waiting for a look-up that never ends, and leaves none behind', { skip }, async (t) => {
  const { program, fifo } = stuck(t)
  const source = `
    import { createPlatformResolver } from ${JSON.stringify(new URL('platformResolver.ts', import.meta.url).href)}
    const platform = createPlatformResolver(${JSON.stringify(program)})
    const end = await platform.resolve('dead.example', 4, { signal: AbortSignal.timeout(600_000), timeoutMs: 50 })
    console.log(end.kind)
    // What is asked when the report is written is asked in vain as well.
    void platform.resolve('dead.example', 4, { signal: AbortSignal.abort(), timeoutMs: 50 })
    process.exitCode = 7`
  const { code, stdout } = await new Promise<{ code: unknown; stdout: string }>((resolve) => {
    execFile(process.execPath, ['--input-type=module', '--eval', source], (error, stdout) => {
      resolve({ code: error?.code, stdout })
    })
  })
  assert.deepEqual([code, stdout], [7, 'timeout\n'])
  while (isHeld(fifo)) await turn()
})

test('the look-up process goes with the process that it belongs to, however that ends', { skip }, async (t) => {
  const { program, fifo } = stuck(t)
  const source = `
    import { createPlatformResolver } from ${JSON.stringify(new URL('platformResolver.ts', import.meta.url).href)}
    const platform = createPlatformResolver(${JSON.stringify(program)})
    await platform.resolve('dead.example', 4, { signal: AbortSignal.timeout(600_000), timeoutMs: 600_000 })`
  const running = execFile(process.execPath, ['--input-type=module', '--eval', source])
  while (!isHeld(fifo)) await turn()
  running.kill('SIGKILL')
  while (isHeld(fifo)) await turn()
})

test('a look-up that was given up is answered to nobody, and the next question is put to a new process', {
  skip,
}, async (t) => {
  const { program, fifo } = stuck(t)
  const platform = createPlatformResolver(program)
  const controller = new AbortController()
  await platform.start(limits)
  const first = platform.resolve('a.example', 4, { ...limits, signal: controller.signal })
  await turn()
  controller.abort()
  assert.deepEqual(await first, { kind: 'aborted' })
  const second = platform.resolve('b.example', 4, limits)
  while (!isHeld(fifo)) await turn()
  assert.deepEqual(await second, { kind: 'addresses', addresses: ['203.0.113.1'] })
})

for (const { what, program } of [
  { what: 'ends at once', program: 'process.exit(1)' },
  {
    what: 'ends at the first question',
    program: "process.on('message', () => process.exit(1)); process.send('ready')",
  },
  { what: 'is no program', program: 'no program' },
]) {
  test(`a look-up process that ${what} is a want of means on this machine`, async () => {
    const platform = createPlatformResolver(program)
    await platform.start(limits)
    const end = await platform.resolve('a.example', 4, limits)
    assert.deepEqual(end, { kind: 'no-means', why: 'the process that asks the platform ended' })
  })
}
