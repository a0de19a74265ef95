import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { runUp } from './runUp.ts'
import type { Shell } from './shell.ts'
import { exitCodes } from './shell.ts'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
const unix = { skip: process.platform === 'win32' && 'signals and limits of a POSIX system' }

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-up-'))
})
after(() => rm(folder, { recursive: true, force: true }))

/** A terminal that keeps what is said; `hears` is told of each piece. */
function shellOf(signal: AbortSignal, hears: (text: string) => void): Shell {
  const output = { write: hears, isTerminal: false, columns: 80 }
  return { stdout: output, stderr: output, env: {}, cwd: folder, signal }
}

/** What `postern up` says until its first check begins; it is stopped there. */
async function beginning(machine: { addresses: string[] }, port?: number): Promise<string> {
  const stop = new AbortController()
  let said = ''
  const shell = shellOf(stop.signal, (text) => {
    said += text
    if (said.includes('1. As it should be')) stop.abort()
  })
  const options = {
    every: 30,
    fault: 'closed',
    gate: false,
    rounds: 0,
    color: false,
    quiet: true,
    ...(port !== undefined && { port }),
  }
  const code = await runUp(options, shell, { ...machine, names: ['here'] })
  assert.equal(code, exitCodes.interrupted)
  return said
}

test('a machine without IPv6 beyond itself is told so in one line, and no other is', async () => {
  const line = 'This machine has no IPv6 beyond itself: IPv4 is shown.\n'
  assert.ok((await beginning({ addresses: ['127.0.0.1', '::1', '192.0.2.7', 'fe80::1'] }, 0)).includes(line))
  assert.ok(!(await beginning({ addresses: ['127.0.0.1', '192.0.2.7', '2001:db8::7'] }, 0)).includes(line))
})

test('when the usual port is taken, one line says so and where the report is instead', async (t) => {
  const taken = createServer()
  // Whoever else has it serves as well.
  await new Promise<void>((resolve) => {
    taken.once('error', () => resolve())
    taken.listen(8480, '127.0.0.1', resolve)
  })
  t.after(() => taken.close())
  const said = await beginning({ addresses: ['127.0.0.1'] })
  assert.match(said, /^Port 8480 is taken: the report is at http:\/\/127\.0\.0\.1:(?!8480)\d+ instead\.$/m)
})

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** `postern up` by way of a shell that first makes the machine unkind. */
async function upAfter(prepare: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(
    '/bin/sh',
    ['-c', `${prepare}exec "$0" "$1" up --port 0 --rounds 0 --quiet`, process.execPath, main],
    {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString()
  })
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString()
  })
  const [code] = await once(child, 'close')
  return { code, stdout, stderr }
}

test('without a folder for temporary files it says so in one line and ends with 2', unix, async () => {
  const { code, stderr } = await upAfter('', { TMPDIR: join(folder, 'absent') })
  assert.equal(code, 2)
  assert.match(stderr, /^the small network needs a folder for temporary files, which TMPDIR names: ENOENT.*\n$/)
})

test('in a folder that has been removed it says so in one line and ends with 2', unix, async () => {
  const { code, stderr } = await upAfter('mkdir gone && cd gone && rmdir ../gone && ')
  assert.deepEqual(
    [code, stderr],
    [2, 'postern: the current folder is no longer there, change to another one and start again\n'],
  )
})

for (const limit of [30, 40, 60]) {
  test(`with ${limit} open files it says so in one line, ends with 2 and leaves nothing behind`, unix, async () => {
    const temporary = await mkdtemp(join(folder, 'few-'))
    const { code, stderr } = await upAfter(`ulimit -n ${limit} && `, { TMPDIR: temporary })
    assert.deepEqual([code, stderr.match(/\n/g)?.length], [2, 1], stderr)
    assert.match(stderr, /^the small network needs more open files than this process may have: .*ulimit/)
    assert.deepEqual(await readdir(temporary), [])
  })
}

const canUnshare = process.platform === 'linux' && spawnSync('unshare', ['-n', 'true']).status === 0

test('without a loopback interface it says so in one line and ends with 2', {
  skip: !canUnshare && 'needs root on Linux for a network namespace of its own',
}, async () => {
  const { code, stderr } = await upAfter('set -- "$1"; exec unshare -n -- "$0" "$1" up --port 0; ')
  assert.equal(code, 2)
  assert.match(stderr, /^the small network needs the loopback interface, and here it is down \(E[A-Z]+\): .*\n$/)
})

/** Each is the last thing that is seen of it before Ctrl-C. */
const stages = ['The report:', 'Its site file:', '1. As', '2. Something', 'The page at', '3. It is', '4. Watched']

for (const stage of stages) {
  test(`Ctrl-C after "${stage}" ends it with 130 and leaves no file and no listener`, unix, async () => {
    const temporary = await mkdtemp(join(folder, 'stage-'))
    await mkdir(join(temporary, 'tmp'))
    const child = spawn(process.execPath, [main, 'up', '--port', '0', '--quiet', '--every', '1', '--fault', 'silent'], {
      cwd: folder,
      env: { ...process.env, TMPDIR: join(temporary, 'tmp') },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    let stderr = ''
    let stopped = false
    child.stderr.on('data', (part: Buffer) => {
      stderr += part.toString()
    })
    child.stdout.on('data', (part: Buffer) => {
      said += part.toString()
      if (!stopped && said.includes(stage)) {
        stopped = true
        child.kill('SIGINT')
      }
    })
    const [code] = await once(child, 'close')
    assert.deepEqual([code, stderr], [130, ''])
    assert.match(said, /Stopped; nothing is left running\.\n$/)
    assert.deepEqual(await readdir(join(temporary, 'tmp')), [])
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]
    assert.ok(url)
    await assert.rejects(fetch(url))
  })
}

test('Ctrl-C at any moment of its beginning leaves no file', unix, async () => {
  for (const ms of [0, 60, 120, 180, 240, 300, 400, 500]) {
    const temporary = await mkdtemp(join(folder, 'moment-'))
    const child = spawn(process.execPath, [main, 'up', '--port', '0', '--quiet'], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: 'ignore',
    })
    const ended = once(child, 'close')
    await sleep(ms)
    child.kill('SIGINT')
    const [code, signal] = await ended
    // Before the program has begun, the signal itself ends it.
    assert.ok(code === 130 || signal === 'SIGINT', `${ms} ms: ${code} ${signal}`)
    assert.deepEqual(await readdir(temporary), [], `${ms} ms`)
  }
})
