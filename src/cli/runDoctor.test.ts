import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Ran } from '../../test/caughtShell.ts'
import { caughtShell } from '../../test/caughtShell.ts'
import { fakeMachine } from '../../test/fakeMachine.ts'
import { doctorReportSchema } from '../config/doctorSchema.ts'
import { looks } from '../machine/index.ts'
import type { DoctorReport, LookReport } from '../model/doctorReport.ts'
import type { DoctorOptions } from './runDoctor.ts'
import { runDoctor } from './runDoctor.ts'
import { exitCodes } from './shell.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-doctor-'))
  // Every machine has this address.
  await writeFile(
    join(folder, 'postern.yaml'),
    `site: hq
hosts:
  connect01: { roles: [entra-connect], addresses: [127.0.0.1] }
proxies:
  egress: { url: http://proxy.corp.example:3128, used-by: [connect01] }
`,
  )
})
after(() => rm(folder, { recursive: true, force: true }))

interface Given {
  readonly environment?: Readonly<Record<string, string>>
  readonly isTerminal?: boolean
  readonly signal?: AbortSignal
  readonly cwd?: string
}

/** Looks at a machine that is none. */
async function doctor(options: Partial<DoctorOptions>, given: Given = {}): Promise<Ran> {
  const { environment = {}, isTerminal = false, signal = new AbortController().signal, cwd = folder } = given
  const { shell, written } = caughtShell(cwd, { env: environment, isTerminal, signal })
  const all = { timeout: 20_000, concurrency: 256, color: true, ...options }
  const exitCode = await runDoctor(all, shell, () => fakeMachine({ means: { environment } }))
  return { exitCode, ...written }
}

async function reported(options: Partial<DoctorOptions>, given: Given = {}): Promise<DoctorReport> {
  const { exitCode, stdout, stderr } = await doctor({ json: true, ...options }, given)
  assert.deepEqual([exitCode, stderr], [exitCodes.well, ''])
  return doctorReportSchema.parse(JSON.parse(stdout))
}

const lookOf = ({ looks: all }: DoctorReport, id: string): LookReport =>
  all.find((look) => look.id === id) ?? assert.fail(`no look is called ${id}`)

const unix = { skip: process.platform === 'win32' && 'makes a pipe' }

const esc = '\u001b'

test('what is read by a person is on stdout alone; nothing moves where there is no terminal', async () => {
  const { exitCode, stdout, stderr } = await doctor({})
  assert.deepEqual([exitCode, stderr], [exitCodes.well, ''])
  assert.match(stdout, /^connect01\.corp\.example \(linux\), site hq; .*\n\d+ ok/)
  assert.ok(!stdout.includes(esc))
})

test('a terminal gets colour, its width and progress, unless it is told not to', async () => {
  const loud = await doctor({}, { isTerminal: true })
  assert.ok(loud.stdout.includes(`${esc}[1m`))
  assert.equal(loud.stderr, `looking at ${looks.length} things\r${esc}[K`)
  const still = await doctor({ color: false, quiet: true }, { isTerminal: true })
  assert.ok(!(still.stdout + still.stderr).includes(esc))
  assert.ok(still.stdout.split('\n').every((line) => line.length <= 80))
})

test('the proxy that the site gives this machine stands beside the settings of the machine', async () => {
  const proxies = lookOf(
    await reported({}, { environment: { HTTPS_PROXY: 'http://other.corp.example:8080' } }),
    'proxies',
  )
  assert.equal(proxies.state, 'limits')
  assert.deepEqual(
    proxies.table?.rows.map(([from, , way]) => [from, way]),
    [
      ['HTTPS_PROXY', 'proxy other.corp.example:8080'],
      ['proxies: egress in the site file', 'proxy proxy.corp.example:3128'],
    ],
  )
})

test('texts of another server are read: winhttp as PowerShell saves it, machine.config, a script', async () => {
  const utf16 = Buffer.from(
    '\ufeff{"Proxy":"a.corp.example:1","ProxyBypass":"","AutoconfigUrl":"","AutoDetect":false}',
    'utf16le',
  )
  await writeFile(join(folder, 'winhttp.txt'), utf16)
  await writeFile(
    join(folder, 'machine.config'),
    '<configuration><system.net><defaultProxy><proxy proxyaddress="http://b.corp.example:2"/></defaultProxy></system.net></configuration>',
  )
  await writeFile(join(folder, 'proxy.pac'), 'function FindProxyForURL() { return "PROXY c.corp.example:3" }')
  const words = { winhttp: 'winhttp.txt', machineConfig: 'machine.config', pac: 'proxy.pac' }
  const rows = lookOf(await reported(words), 'proxies').table?.rows ?? []
  assert.deepEqual(
    rows.slice(-3).map(([from, , way]) => [from, way]),
    [
      ['netsh winhttp in winhttp.txt', 'proxy a.corp.example:1'],
      ['machine.config', 'proxy b.corp.example:2'],
      ['proxy.pac', 'proxy c.corp.example:3'],
    ],
  )
})

test(
  'a script may come by a pipe, and a pipe that nobody writes to is waited for until somebody stops it',
  unix,
  async () => {
    const pipe = join(folder, 'pipe.pac')
    execFileSync('mkfifo', [pipe])
    const writing = writeFile(pipe, 'function FindProxyForURL() { return "PROXY d.corp.example:4" }')
    const rows = lookOf(await reported({ pac: 'pipe.pac' }), 'proxies').table?.rows ?? []
    assert.deepEqual(rows.at(-1)?.[2], 'proxy d.corp.example:4')
    await writing
    const controller = new AbortController()
    const waiting = doctor({ machineConfig: 'pipe.pac' }, { signal: controller.signal })
    setTimeout(() => controller.abort(), 50)
    await assert.rejects(waiting, /stopped before all of it had come/)
  },
)

test('a password in a text of another server is nowhere', async () => {
  await writeFile(
    join(folder, 'secret.txt'),
    '{"Proxy":"svc:hunter2@a.corp.example:1","ProxyBypass":"svc:hunter2@x","AutoconfigUrl":"http://svc:hunter2@127.0.0.1/p.pac?k=hunter2","AutoDetect":true}',
  )
  await writeFile(
    join(folder, 'secret.pac'),
    'function FindProxyForURL() { return "PROXY svc:hunter2@c.corp.example:3" }',
  )
  for (const json of [true, false]) {
    const { exitCode, stdout, stderr } = await doctor({ winhttp: 'secret.txt', pac: 'secret.pac', json })
    assert.equal(exitCode, exitCodes.well)
    assert.doesNotMatch(stdout + stderr, /hunter2/)
  }
})

test('a machine.config that says nothing of proxies is told so', async () => {
  await writeFile(join(folder, 'silent.config'), '<configuration/>')
  assert.match(lookOf(await reported({ machineConfig: 'silent.config' }), 'proxies').says, /says nothing of proxies/)
})

const secrets = [
  'http://svc:hunter2@proxy',
  'http://svc:hunter2',
  'svc:hunter2@',
  'http://svc hunter2@p',
  'ftp://svc:hunter2@p',
]

for (const value of secrets) {
  test(`the password in HTTPS_PROXY=${JSON.stringify(value)} is nowhere in text and JSON`, async () => {
    const environment = { HTTPS_PROXY: value, http_proxy: value, NO_PROXY: 'svc:hunter2@x' }
    for (const options of [{}, { json: true }]) {
      const { stdout, stderr, exitCode } = await doctor(options, { environment })
      assert.equal(exitCode, exitCodes.well)
      assert.doesNotMatch(stdout + stderr, /hunter2/)
    }
  })
}

test('without a site file it works, and says what it could not ask', async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), 'postern-doctor-'))
  t.after(() => rm(cwd, { recursive: true, force: true }))
  const { exitCode, stdout } = await doctor({}, { cwd })
  assert.equal(exitCode, exitCodes.well)
  assert.match(stdout, /no site file: nothing of a site was asked/)
})

test('--out writes the whole report to a file', async () => {
  const { exitCode, stdout } = await doctor({ json: true, out: 'doctor.json' })
  assert.deepEqual([exitCode, stdout], [exitCodes.well, ''])
  doctorReportSchema.parse(JSON.parse(await readFile(join(folder, 'doctor.json'), 'utf8')))
})

test('Ctrl-C ends it with what is known, and 130', async () => {
  const { exitCode, stdout } = await doctor({ json: true }, { signal: AbortSignal.abort() })
  assert.equal(exitCode, exitCodes.interrupted)
  assert.equal(doctorReportSchema.parse(JSON.parse(stdout)).interrupted, true)
})
