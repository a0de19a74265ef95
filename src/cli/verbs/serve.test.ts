import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { after, before, test } from 'node:test'
import { caughtShell } from '../../../test/caughtShell.ts'
import { freePorts, listens } from '../../../test/freePorts.ts'
import type { RawAnswer } from '../../../test/gate/rawBackend.ts'
import { openRawBackend, well } from '../../../test/gate/rawBackend.ts'
import { servedCommand } from '../../../test/gate/servedCommand.ts'
import type { GateScene } from '../../lab/gateScene/gateScene.ts'
import { openGateScene } from '../../lab/gateScene/gateScene.ts'
import { runCli } from '../runCli.ts'

let scene: GateScene
let written: string
before(async () => {
  const [gatePort = 0] = await freePorts(1)
  scene = await openGateScene({ gatePort })
  written = await readFile(scene.siteFile, 'utf8')
  const other = await scene.pki.certificate('genuine', 'other.example')
  await writeFile(join(scene.folder, 'other.key'), other.keyPem, { mode: 0o600 })
  await writeFile(join(scene.folder, 'tags.json'), '{"values": 1}')
})
after(() => scene.close())

const replaced =
  (from: string | RegExp, to: string) =>
  (yaml: string): string => {
    const made = yaml.replace(from, to)
    assert.notEqual(made, yaml, `${from} is not in the site file`)
    return made
  }

async function check(yaml: string, env: Readonly<Record<string, string>> = {}) {
  const file = join(scene.folder, 'checked.yaml')
  await writeFile(file, yaml)
  const { shell, written: caught } = caughtShell(scene.folder, { env })
  const exitCode = await runCli(['serve', '--check', '--site', 'checked.yaml'], shell)
  return { exitCode, ...caught }
}

test('a site file that is whole passes the check, which opens no port and leaves no file', async () => {
  const { exitCode, stdout, stderr } = await check(written)
  assert.deepEqual([exitCode, stderr], [0, ''])
  assert.equal(stdout, 'The settings, certificates and secrets of the gate can be used.\n')
  assert.equal(await listens(Number(new URL(scene.origin).port)), false)
  await assert.rejects(readFile(join(scene.folder, 'state/record/lock')), { code: 'ENOENT' })
})

/** What is wrong, how it is written, what stands in the line that is named, and what is said of it. */
const wrong: readonly [name: string, edit: (yaml: string) => string, line: string, says: RegExp][] = [
  [
    'no gate',
    (yaml) => yaml.slice(0, yaml.indexOf('gate:\n')),
    '',
    /there is no gate to serve, write gate: with origin/,
  ],
  ['no origin', replaced(/ {2}origin: .*\n/, ''), '', /the gate has no origin, write origin: https/],
  ['an origin of plain HTTP', replaced('origin: https', 'origin: http'), 'origin:', /http:.*, write/],
  ['no certificate', replaced(/ {2}certificates: .*\n/, ''), '', /has no certificate, write certificates:/],
  ['a certificate that is not there', replaced('gate.pem', 'lost.pem'), 'certificates:', /lost\.pem.*, /],
  ['a key of another certificate', replaced('gate.key', 'other.key'), 'certificates:', /other\.key|gate\.pem.*, /],
  ['a key as a certificate', replaced('gate.pem', 'gate.key'), 'certificates:', /gate\.key.*, /],
  ['no routes', replaced(/ {2}routes:\n[\s\S]*$/, ''), '', /there is no route, write routes:/],
  ['no backend', replaced(/ {2}backends:\n.*\n/, ''), '', /there is no backend for the routes, write backends:/],
  [
    'a route to nowhere',
    replaced('path: /team,', 'path: /team, to: ap,'),
    '/team',
    /there is no backend "ap", write one of app/,
  ],
  ['two routes of one id', replaced('id: team', 'id: api'), 'id: api', /"api" stands here a second time, give each/],
  [
    'a way in that asks for nothing',
    replaced('[{ roles: [Admin] }]', '[{}]'),
    'id: admin',
    /asks for nothing.*, write anonymous/,
  ],
  [
    'a way in for who leaves out the token',
    replaced('[{ roles: [Admin] }]', '[{ addresses: [10.0.0.0/8] }]'),
    'id: admin',
    /, add signed-in: true/,
  ],
  ['a word that is none', replaced('sign-in: {', 'sign-in: { pendin: 3,'), 'sign-in:', /pendin.*, .*pending/],
  [
    'a number out of its range',
    replaced('  routes:', '  limits: { head-seconds: 0 }\n  routes:'),
    'head-seconds',
    /1 to 300/,
  ],
  [
    'two proofs of one app',
    replaced('secret: file', 'federated: token, secret: file'),
    'sign-in:',
    /it has secret and federated, give one/,
  ],
  [
    'no proof of the app',
    replaced(', secret: file:client-secret', ''),
    'sign-in:',
    /nothing to prove itself with, give one/,
  ],
  [
    'a secret that is not there',
    replaced('file:client-secret', 'file:lost-secret'),
    'sign-in:',
    /client secret.*lost-secret.*, /,
  ],
  [
    'a secret that the environment lacks',
    replaced('file:client-secret', 'env:GATE_SECRET'),
    'sign-in:',
    /GATE_SECRET.*, /,
  ],
  [
    'a token that is none',
    replaced('secret: file:client-secret', 'federated: gate.pem'),
    'sign-in:',
    /"gate\.pem" holds no token, correct it/,
  ],
  [
    'a proof that is not there',
    replaced('secret: file:client-secret', 'certificate: { certificate: lost.pem, key: gate.key }'),
    'sign-in:',
    /lost\.pem.*cannot be read.*, correct it/,
  ],
  [
    'a proof whose key Entra ID does not take',
    replaced('secret: file:client-secret', 'certificate: { certificate: gate.pem, key: gate.key }'),
    'sign-in:',
    /not of RSA, which Entra ID asks for, correct it/,
  ],
  ['trust that is not there', replaced('app: { urls', 'app: { trust: [lost.pem], urls'), 'app:', /lost\.pem.*, /],
  [
    'service tags without their file',
    replaced('roles: [Admin]', 'signed-in: true, service-tags: [Sql]'),
    'id: admin',
    /ranges are not known, write service-tags: FILE/,
  ],
  [
    'a file of service tags that is none',
    replaced('  routes:', '  service-tags: tags.json\n  routes:'),
    'service-tags',
    /tags\.json.*, /,
  ],
  [
    'people at a host where nobody can sign in',
    (yaml) => replaced(/ {2}api: .*\n/, '')(replaced('path: /team,', 'hosts: [api.example], path: /team,')(yaml)),
    'id: team',
    /another host than that of the origin.*, write api:/,
  ],
  [
    'people and no way to tell who they are',
    (yaml) => replaced(/ {2}api: .*\n/, '')(replaced(/ {2}sign-in: .*\n/, '')(yaml)),
    'id: team',
    /takes nobody, write sign-in:/,
  ],
  [
    'a tenant by its name',
    replaced(/tenant: [0-9a-f-]{36}/, 'tenant: corp.onmicrosoft.com'),
    '',
    /id of a tenant, and none is given, write tenants:/,
  ],
]
for (const [name, edit, line, says] of wrong) {
  test(`the check names file, line and column of ${name}, and what is right`, async () => {
    const yaml = edit(written)
    const { exitCode, stdout, stderr } = await check(yaml)
    assert.deepEqual([exitCode, stdout], [2, ''], stderr)
    const told = /^(?:postern: )?checked\.yaml:(\d+):(\d+): (.+)$/m.exec(stderr)
    assert.ok(told, stderr)
    assert.match(told[3] ?? '', says)
    assert.ok((yaml.split('\n')[Number(told[1]) - 1] ?? '').includes(line), `line ${told[1]}: ${stderr}`)
  })
}

test('the secret of the environment is taken, and never said', async () => {
  const yaml = replaced('file:client-secret', 'env:GATE_SECRET')(written)
  const { exitCode, stdout, stderr } = await check(yaml, { GATE_SECRET: 'extraordinarily-hidden' })
  assert.deepEqual([exitCode, stderr], [0, ''])
  assert.doesNotMatch(stdout, /hidden/)
})

/** A site file of the scene at a port of its own, with its own state, before another backend. */
async function siteAt(
  name: string,
  { port, backend, state = name }: { readonly port: number; readonly backend?: string; readonly state?: string },
): Promise<{ readonly file: string; readonly origin: string }> {
  const yaml = written
    .replaceAll(new URL(scene.origin).port, String(port))
    .replaceAll(/state\//g, `${state}/`)
    .replace(/app: \{ urls: \[[^\]]*\] \}/, (app) => (backend === undefined ? app : `app: { urls: [${backend}] }`))
  const file = join(scene.folder, `${name}.yaml`)
  await writeFile(file, yaml)
  return { file, origin: `https://localhost:${port}` }
}

/** A backend that answers when it is let. */
async function openSlowBackend(t: TestContext) {
  const waiting: (() => void)[] = []
  const answer: RawAnswer = (asked, socket) => void waiting.push(() => well(asked, socket))
  const backend = await openRawBackend(t, answer)
  return {
    backend,
    answerAll: () => {
      for (const one of waiting.splice(0)) one()
    },
  }
}

/** Asks for the start page, and tells what came of it. */
function ask(origin: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = request(new URL('/', origin), { ca: scene.pki.rootPem, agent: false }, (response) => {
      response.resume()
      response.once('end', () => resolve(String(response.statusCode)))
      response.once('error', () => resolve('cut'))
    })
    asked.once('error', () => resolve('cut'))
    asked.end()
  })
}

const posix = { skip: process.platform === 'win32' && 'a process there is not ended by a signal' }

test('SIGTERM takes no new connection, lets the open request end, and the exit code is 0', posix, async (t) => {
  const { backend, answerAll } = await openSlowBackend(t)
  const [port = 0] = await freePorts(1)
  const { file, origin } = await siteAt('drained', { port, backend: backend.url })
  const gate = servedCommand(t, 'serve', '--site', file)
  await gate.said('The record:')
  assert.match(gate.stdout, new RegExp(`The gate is open at ${origin}, on 127\\.0\\.0\\.1:${port}; Ctrl-C ends it\\.`))
  assert.ok(gate.stdout.includes(`Redirect URI to register, letter by letter: ${origin}/.postern/callback\n`))
  const asked = ask(origin)
  await backend.until(({ target }) => target === '/')
  gate.child.kill('SIGTERM')
  await gate.said('stopping: 1 connections have 30 s to end')
  while (await listens(port)) assert.equal(gate.child.exitCode, null)
  answerAll()
  assert.equal(await asked, '200')
  assert.equal(await gate.ended(), 0)
  assert.match(gate.stdout, /stopped\n$/)
  assert.equal(gate.stderr, '')
})

test('Ctrl-C ends it with 130, and a second signal cuts what is open', posix, async (t) => {
  const { backend } = await openSlowBackend(t)
  const [port = 0] = await freePorts(1)
  const { file, origin } = await siteAt('cut', { port, backend: backend.url })
  const idle = servedCommand(t, 'serve', '--site', file)
  await idle.said('The record:')
  idle.child.kill('SIGINT')
  assert.equal(await idle.ended(), 130)

  const gate = servedCommand(t, 'serve', '--site', file)
  await gate.said('The record:')
  const asked = ask(origin)
  await backend.until(({ target }) => target === '/')
  gate.child.kill('SIGTERM')
  await gate.said('stopping: 1 connections')
  gate.child.kill('SIGTERM')
  assert.equal(await asked, 'cut')
  assert.equal(await gate.ended(), 'SIGINT', 'which shells call 130')
  assert.match(gate.stderr, /stopped by a second signal/)
})

test('with --quiet nothing is said', posix, async (t) => {
  const [port = 0] = await freePorts(1)
  const { file, origin } = await siteAt('quiet', { port })
  const gate = servedCommand(t, 'serve', '--site', file, '--quiet')
  while (!(await listens(port))) assert.equal(gate.child.exitCode, null, gate.stderr)
  assert.equal(await ask(origin), '200')
  gate.child.kill('SIGTERM')
  assert.deepEqual([await gate.ended(), gate.stdout, gate.stderr], [0, '', ''])
})

test('a second gate is told of the first: at its port, its record and its sessions', posix, async (t) => {
  const [port = 0, another = 0] = await freePorts(2)
  const { file } = await siteAt('first', { port })
  const first = servedCommand(t, 'serve', '--site', file)
  await first.said('The record:')
  const second = async (
    name: string,
    at: { readonly port: number; readonly state: string },
    edit = (yaml: string) => yaml,
  ) => {
    const site = await siteAt(name, at)
    await writeFile(site.file, edit(await readFile(site.file, 'utf8')))
    const gate = servedCommand(t, 'serve', '--site', site.file)
    return { code: await gate.ended(), stdout: gate.stdout, stderr: gate.stderr }
  }
  const atPort = await second('at-port', { port, state: 'at-port' })
  assert.deepEqual([atPort.code, atPort.stdout], [2, ''])
  assert.match(
    atPort.stderr,
    new RegExp(`cannot listen at port ${port} of 127\\.0\\.0\\.1: another program listens there: end it, or`),
  )
  const atRecord = await second('at-record', { port: another, state: 'first' })
  assert.equal(atRecord.code, 2)
  assert.match(
    atRecord.stderr,
    new RegExp(`another process writes this record: process ${first.child.pid}, since .*, end it, or`),
  )
  const atSessions = await second('at-sessions', { port: another, state: 'first' }, (yaml) =>
    yaml.replace('first/record', 'at-sessions/record'),
  )
  assert.equal(atSessions.code, 2)
  assert.match(
    atSessions.stderr,
    /at-sessions\.yaml:\d+:\d+: another gate keeps its sessions in this database, end it, or/,
  )
  first.child.kill('SIGTERM')
  assert.equal(await first.ended(), 0)
})

test('a gate that cannot start leaves neither a port nor a lock behind', posix, async (t) => {
  const [port = 0] = await freePorts(1)
  const { file } = await siteAt('again', { port })
  await rm(join(scene.folder, 'again'), { recursive: true, force: true })
  const yaml = await readFile(file, 'utf8')
  await writeFile(file, yaml.replace('gate.pem', 'lost.pem'))
  assert.equal(await servedCommand(t, 'serve', '--site', file).ended(), 2)
  await writeFile(file, yaml)
  const gate = servedCommand(t, 'serve', '--site', file)
  await gate.said('The record:')
  gate.child.kill('SIGTERM')
  assert.equal(await gate.ended(), 0)
})
