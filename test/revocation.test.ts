/**
 * `postern check` as a process against a CA of openssl: its list on nginx, its responder behind it, both at port 80 of a
 * network namespace, since openssl's responder listens wherever it can.
 */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { CheckReport } from '../src/model/report.ts'
import { needs, needsRoot } from './needs.ts'
import { byAuthority, daysAhead, openBooks, ownKey } from './opensslAuthority.ts'

const run = promisify(execFile)
const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))

/** A server whose certificate names where its state is told, and what the command must make of that. */
interface Row {
  readonly id: string
  readonly port: number
  readonly ca: 'corp' | 'lazy'
  readonly crl?: string
  readonly ocsp?: string
  readonly revoked?: true
  /** The server staples the answer of openssl's responder to its handshakes. */
  readonly staples?: true
  readonly verdict: 'open' | 'blocked' | 'degraded'
  readonly cause?: string
  readonly confidence?: string
  readonly owner?: string
  readonly says?: RegExp
}

const list = 'http://pki.corp.example/corp.crl'
const responder = 'http://ocsp.corp.example'
const rows: readonly Row[] = [
  { id: 'healthy', port: 4431, ca: 'corp', crl: list, ocsp: responder, verdict: 'open' },
  {
    id: 'revoked',
    port: 4432,
    ca: 'corp',
    crl: list,
    ocsp: responder,
    revoked: true,
    verdict: 'blocked',
    cause: 'revoked',
    confidence: 'certain',
    owner: 'pki',
    says: /keyCompromise.*the responder at .* and the list at /,
  },
  {
    id: 'revoked-in-list',
    port: 4433,
    ca: 'corp',
    crl: list,
    revoked: true,
    verdict: 'blocked',
    cause: 'revoked',
    confidence: 'certain',
    owner: 'pki',
    says: /keyCompromise.*the list at /,
  },
  {
    id: 'stale',
    port: 4434,
    ca: 'lazy',
    crl: 'http://pki.corp.example/lazy.crl',
    verdict: 'degraded',
    cause: 'crl-stale',
    confidence: 'certain',
    owner: 'pki',
    says: /lazy\.crl was to be replaced on /,
  },
  {
    id: 'page',
    port: 4435,
    ca: 'corp',
    crl: 'http://filtered.corp.example/corp.crl',
    verdict: 'degraded',
    cause: 'revocation-unreachable',
    confidence: 'certain',
    owner: 'proxy',
    says: /a web page "Blocked"/,
  },
  {
    id: 'closed',
    port: 4436,
    ca: 'corp',
    crl: 'http://closed.corp.example/corp.crl',
    verdict: 'degraded',
    cause: 'revocation-unreachable',
    confidence: 'certain',
    owner: 'firewall',
    says: /closed\.corp\.example:80 is not reached \(ECONNREFUSED\)/,
  },
  {
    id: 'list-enough',
    port: 4437,
    ca: 'corp',
    crl: list,
    ocsp: 'http://closed.corp.example/ocsp',
    verdict: 'open',
  },
  {
    id: 'responder-enough',
    port: 4438,
    ca: 'corp',
    crl: 'http://pki.corp.example/gone.crl',
    ocsp: responder,
    verdict: 'open',
  },
  {
    id: 'revoked-in-staple',
    port: 4439,
    ca: 'corp',
    revoked: true,
    staples: true,
    verdict: 'blocked',
    cause: 'revoked',
    confidence: 'certain',
    owner: 'pki',
    says: /\(keyCompromise\), says the answer that the server staples$/,
  },
  {
    id: 'staple-enough',
    port: 4440,
    ca: 'corp',
    crl: 'http://closed.corp.example/corp.crl',
    staples: true,
    verdict: 'open',
  },
]

/** Makes the CAs, a certificate for each row, and the lists. */
async function makePki(openssl: string, folder: string): Promise<void> {
  const at = (name: string): string => join(folder, name)
  for (const name of ['corp', 'lazy']) {
    await openBooks(folder, name)
    const subject = ['-subj', `/O=Test/CN=${name} CA`, '-days', '30']
    await run(openssl, ['req', '-x509', ...ownKey, ...subject, '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)])
  }
  for (const { id, ca, crl, ocsp, revoked } of rows) {
    const extensions = [
      'subjectAltName=DNS:app.corp.example',
      ...(crl === undefined ? [] : [`crlDistributionPoints=URI:${crl}`]),
      ...(ocsp === undefined ? [] : [`authorityInfoAccess=OCSP;URI:${ocsp}`]),
    ].flatMap((extension) => ['-addext', extension])
    const subject = ['-subj', `/CN=${id}`]
    const files = ['-keyout', at(`${id}.key`), '-out', at(`${id}.csr`)]
    await run(openssl, ['req', ...ownKey, ...subject, ...extensions, ...files])
    const by = byAuthority(folder, ca)
    await run(openssl, [...by, '-days', '20', '-in', at(`${id}.csr`), '-out', at(`${id}.pem`)])
    if (revoked) await run(openssl, [...by, '-revoke', at(`${id}.pem`), '-crl_reason', 'keyCompromise'])
  }
  for (const [name, from, until] of [
    ['corp', -1, 6],
    ['lazy', -9, -2],
  ] as const) {
    const dates = ['-crl_lastupdate', daysAhead(from), '-crl_nextupdate', daysAhead(until)]
    await run(openssl, [...byAuthority(folder, name), '-gencrl', ...dates, '-out', at(`${name}.list`)])
    await run(openssl, ['crl', '-in', at(`${name}.list`), '-outform', 'DER', '-out', at(`${name}.crl`)])
  }
  const signer = [
    '-index',
    at('corp.index'),
    '-CA',
    at('corp.pem'),
    '-rsigner',
    at('corp.pem'),
    '-rkey',
    at('corp.key'),
  ]
  for (const { id } of rows.filter(({ staples }) => staples)) {
    const asked = ['-issuer', at('corp.pem'), '-cert', at(`${id}.pem`), '-ndays', '1', '-noverify']
    await run(openssl, ['ocsp', ...signer, ...asked, '-respout', at(`${id}.staple`)])
  }
}

const tempPaths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${of};`).join(' ')

function nginxConf(folder: string): string {
  const stapled = ({ id, staples }: Row): string => (staples ? `ssl_stapling on; ssl_stapling_file ${id}.staple;` : '')
  const app = (row: Row): string => `
  server { listen 127.0.0.1:${row.port} ssl; ssl_certificate ${row.id}.pem; ssl_certificate_key ${row.id}.key; ${stapled(row)} return 200 "hello"; }`
  return `daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events { worker_connections 64; }
http { access_log off; ${tempPaths}
  server { listen 127.0.0.1:80; server_name pki.corp.example; root ${folder}; }
  server { listen 127.0.0.1:80; server_name ocsp.corp.example; location / { proxy_pass http://127.0.0.1:9080; } }
  server { listen 127.0.0.1:80; server_name filtered.corp.example; location / { default_type text/html; return 200 "<title>Blocked</title>"; } }
  ${rows.map(app).join('')}
}
`
}

const site = `site: revocation
domain: corp.example
hosts:
  here: { roles: [domain-member], addresses: ["127.0.0.1"] }
  app: { roles: [published-app], name: app.corp.example, addresses: ["127.0.0.1"] }
trust: { certificates: [corp.pem, lazy.pem] }
names:
  pki.corp.example: "127.0.0.1"
  ocsp.corp.example: "127.0.0.1"
  filtered.corp.example: "127.0.0.1"
  # Another address of the loopback, where nothing listens on port 80.
  closed.corp.example: "127.0.0.9"
flows:
${rows.map(({ id, port }) => `  - { id: ${id}, from: here, to: app, ports: [${port}], transport: [tcp], service: https }`).join('\n')}
`

test('nginx and the responder of openssl: healthy, revoked, out of date, a page and a closed port are told apart', async (t) => {
  const [openssl, nginx, ip] = (['openssl', 'nginx', 'ip'] as const).map((program) => needs(t, program))
  if (openssl === undefined || nginx === undefined || ip === undefined || !needsRoot(t)) return
  const folder = await mkdtemp(join(tmpdir(), 'postern-revocation-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await makePki(openssl, folder)
  await writeFile(join(folder, 'nginx.conf'), nginxConf(folder))
  await writeFile(join(folder, 'postern.yaml'), site)

  const namespace = `postern-revocation-${process.pid}`
  const inside = ['netns', 'exec', namespace]
  await run(ip, ['netns', 'add', namespace])
  t.after(() => run(ip, ['netns', 'del', namespace]))
  await run(ip, ['-n', namespace, 'link', 'set', 'lo', 'up'])
  const start = (...command: readonly string[]): void => {
    const child = spawn(ip, [...inside, ...command], { cwd: folder, stdio: 'ignore' })
    t.after(() => ended(child))
  }
  start(nginx, '-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf'))
  const signer = ['-CA', 'corp.pem', '-rsigner', 'corp.pem', '-rkey', 'corp.key', '-nmin', '60']
  start(openssl, 'ocsp', '-index', 'corp.index', ...signer, '-port', '9080')

  let { report, code } = await check(t, ip, inside, folder)
  // Nothing means anything before all of the servers listen.
  for (let attempt = 0; attempt < 40 && !isUp(report); attempt += 1) {
    await sleep(100)
    ;({ report, code } = await check(t, ip, inside, folder))
  }
  for (const { id, verdict, cause, confidence, owner, says } of rows) {
    const flow = report.flows.find((each) => each.flow === id)
    assert.ok(flow)
    assert.deepEqual([flow.verdict, flow.cause, flow.owner], [verdict, cause, owner], `${id}: ${flow.says}`)
    if (confidence !== undefined) assert.equal(flow.confidence, confidence, flow.says)
    if (says !== undefined) assert.match(flow.says, says)
  }
  assert.deepEqual(
    report.flows
      .find(({ flow }) => flow === 'healthy')
      ?.evidence.flatMap((seen) => (seen.kind === 'revocation-check' ? [`${seen.method} ${seen.outcome}`] : [])),
    ['ocsp good', 'crl good'],
  )
  assert.equal(code, 1)
})

/** Whether the responder answers: it is the last to listen. */
function isUp(report: CheckReport): boolean {
  return report.flows.some(({ flow, verdict }) => flow === 'responder-enough' && verdict === 'open')
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

async function check(
  t: TestContext,
  ip: string,
  inside: readonly string[],
  folder: string,
): Promise<{ report: CheckReport; code: number }> {
  const options = ['--site', join(folder, 'postern.yaml'), '--from', 'here', '--json', '--quiet', '--timeout', '3000']
  const args = [...inside, process.execPath, main, 'check', ...options, '--flow', rows.map(({ id }) => id).join(',')]
  return new Promise((resolve, reject) => {
    execFile(ip, args, { maxBuffer: 64 * 1024 * 1024, signal: t.signal }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code)
      if (code !== 0 && code !== 1) reject(new Error(`exit ${code}: ${stderr}`))
      else resolve({ report: JSON.parse(stdout), code })
    })
  })
}
