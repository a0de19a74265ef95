/**
 * `postern check` as a process at the port of certificate sign-in: nginx that asks for a certificate and nginx that does
 * not, and haproxy before the one that asks, which passes TLS through or ends it.
 */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { flowNamed, reportOf, runCheckCommand } from './checkCommand.ts'
import { freePorts, listens } from './freePorts.ts'
import { needs } from './needs.ts'

const run = promisify(execFile)

interface Row {
  readonly id: string
  readonly is: string
  /** How nginx asks, and in which version; absent: haproxy, which has the farm behind it. */
  readonly nginx?: { readonly asks: 'on' | 'optional' | 'off'; readonly version: 'TLSv1.2' | 'TLSv1.3' }
  readonly haproxy?: 'passes' | 'ends'
  readonly verdict: 'open' | 'wrong'
  readonly confidence?: 'likely' | 'possible'
}

const rows: readonly Row[] = [
  { id: 'asks-12', is: 'asks in TLS 1.2', nginx: { asks: 'optional', version: 'TLSv1.2' }, verdict: 'open' },
  { id: 'asks-13', is: 'asks in TLS 1.3', nginx: { asks: 'optional', version: 'TLSv1.3' }, verdict: 'open' },
  { id: 'insists-12', is: 'insists in TLS 1.2', nginx: { asks: 'on', version: 'TLSv1.2' }, verdict: 'open' },
  { id: 'insists-13', is: 'insists in TLS 1.3', nginx: { asks: 'on', version: 'TLSv1.3' }, verdict: 'open' },
  {
    id: 'mute-12',
    is: 'does not ask in TLS 1.2, and might later',
    nginx: { asks: 'off', version: 'TLSv1.2' },
    verdict: 'wrong',
    confidence: 'possible',
  },
  {
    id: 'mute-13',
    is: 'does not ask in TLS 1.3',
    nginx: { asks: 'off', version: 'TLSv1.3' },
    verdict: 'wrong',
    confidence: 'likely',
  },
  { id: 'passed', is: 'asks behind a balancer that passes TLS through', haproxy: 'passes', verdict: 'open' },
  {
    id: 'ended',
    is: 'asks behind a balancer that ends TLS',
    haproxy: 'ends',
    verdict: 'wrong',
    confidence: 'likely',
  },
]

const nameOf = (id: string): string => `${id}.corp.example`

async function ownFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-client-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function started(t: TestContext, command: string, args: readonly string[], port: number): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString()
  })
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${said}`)
    if (await listens(port)) return
    await sleep(50)
  }
  throw new Error(`${command} does not listen on ${port}: ${said}`)
}

function nginxConf(ports: ReadonlyMap<string, number>): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${of};`).join(' ')
  const servers = rows.flatMap(({ id, nginx }) =>
    nginx === undefined
      ? []
      : [
          `  server { listen 127.0.0.1:${ports.get(id)} ssl; ssl_protocols ${nginx.version}; ssl_verify_client ${nginx.asks}; }`,
        ],
  )
  return `daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events { worker_connections 64; }
http { access_log off; ${temporary}
  ssl_certificate farm.pem; ssl_certificate_key farm.key; ssl_client_certificate farm.pem;
${servers.join('\n')}
}
`
}

/** Two balancers before the farm that asks in TLS 1.3. */
function haproxyConf(folder: string, ports: ReadonlyMap<string, number>): string {
  const farm = `127.0.0.1:${ports.get('asks-13')}`
  return `defaults
  timeout connect 2s
  timeout client 5s
  timeout server 5s
listen passes
  mode tcp
  bind 127.0.0.1:${ports.get('passed')}
  server farm ${farm}
listen ends
  mode http
  bind 127.0.0.1:${ports.get('ended')} ssl crt ${join(folder, 'both.pem')}
  server farm ${farm} ssl verify none
`
}

function siteOf(folder: string, ports: ReadonlyMap<string, number>): string {
  const ids = rows.map(({ id }) => id)
  return [
    'site: farm',
    'hosts:',
    '  here: { roles: [intranet-client] }',
    ...ids.map((id) => `  farm-${id}: { roles: [wap], name: ${nameOf(id)} }`),
    `trust: { certificates: [${JSON.stringify(join(folder, 'farm.pem'))}] }`,
    'names:',
    ...ids.map((id) => `  '${nameOf(id)}:49443': 127.0.0.1:${ports.get(id)}`),
    'flows:',
    ...ids.map((id) => `  - { id: ${id}, from: here, to: farm-${id}, ports: [49443], transport: [tcp], service: tls }`),
    '',
  ].join('\n')
}

test('nginx and haproxy: who asks for a certificate is well, and who ends TLS before that is told', async (t) => {
  const [openssl, nginx, haproxy] = (['openssl', 'nginx', 'haproxy'] as const).map((program) => needs(t, program))
  if (openssl === undefined || nginx === undefined || haproxy === undefined) return
  const folder = await ownFolder(t)
  const free = await freePorts(rows.length)
  const ports = new Map(rows.map(({ id }, at) => [id, free[at] ?? 0]))
  const names = rows.map(({ id }) => `DNS:${nameOf(id)}`).join(',')
  const [key, certificate] = [join(folder, 'farm.key'), join(folder, 'farm.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const wish = ['-days', '30', '-subj', '/CN=farm', '-addext', `subjectAltName=${names}`]
  await run(openssl, ['req', '-x509', ...curve, ...wish, '-keyout', key, '-out', certificate])
  await run('/bin/sh', ['-c', 'cat "$0" "$1" > "$2"', certificate, key, join(folder, 'both.pem')])
  await writeFile(join(folder, 'nginx.conf'), nginxConf(ports))
  await writeFile(join(folder, 'haproxy.conf'), haproxyConf(folder, ports))
  await started(t, nginx, ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], ports.get('asks-13') ?? 0)
  await started(t, haproxy, ['-db', '-f', join(folder, 'haproxy.conf')], ports.get('ended') ?? 0)

  const report = reportOf(await runCheckCommand(folder, siteOf(folder, ports)))
  for (const { id, is, verdict, confidence } of rows) {
    await t.test(`a farm that ${is}: ${verdict}`, () => {
      const flow = flowNamed(report, id)
      const cause = verdict === 'open' ? undefined : 'mtls-terminated'
      assert.deepEqual([flow.verdict, flow.cause], [verdict, cause], flow.says)
      if (confidence !== undefined) assert.deepEqual([flow.confidence, flow.owner], [confidence, 'network'], flow.says)
    })
  }
  assert.ok(report.findings.every(({ code }) => code === 'mtls-terminated'))
})
