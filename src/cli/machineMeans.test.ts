import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, test } from 'node:test'
import { machineMeans } from './machineMeans.ts'

const limits = { signal: new AbortController().signal, timeoutMs: 20_000 }
const site = { names: {}, trustPem: [], proxyCredentials: {} }

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-means-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const meansWith = (env: Readonly<Record<string, string>> = {}) => machineMeans({ env }, site)

test('a file is read whole; what is missing, a folder or no file is nothing', async () => {
  const { readText } = meansWith()
  await writeFile(join(folder, 'text'), 'search corp.example\n')
  assert.equal(await readText(join(folder, 'text')), 'search corp.example\n')
  assert.equal(await readText(join(folder, 'absent')), undefined)
  assert.equal(await readText(folder), undefined)
})

test('a pipe is waited for by nobody', { skip: process.platform === 'win32' && 'makes a pipe' }, async () => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  assert.equal(await meansWith().readText(pipe), undefined)
  assert.deepEqual(meansWith({ SSL_CERT_FILE: pipe }).roots().machine, [])
})

const linux = { skip: process.platform !== 'linux' && 'reads /proc' }

test('files of /proc, which have no size, are read to their end', linux, async () => {
  assert.match((await meansWith().readText('/proc/self/status')) ?? '', /^CapEff:/m)
})

const unix = { skip: process.platform === 'win32' && 'sets the mode of a file' }

test('a program is found on the PATH when it may be started, and never in a relative folder', unix, async () => {
  await writeFile(join(folder, 'tcpdump'), '#!/bin/sh\n')
  await writeFile(join(folder, 'dumpcap'), '#!/bin/sh\n')
  await chmod(join(folder, 'tcpdump'), 0o755)
  const { findProgram } = meansWith({ PATH: ['.', '/absent', folder].join(delimiter) })
  assert.equal(await findProgram('tcpdump'), join(folder, 'tcpdump'))
  assert.equal(await findProgram('dumpcap'), undefined)
  assert.equal(await meansWith({ PATH: '.' }).findProgram('tcpdump'), undefined)
})

test('a program’s words and exit code are told, and so is one that cannot be started or does not end', async () => {
  const { run } = meansWith()
  const node = (program: string) => run(process.execPath, ['--eval', program], limits)
  assert.deepEqual(await node('console.log(1)'), { kind: 'ran', exitCode: 0, stdout: '1\n' })
  assert.deepEqual(await node('process.exit(3)'), { kind: 'ran', exitCode: 3, stdout: '' })
  assert.deepEqual(await run(join(folder, 'absent'), [], limits), { kind: 'failed', why: 'ENOENT' })
  const hanging = run(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { ...limits, timeoutMs: 300 })
  assert.equal((await hanging).kind, 'failed')
  const stopped = await run(process.execPath, ['--version'], { ...limits, signal: AbortSignal.abort() })
  assert.equal(stopped.kind, 'failed')
})

test('the input of a program is closed: one that reads it ends', async () => {
  const { run } = meansWith()
  const program = 'process.stdin.resume().on("end", () => console.log("end"))'
  assert.deepEqual(await run(process.execPath, ['--eval', program], limits), {
    kind: 'ran',
    exitCode: 0,
    stdout: 'end\n',
  })
})
