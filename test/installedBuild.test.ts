/** The build of Entra Connect that is installed where a check stands, wired as the command wires it. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { RunOptions } from '../src/cli/runCheck.ts'
import { runCheck } from '../src/cli/runCheck.ts'
import { caughtShell } from './caughtShell.ts'

/** A program whose properties show a product version: what is read of it stands where Windows has it. */
function programOf([a = 0, b = 0, c = 0, d = 0]: readonly number[]): Buffer {
  const info = Buffer.alloc(52)
  info.writeUInt32LE(0xfeef04bd, 0)
  for (const [at, value] of [b, a, d, c].entries()) info.writeUInt16LE(value, 16 + 2 * at)
  return Buffer.concat([Buffer.from('MZ'), Buffer.from('VS_VERSION_INFO\0', 'utf16le'), Buffer.alloc(2), info])
}

/** What a check says of builds, on a machine that has the wizard of one. */
async function buildsTold(
  t: TestContext,
  installed: readonly number[] | undefined,
  over: Partial<RunOptions> = {},
  versions = '',
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-build-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const programs = join(folder, 'Program Files')
  const wizard = join(programs, 'Microsoft Azure AD Connect')
  await mkdir(wizard, { recursive: true })
  if (installed !== undefined) await writeFile(join(wizard, 'AzureADConnect.exe'), programOf(installed))
  const site = join(folder, 'postern.yaml')
  await writeFile(
    site,
    `site: builds
hosts:
  connect01: { roles: [entra-connect], addresses: ["127.0.0.1"]${versions} }
  app: { roles: [published-app], addresses: ["127.0.0.1"] }
flows:
  - { id: none, from: connect01, to: app, ports: [1], transport: [tcp], service: tcp, forbid: true }
`,
  )
  const machine = { addresses: ['127.0.0.1'], names: ['connect01'] }
  const options = {
    site,
    flow: ['none'],
    timeout: 1000,
    budget: 20,
    concurrency: 2,
    machine,
    platform: 'win32',
    ...over,
  }
  const { shell } = caughtShell(folder, { env: { ProgramFiles: programs }, signal: t.signal })
  const { findings } = await runCheck([], options, shell, () => {})
  return findings
    .filter(({ code }) => code === 'old-connect-build')
    .map(({ what }) => what.split(' is older', 1)[0] ?? '')
}

test('a build that is too old is read where the check stands, and said', async (t) => {
  assert.deepEqual(await buildsTold(t, [2, 4, 21, 0]), ['Entra Connect 2.4.21.0 on connect01'])
})

test('what is installed counts before what the site file says of it', async (t) => {
  const said = ', versions: { entra-connect: 2.4.20.0 }'
  assert.deepEqual(await buildsTold(t, [2, 4, 21, 0], {}, said), ['Entra Connect 2.4.21.0 on connect01'])
  assert.deepEqual(await buildsTold(t, [2, 5, 79, 0], {}, said), [])
  assert.deepEqual(await buildsTold(t, undefined, {}, said), ['Entra Connect 2.4.20.0 on connect01'])
})

test('a new build is no finding, and neither is none', async (t) => {
  assert.deepEqual(await buildsTold(t, [2, 5, 79, 0]), [])
  assert.deepEqual(await buildsTold(t, undefined), [])
})

test('a check that speaks for another machine says nothing of what is installed on this one', async (t) => {
  const machine = { addresses: ['192.0.2.1'], names: ['elsewhere'] }
  assert.deepEqual(await buildsTold(t, [2, 4, 21, 0], { machine, from: 'connect01' }), [])
})

test('on another system nothing is looked for', async (t) => {
  assert.deepEqual(await buildsTold(t, [2, 4, 21, 0], { platform: 'linux' }), [])
})
