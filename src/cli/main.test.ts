import assert from 'node:assert/strict'
import type { ChildProcessByStdio } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sampleCheck } from '../../test/reports.ts'
import { json } from './render/json.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-main-'))
})
after(() => rm(folder, { recursive: true, force: true }))

type Child = ChildProcessByStdio<null, Readable, Readable>

/** A process that does not outlive its test. */
function postern(t: { after(end: () => void): void }, args: readonly string[], env: NodeJS.ProcessEnv = {}): Child {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, npm_lifecycle_event: 'test', ...env },
  })
  t.after(() => child.kill('SIGKILL'))
  return child
}

/** The report of a large site: more than a pipe holds. */
async function largeReport(): Promise<string> {
  const [flow] = sampleCheck.flows
  assert.ok(flow)
  const file = join(folder, 'large.json')
  await writeFile(file, json({ ...sampleCheck, flows: Array.from({ length: 1000 }, () => flow) }))
  return file
}

const unix = { skip: process.platform === 'win32' }

test('one Ctrl-C does not cut a result that its reader takes slowly', unix, async (t) => {
  const child = postern(t, ['check', '--read', await largeReport(), '--json'])
  const ended = once(child, 'exit')
  await once(child.stdout, 'readable')
  child.kill('SIGINT')
  const report = JSON.parse(await text(child.stdout))
  assert.equal(report.flows.length, 1000)
  // The check was over before: its own exit code stands.
  const [code] = await ended
  assert.equal(code, 0)
})

test('a second signal ends it at once, and says that the result is cut', unix, async (t) => {
  const child = postern(t, ['check', '--read', await largeReport(), '--json'])
  const [ended, said] = [once(child, 'exit'), text(child.stderr)]
  await once(child.stdout, 'readable')
  child.kill('SIGTERM')
  child.kill('SIGINT')
  const [code, signal] = await ended
  // A shell shows this end as 130.
  assert.deepEqual([code, signal], [null, 'SIGINT'])
  assert.match(await said, /^postern: stopped by a second signal; the result is cut short: .*\n$/)
  assert.throws(() => JSON.parse(''.concat(child.stdout.read() ?? '')))
})

test('a reader that has read enough of a long report ends it without a word, and the verdict stands', async (t) => {
  const child = postern(t, ['check', '--read', await largeReport(), '--json'])
  const [ended, said] = [once(child, 'exit'), text(child.stderr)]
  await once(child.stdout, 'readable')
  child.stdout.destroy()
  const [code] = await ended
  assert.equal(code, 0)
  assert.equal(await said, '')
})

test('--budget ends a check that would wait for ever, with what is known and exit 1', async (t) => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.after(() => silent.close())
  const place = silent.address()
  assert.ok(place !== null && typeof place === 'object')
  const target = `https://127.0.0.1:${place.port}`
  const child = postern(t, ['check', target, '--json', '--quiet', '--budget', '1', '--timeout', '600000'])
  const guard = setTimeout(() => child.kill('SIGKILL'), 60_000)
  const [[code], written] = await Promise.all([once(child, 'exit'), text(child.stdout)])
  clearTimeout(guard)
  assert.equal(code, 1)
  const report = JSON.parse(written)
  assert.equal(report.interrupted, true)
  assert.equal(report.summary.requiredNotProven, 1)
})

test('Ctrl-Break, which Windows has besides, ends a check like Ctrl-C', async (t) => {
  const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.after(() => silent.close())
  const place = silent.address()
  assert.ok(place !== null && typeof place === 'object')
  // Elsewhere nobody can send it: the process tells itself, once it listens for it.
  const breaks = "process.on('newListener', (name) => name === 'SIGBREAK' && setTimeout(() => process.emit(name), 500))"
  const child = postern(t, ['check', `https://127.0.0.1:${place.port}`, '--json', '--quiet', '--timeout', '600000'], {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(breaks)}`,
  })
  const guard = setTimeout(() => child.kill('SIGKILL'), 60_000)
  const [, written] = await Promise.all([once(child, 'exit'), text(child.stdout)])
  clearTimeout(guard)
  assert.equal(JSON.parse(written).interrupted, true)
})

test('in a checkout the hints name the command that was typed there', async (t) => {
  const child = postern(t, ['check', '--read', 'nowhere.json'], { npm_lifecycle_event: 'postern' })
  assert.match(await text(child.stderr), /name a file that npm run -s postern -- check --json wrote\n$/)
  const help = postern(t, ['help', 'plan'], { npm_lifecycle_event: 'start' })
  assert.match(await text(help.stdout), /postern is: npm run -s postern --\n$/)
})

test('a folder that was removed under the shell is said in one line', unix, async (t) => {
  const gone = await mkdtemp(join(folder, 'gone-'))
  const child = spawn('sh', ['-c', `rmdir "${gone}" && exec "${process.execPath}" "${main}" plan`], {
    cwd: gone,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  const [[code], said] = await Promise.all([once(child, 'exit'), text(child.stderr)])
  assert.equal(code, 2)
  assert.match(said, /^postern: the current folder is no longer there, .*\n$/)
})

test('a bug is said to be one, with its place and where to report it, and ends with 3', async (t) => {
  // What the platform never does: sorting fails.
  const broken = encodeURIComponent("Array.prototype.toSorted = () => { throw new TypeError('sorting is broken') }")
  const site = fileURLToPath(new URL('../../examples/smallest.yaml', import.meta.url))
  const child = postern(t, ['plan', '--site', site], { NODE_OPTIONS: `--import data:text/javascript,${broken}` })
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  assert.equal(code, 3, said)
  assert.match(said, /^postern: this is a bug in Postern /)
  assert.match(said, /sorting is broken\n +at /)
  assert.match(said, /CONTRIBUTING\.md/)
})
