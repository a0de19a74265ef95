import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { caughtShell } from '../../../test/caughtShell.ts'
import { accessReportSchema } from '../../config/accessSchema.ts'
import { runCli } from '../runCli.ts'

const site = `site: hq
hosts:
  app01: { roles: [app-8443] }
gate:
  origin: https://payroll.corp.example:8443
  routes:
    - { id: health, path: /health, allow: [ { anonymous: true } ] }
    - { id: all, path: /*, allow: [ { signed-in: true } ] }
    - id: admin
      path: /admin/*
      allow:
        - { roles: [Payroll.Admin], authentication-context: c1 }
        - { groups: [5f2f5c0e-7f6b-4b5a-9f0a-3c1f1f7c8a11], addresses: [10.0.0.0/8] }
    - { id: import, path: /import, methods: [POST], allow: [ { roles: [Payroll.Import], apps: only } ] }
`
const ada = {
  tid: '3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90',
  oid: '77777777-2222-4333-8444-555555555555',
  roles: ['Payroll.Admin'],
}
const daemon = { ...ada, idtyp: 'app', roles: ['Payroll.Import'] }
const crowd = { ...ada, roles: [], _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'x' } } }

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-access-'))
  const files = {
    'postern.yaml': site,
    'gateless.yaml': site.slice(0, site.indexOf('gate:')),
    'ada.json': JSON.stringify(ada),
    'daemon.json': JSON.stringify(daemon),
    'crowd.json': JSON.stringify(crowd),
    'quiet-daemon.json': JSON.stringify({ ...daemon, idtyp: undefined, sub: daemon.oid }),
    'id-token.json': JSON.stringify({ ...ada, nonce: 'n' }),
    'nobody.json': '{"oid":"77777777-2222-4333-8444-555555555555"}',
    'list.json': '[1]',
    'broken.json': '{"tid": }',
    'token.txt': 'eyJhbGciOiJub25lIn0.eyJ0aWQiOiJhIn0.c2VjcmV0',
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
})
after(() => rm(folder, { recursive: true, force: true }))

async function explain(...words: readonly string[]) {
  const { shell, written } = caughtShell(folder)
  const exitCode = await runCli(['explain-access', ...words], shell)
  return { exitCode, ...written }
}

const at = (path: string): string => `https://payroll.corp.example:8443${path}`

const asked: readonly [words: readonly string[], exitCode: number, because: string, next?: string][] = [
  [[at('/health')], 0, 'allowed'],
  [[at('/')], 1, 'denied', 'sign-in'],
  [[at('')], 1, 'denied', 'sign-in'],
  [['--claims', 'ada.json', at('/')], 0, 'allowed'],
  [['--claims', 'ada.json', at('/ADMIN/')], 1, 'denied', 'step-up'],
  [['--claims', 'daemon.json', at('/')], 1, 'denied', 'nothing'],
  [['--claims', 'daemon.json', '--method', 'post', at('/import')], 0, 'allowed'],
  [['--claims', 'ada.json', '--method', 'POST', at('/import')], 1, 'denied', 'nothing'],
  [['--claims', 'quiet-daemon.json', '--method', 'POST', at('/import')], 0, 'allowed'],
  [['--claims', 'quiet-daemon.json', at('/')], 1, 'denied', 'nothing'],
  [['https://other.example/health'], 1, 'host-not-served'],
  [['https://payroll.corp.example.:8443/health'], 0, 'allowed'],
  [['--claims', 'ada.json', at('/import')], 1, 'method-not-allowed'],
  [['--claims', 'crowd.json', '--address', '10.1.2.3', at('/admin')], 1, 'denied', 'ask'],
  [['--claims', 'ada.json', at('/x/../admin')], 1, 'path-dots'],
  [['--claims', 'ada.json', at('/admin%2fx')], 1, 'path-slash'],
]
for (const [words, exitCode, because, next] of asked) {
  test(`explain-access ${words.join(' ')}: ${because}${next === undefined ? '' : `, ${next}`}`, async () => {
    const ran = await explain('--json', ...words)
    assert.equal(ran.stderr, '')
    const report = accessReportSchema.parse(JSON.parse(ran.stdout))
    assert.deepEqual([ran.exitCode, report.because, report.next], [exitCode, because, next])
    const text = await explain(...words)
    assert.equal(text.exitCode, exitCode)
    assert.match(text.stdout, exitCode === 0 ? / passes: / : / is denied: /)
  })
}

test('what is missing stands below its way in, and what to do next at the end', async () => {
  const { stdout } = await explain('--claims', 'ada.json', '--at', '2026-11-20T09:30:00Z', at('/admin'))
  assert.equal(
    stdout,
    `GET payroll.corp.example/admin is denied: no way in of route admin is open
  who    user 77777777-2222-4333-8444-555555555555 of the tenant 3f0f9b6e-9c1d-4a7e-8f6a-2f4a1c5d7e90
  from   an address that is in no list (--address gives one)
  at     2026-11-20T09:30:00.000Z
  route  admin: /admin/*

way in 1
  roles                   holds (role)
  authentication-context  this needs a stronger sign-in (authentication-context-missing)
  apps                    holds (person)

way in 2
  addresses  this address is not one of those that may come in here (address-not-allowed)
  groups     the app registration does not put groups into tokens (groups-not-told)
  apps       holds (person)

  next  sign in once more, stronger: c1
`,
  )
})

const refused: readonly [words: readonly string[], says: RegExp][] = [
  [['http://payroll.corp.example/'], /"http:\/\/payroll.corp.example\/" is no URL of the gate/],
  [['/admin'], /is no URL of the gate/],
  [['https://user:secret@payroll.corp.example/'], /the URL holds a user name/],
  [['--site', 'gateless.yaml', at('/')], /gateless.yaml: there is nothing to judge by: write routes under gate:/],
  [['--claims', 'missing.json', at('/')], /missing.json: cannot be read: there is no such file/],
  [['--claims', 'nobody.json', at('/')], /nobody.json:1:1: tid is missing or no GUID/],
  [['--claims', 'list.json', at('/')], /list.json:1:1: no object/],
  [['--claims', 'id-token.json', at('/')], /id-token.json:1:1: these are no claims of an access token/],
  [['--claims', 'broken.json', at('/')], /broken.json:1:9: not JSON: expected /],
  [['--claims', 'token.txt', at('/')], /token.txt:1:1: a token, not its claims/],
  [['--address', '10.1.2', at('/')], /"10.1.2" is no address/],
  [['--at', 'tomorrow', at('/')], /"tomorrow" is no time/],
  [['--certificate', 'ab', at('/')], /"ab" is no SHA-256 fingerprint/],
]
for (const [words, says] of refused) {
  test(`explain-access ${words.join(' ').replace('secret', '...')} is refused in one line`, async () => {
    const { exitCode, stdout, stderr } = await explain(...words)
    assert.deepEqual([exitCode, stdout, stderr.trimEnd().split('\n').length], [2, '', 1])
    assert.match(stderr, says)
    assert.doesNotMatch(stderr, /secret|c2VjcmV0|eyJ/)
  })
}
