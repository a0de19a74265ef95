import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { doctorReportSchema } from '../../config/doctorSchema.ts'
import { looks } from '../../machine/index.ts'

let cwd: string
before(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'postern-doctor-'))
  // The names of the site are served where nobody listens: of the world outside only this machine's name servers are asked.
  await writeFile(
    join(cwd, 'postern.yaml'),
    `site: hq
domain: corp.example
hosts:
  connect01: { roles: [entra-connect], addresses: [127.0.0.1] }
resolvers: { internal: ['127.0.0.1:1'] }
names: { '*:443': '127.0.0.1:1', '*:80': '127.0.0.1:1' }
`,
  )
  await writeFile(join(cwd, 'broken.config'), '<configuration><proxy proxyaddress="http://svc:hunter2@proxy"')
  await writeFile(join(cwd, 'empty.txt'), '\n')
})
after(() => rm(cwd, { recursive: true, force: true }))

function doctor(
  ...words: readonly string[]
): Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }> {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'doctor', ...words], { cwd }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    )
  })
}

test('the command reports on this machine, by the published schema, and ends with 0', async () => {
  const { code, stdout, stderr } = await doctor('--json', '--timeout', '3000')
  assert.deepEqual([code, stderr], [0, ''])
  const report = doctorReportSchema.parse(JSON.parse(stdout))
  assert.deepEqual(
    report.looks.map(({ id }) => id),
    looks.map(({ id }) => id),
  )
  assert.deepEqual([report.site, report.machine.platform, report.interrupted], ['hq', process.platform, false])
  const { figures } = report.looks.find(({ id }) => id === 'resolvers') ?? assert.fail()
  assert.ok(JSON.stringify(figures['silentOverTcp']).includes('127.0.0.1:1'))
})

const refused: readonly (readonly [words: readonly string[], says: RegExp])[] = [
  [['--site', 'absent.yaml'], /^absent\.yaml:1:1: /],
  [['--timeout', '1'], /whole number of milliseconds from 50/],
  [['--ntp', 'a b'], /^--ntp: this is no host/],
  [['--pac', 'absent.pac'], /^--pac: "absent\.pac" cannot be read: there is no such file, name a file/],
  [['--pac', 'ftp://svc:hunter2@host/p.pac'], /^--pac: this is no address of a script/],
  [['--pac', 'http://svc:hunter2@/'], /^--pac: this is no address of a script/],
  [['--winhttp', '.'], /^--winhttp: "\." cannot be read: it is a folder/],
  [
    ['--machine-config', 'broken.config'],
    /^--machine-config: broken\.config is not read as XML, name a machine\.config/,
  ],
  [['--winhttp', 'empty.txt'], /^--winhttp: "empty\.txt" cannot be read: it is empty/],
  [['--fail-on', 'high'], /unknown option '--fail-on'/],
]

for (const [words, says] of refused) {
  test(`doctor ${words.join(' ')} ends with 2, one line on stderr, and repeats no password`, async () => {
    const { code, stdout, stderr } = await doctor(...words)
    assert.deepEqual([code, stdout, stderr.split('\n').length], [2, '', 2], stderr)
    assert.match(stderr, says)
    assert.doesNotMatch(stderr, /hunter2/)
  })
}

test('the help says whom it asks, and SECURITY.md the same', async () => {
  const { stdout } = await doctor('--help')
  const promises = await readFile(new URL('../../../SECURITY.md', import.meta.url), 'utf8')
  for (const host of ['login.microsoftonline.com', 'crl.microsoft.com', '--ntp', '--wpad', '--pac', 'over UDP']) {
    assert.ok(stdout.slice(stdout.indexOf('Whom it asks')).includes(host), host)
    assert.ok(promises.slice(promises.indexOf('| `doctor`')).includes(host), host)
  }
})
