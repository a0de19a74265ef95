import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { Ran } from '../../test/caughtShell.ts'
import { caughtShell } from '../../test/caughtShell.ts'
import { fakeMachine } from '../../test/fakeMachine.ts'
import { assertGolden } from '../../test/golden.ts'
import { parseSite } from '../config/parseSite.ts'
import type { Asker, Typed } from './init/asker.ts'
import type { InitOptions } from './runInit.ts'
import { runInit } from './runInit.ts'
import type { Output } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { version } from './version.ts'

interface Given {
  readonly environment?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** What is typed; absent: nobody is asked. */
  readonly typed?: readonly Typed[]
  readonly isTerminal?: boolean
}

/** Writes a site file on a machine that is none: it stands in corp.example, which has one domain controller. */
async function init(cwd: string, options: Partial<InitOptions>, given: Given = {}): Promise<Ran> {
  const { environment = {}, signal = new AbortController().signal, typed, isTerminal = false } = given
  const { shell, written } = caughtShell(cwd, { env: environment, isTerminal, signal })
  const machine = fakeMachine({
    means: { environment },
    lookup: ({ type }) => ({ answers: type === 'SRV' ? ['0 100 389 dc01.corp.example'] : ['10.1.0.5'] }),
  })
  const all = { out: './postern.yaml', color: true, ...options }
  try {
    const exitCode = await runInit(all, shell, typed && (() => typist(typed)), () => machine)
    return { exitCode, ...written }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { exitCode: exitCodes.usage, stdout: written.stdout, stderr: `${error.lines.join('\n')}\n` }
  }
}

function typist(typed: readonly Typed[]): Asker {
  const left = [...typed]
  return { ask: async () => left.shift() ?? { line: '' }, say: () => {}, close: () => {} }
}

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-init-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const golden = new URL('init/golden/', import.meta.url)

test('what is written of a machine in a domain is the golden file, and what is said of it too', async (t) => {
  const cwd = await folderFor(t)
  const environment = { HTTPS_PROXY: 'http://svc:hunter2@proxy.corp.example:3128' }
  const options = { role: ['entra-connect'], feature: ['password-hash-sync', 'scim'] } as const
  const { exitCode, stdout, stderr } = await init(cwd, options, { environment })
  assert.deepEqual([exitCode, stderr], [exitCodes.well, ''])
  assertGolden(stdout, new URL('init.txt', golden))
  const file = await readFile(join(cwd, 'postern.yaml'), 'utf8')
  // Where the package lies is this machine's own matter.
  const written = file
    .replace(`init ${version}`, 'init 0.1.0')
    .replace(/^(# yaml-language-server: \$schema=)file:\/\/\S*\/(docs\/reference\/site\.schema\.json)$/m, '$1$2')
  assertGolden(written, new URL('postern.yaml', golden))
})

test('answers are written, and colour is used on a terminal only', async (t) => {
  const cwd = await folderFor(t)
  const typed = [{ line: 'branch' }]
  const { stdout } = await init(cwd, {}, { typed, isTerminal: true })
  assert.ok(stdout.startsWith('\u001b[1mwrote ./postern.yaml: site branch, this machine is connect01'))
  const still = await init(cwd, { force: true, color: false }, { typed, isTerminal: true })
  assert.ok(still.stdout.startsWith('wrote'))
})

test('Ctrl-C and the end of the input, between two questions, leave nothing written', async (t) => {
  const cwd = await folderFor(t)
  const stopped = await init(cwd, {}, { typed: [{ line: 'hq' }, { ended: 'stopped' }] })
  assert.deepEqual([stopped.exitCode, stopped.stdout], [exitCodes.interrupted, ''])
  const ended = await init(cwd, {}, { typed: [{ line: 'hq' }, { ended: 'input-ended' }] })
  assert.deepEqual([ended.exitCode, ended.stdout], [exitCodes.usage, ''])
  assert.match(ended.stderr, /^postern init: the input ended before the last question, nothing is written/)
  assert.deepEqual(await readdir(cwd), [])
})

test('a file that came to be there while questions were answered stays as it is', async (t) => {
  const cwd = await folderFor(t)
  const out = 'postern.yaml'
  const { writeNewFile } = await import('./writeResult.ts')
  await writeFile(join(cwd, out), 'mine')
  const output: Output = { write() {}, isTerminal: false, columns: 80 }
  const shell = { stdout: output, stderr: output, env: {}, cwd, signal: new AbortController().signal }
  await assert.rejects(writeNewFile('theirs', out, shell), /"postern\.yaml" cannot be written: it is there/)
  assert.equal(await readFile(join(cwd, out), 'utf8'), 'mine')
  assert.deepEqual(await readdir(cwd), [out])
})

test('a file that is there is not overwritten: one line, exit 2, and nothing beside it', async (t) => {
  const cwd = await folderFor(t)
  await writeFile(join(cwd, 'postern.yaml'), 'mine')
  const { exitCode, stdout, stderr } = await init(cwd, {})
  assert.deepEqual([exitCode, stdout], [exitCodes.usage, ''])
  assert.equal(
    stderr,
    '--out: "./postern.yaml" is there and is not overwritten, name another one, or replace it with --force\n',
  )
  assert.equal(await readFile(join(cwd, 'postern.yaml'), 'utf8'), 'mine')
  assert.deepEqual(await readdir(cwd), ['postern.yaml'])
})

test('--force replaces it, and --out takes another name', async (t) => {
  const cwd = await folderFor(t)
  await writeFile(join(cwd, 'hq.yaml'), 'mine')
  const { exitCode, stdout } = await init(cwd, { role: ['wap'], out: 'hq.yaml', force: true })
  assert.equal(exitCode, exitCodes.well)
  assert.match(stdout, /\nnext: postern plan --site hq\.yaml\n$/)
  assert.match(
    await readFile(join(cwd, 'hq.yaml'), 'utf8'),
    /^# yaml-language-server: \$schema=\S+\n# Written by postern init/,
  )
})

const unix = { skip: process.platform === 'win32' && 'links need a right there' }

test('a link that leads nowhere is something that is there', unix, async (t) => {
  const cwd = await folderFor(t)
  await symlink('/nowhere/at/all', join(cwd, 'postern.yaml'))
  const { exitCode } = await init(cwd, {})
  assert.equal(exitCode, exitCodes.usage)
})

test('--out - is the file on stdout and nothing else there; --quiet says nothing besides', async (t) => {
  const cwd = await folderFor(t)
  const loud = await init(cwd, { out: '-', role: ['adfs'], tenant: 'contoso.com', cloud: 'china' })
  const parsed = parseSite(loud.stdout, 'postern.yaml')
  assert.ok('site' in parsed)
  assert.deepEqual([parsed.site.tenant, parsed.site.cloud], ['contoso.com', 'china'])
  assert.match(loud.stderr, /^written: site /)
  assert.equal((await init(cwd, { out: '-', quiet: true })).stderr, '')
  assert.deepEqual(await readdir(cwd), [])
})

test('without a role the next step is to give one', async (t) => {
  const { stdout } = await init(await folderFor(t), {})
  assert.match(stdout, /\nnext: give \S+ its roles in \.\/postern\.yaml, then: postern plan\n$/)
})

test('a password in the environment is nowhere: not in the file, not in what is said', async (t) => {
  const values = [
    'http://svc:hunter2@proxy.corp.example:3128',
    'http://svc:hunter2',
    'svc:hunter2@',
    'socks5://svc:hunter2@p',
  ]
  for (const value of values) {
    const cwd = await folderFor(t)
    const { stdout, stderr, exitCode } = await init(cwd, {}, { environment: { HTTPS_PROXY: value } })
    assert.equal(exitCode, exitCodes.well)
    assert.doesNotMatch(stdout + stderr + (await readFile(join(cwd, 'postern.yaml'), 'utf8')), /hunter2/)
  }
})

test('Ctrl-C leaves nothing written', async (t) => {
  const cwd = await folderFor(t)
  const { exitCode, stdout, stderr } = await init(cwd, {}, { signal: AbortSignal.abort() })
  assert.deepEqual(
    [exitCode, stdout, stderr],
    [exitCodes.interrupted, '', 'postern init: stopped, nothing is written\n'],
  )
  assert.deepEqual(await readdir(cwd), [])
})
