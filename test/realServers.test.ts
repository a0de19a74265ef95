/**
 * `postern check` as a process against servers that are not ours: nginx, unbound and slapd, with certificates of openssl,
 * in a network namespace with a real firewall where the machine allows it.
 */

import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { CheckReport, FlowReport } from '../src/model/report.ts'
import { freePorts, listens } from './freePorts.ts'
import { needs, needsRoot } from './needs.ts'
import { makeCertificates } from './opensslCertificates.ts'

const run = promisify(execFile)
const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))

/** What stands on the machine for these tests: a folder, ports, processes. */
interface Ground {
  readonly folder: string
  readonly ports: Readonly<
    Record<'good' | 'expired' | 'wrongName' | 'plainHttp' | 'foreignCa' | 'closed' | 'dns' | 'ldap', number>
  >
  readonly processes: ChildProcess[]
}

let ground: Ground

before(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-real-'))
  const free = await freePorts(8)
  const [good = 0, expired = 0, wrongName = 0, plainHttp = 0, foreignCa = 0, closed = 0, dns = 0, ldap = 0] = free
  ground = { folder, ports: { good, expired, wrongName, plainHttp, foreignCa, closed, dns, ldap }, processes: [] }
})

after(async () => {
  for (const child of ground.processes) await ended(child)
  await rm(ground.folder, { recursive: true, force: true })
})

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

async function started(command: string, args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn(command, args, { cwd: ground.folder, stdio: ['ignore', 'ignore', 'pipe'] })
  ground.processes.push(child)
  let said = ''
  child.stderr?.on('data', (part: Buffer) => {
    said += part.toString()
  })
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${said}`)
    if (await listens(port)) return child
    await sleep(50)
  }
  throw new Error(`${command} does not listen on ${port}: ${said}`)
}

/** Below the folder of the test, where nginx would take those of the system. */
const tempPaths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${of};`).join(' ')

function nginxConf(ports: Ground['ports']): string {
  const tls = (port: number, certificate: string): string => `
  server { listen 127.0.0.1:${port} ssl; ssl_certificate ${certificate}.pem; ssl_certificate_key ${certificate}.key;
           location / { default_type text/html; return 200 "<title>App</title>hello"; } }`
  return `daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events { worker_connections 64; }
http { access_log off; ${tempPaths}
  server { listen 127.0.0.1:${ports.plainHttp}; return 200 "plain"; }
  ${tls(ports.good, 'good')} ${tls(ports.expired, 'expired')} ${tls(ports.wrongName, 'wrong-name')} ${tls(ports.foreignCa, 'foreign')}
}
`
}

function unboundConf(folder: string, port: number): string {
  return `server:
  interface: 127.0.0.1
  port: ${port}
  chroot: ""
  username: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  verbosity: 0
  do-not-query-localhost: no
  local-zone: "corp.example." static
  local-data: "corp.example. 3600 IN SOA ns.corp.example. admin.corp.example. 7 3600 600 86400 60"
  local-data: "app.corp.example. 60 IN A 127.0.0.1"
  local-data: "dc01.corp.example. 60 IN A 127.0.0.1"
  local-data: "_ldap._tcp.dc._msdcs.corp.example. 60 IN SRV 0 100 389 dc01.corp.example."
  local-data: "_kerberos._tcp.corp.example. 60 IN SRV 0 100 88 dc01.corp.example."
  local-data: "_kpasswd._tcp.corp.example. 60 IN SRV 0 100 464 dc01.corp.example."
  local-data: "_gc._tcp.corp.example. 60 IN SRV 0 100 3268 dc01.corp.example."
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@1
`
}

interface Row {
  readonly id: string
  readonly port: number
  readonly service: string
  readonly transport?: string
  /** Default: the name server for `dns`, the app for the rest. */
  readonly to?: 'portal'
}

/** @param addresses of the app; none: the resolver is asked for its name */
function siteOf(rows: readonly Row[], dns: number, addresses: readonly string[] = []): string {
  return `site: real
domain: corp.example
hosts:
  here: { roles: [domain-member], addresses: ["127.0.0.1"] }
  app: { roles: [published-app], name: app.corp.example, addresses: ${JSON.stringify(addresses)} }
  portal: { roles: [published-app], name: portal.partner.example, addresses: ["127.0.0.1"] }
  ns: { roles: [dns-server], addresses: ["127.0.0.1"] }
resolvers: { internal: ["127.0.0.1:${dns}"] }
trust: { certificates: [corp-ca.pem] }
flows:
${rows.map(({ id, port, service, transport = 'tcp', to }) => `  - { id: ${id}, from: here, to: ${to ?? (service === 'dns' ? 'ns' : 'app')}, ports: [${port}], transport: [${transport}], service: ${service} }`).join('\n')}
`
}

/** Runs the command and reads its report; the exit code comes with it. */
async function checkSite(
  site: string,
  ids: readonly string[],
  through: readonly string[] = [],
  more: readonly string[] = [],
): Promise<{ report: CheckReport; code: number }> {
  const file = join(ground.folder, 'postern.yaml')
  await writeFile(file, site)
  const [command = process.execPath, ...before] = [...through, process.execPath]
  const args = [
    ...before,
    main,
    'check',
    '--site',
    file,
    '--from',
    'here',
    '--json',
    '--quiet',
    '--timeout',
    '1500',
    '--flow',
    ids.join(','),
    ...more,
  ]
  return new Promise((resolve, reject) => {
    execFile(command, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code)
      if (code !== 0 && code !== 1) reject(new Error(`exit ${code}: ${stderr}`))
      else resolve({ report: JSON.parse(stdout), code })
    })
  })
}

function flowNamed(report: CheckReport, id: string): FlowReport {
  const flow = report.flows.find((each) => each.flow === id)
  assert.ok(flow, `no flow ${id}`)
  return flow
}

test('nginx, unbound and slapd: healthy, closed, expired, wrong name, foreign CA and plain HTTP are told apart', async (t) => {
  const programs = (['openssl', 'nginx', 'unbound', 'slapd'] as const).map((program) => needs(t, program))
  const [openssl, nginx, unbound, slapd] = programs
  if (openssl === undefined || nginx === undefined || unbound === undefined || slapd === undefined) return
  const { folder, ports } = ground
  await makeCertificates(openssl, folder)
  await writeFile(join(folder, 'nginx.conf'), nginxConf(ports))
  await writeFile(join(folder, 'unbound.conf'), unboundConf(folder, ports.dns))
  await writeFile(join(folder, 'slapd.conf'), `pidfile ${join(folder, 'slapd.pid')}\n`)
  await Promise.all([
    started(nginx, ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], ports.good),
    started(unbound, ['-d', '-c', join(folder, 'unbound.conf')], ports.dns),
    started(slapd, ['-d', '0', '-h', `ldap://127.0.0.1:${ports.ldap}/`, '-f', join(folder, 'slapd.conf')], ports.ldap),
  ])

  const healthy: Row[] = [
    { id: 'app', port: ports.good, service: 'https' },
    { id: 'names-udp', port: ports.dns, service: 'dns', transport: 'udp' },
    { id: 'names-tcp', port: ports.dns, service: 'dns' },
    { id: 'directory', port: ports.ldap, service: 'ldap' },
    { id: 'directory-port', port: ports.ldap, service: 'tcp' },
    { id: 'web', port: ports.plainHttp, service: 'http' },
  ]
  const broken: (Row & { readonly verdict: string; readonly cause: string })[] = [
    { id: 'closed', port: ports.closed, service: 'https', verdict: 'blocked', cause: 'refused' },
    { id: 'closed-port', port: ports.closed, service: 'tcp', verdict: 'blocked', cause: 'refused' },
    { id: 'expired', port: ports.expired, service: 'https', verdict: 'blocked', cause: 'cert-expired' },
    { id: 'wrong-name', port: ports.wrongName, service: 'https', verdict: 'wrong', cause: 'name-mismatch' },
    // nginx sends the leaf alone: whether an intermediate or a root of theirs is missing does not show.
    { id: 'foreign-ca', port: ports.foreignCa, service: 'https', verdict: 'blocked', cause: 'chain-incomplete' },
    { id: 'plain-http', port: ports.plainHttp, service: 'https', verdict: 'wrong', cause: 'not-the-service' },
  ]
  const site = siteOf([...healthy, ...broken], ports.dns)

  const well = await checkSite(
    site,
    healthy.map(({ id }) => id),
  )
  assert.equal(well.code, 0)
  assert.deepEqual(well.report.findings, [])
  for (const { id } of healthy) assert.equal(flowNamed(well.report, id).verdict, 'open', id)
  const directory = flowNamed(well.report, 'directory')
  // It answers in LDAP, and nothing here says that it is to be Active Directory.
  assert.equal(directory.confidence, 'certain')
  assert.match(directory.says, /OpenLDAP/)

  const bad = await checkSite(
    site,
    [...healthy, ...broken].map(({ id }) => id),
  )
  assert.equal(bad.code, 1)
  for (const { id, verdict, cause } of broken) {
    const flow = flowNamed(bad.report, id)
    assert.deepEqual([flow.verdict, flow.cause], [verdict, cause], `${id}: ${flow.says}`)
  }
  for (const { id } of healthy) assert.equal(flowNamed(bad.report, id).verdict, 'open', `${id} beside broken ones`)
})

test('nginx that hangs: the port is open and the service silent, and open again once it goes on', async (t) => {
  const [openssl, nginx] = (['openssl', 'nginx'] as const).map((program) => needs(t, program))
  if (openssl === undefined || nginx === undefined) return
  const { folder } = ground
  const [port = 0, otherPort = 0] = await freePorts(2)
  await makeCertificates(openssl, folder)
  const open = async (name: string, at: number): Promise<ChildProcess> => {
    const conf = join(folder, `one-${name}.conf`)
    await writeFile(
      conf,
      `daemon off; master_process off; pid one-${name}.pid; error_log stderr crit; events {}
http { access_log off; ${tempPaths}
  server { listen 127.0.0.1:${at} ssl; ssl_certificate ${name}.pem; ssl_certificate_key ${name}.key; return 200 "hello"; } }
`,
    )
    return started(nginx, ['-p', folder, '-e', 'stderr', '-c', conf], at)
  }
  const server = await open('good', port)
  await open('wrong-name', otherPort)
  t.after(() => server.kill('SIGCONT'))
  const rows: Row[] = [
    { id: 'hung', port, service: 'https' },
    { id: 'hung-port', port, service: 'tcp' },
    // Its name is asked for at the silent port as well: a filter by name would let it pass.
    { id: 'beside', port: otherPort, service: 'https', to: 'portal' },
  ]
  const site = siteOf(rows, ground.ports.dns, ['127.0.0.1'])
  const ids = rows.map(({ id }) => id)

  server.kill('SIGSTOP')
  const hung = await checkSite(site, ids)
  const { verdict, cause, says } = flowNamed(hung.report, 'hung')
  assert.deepEqual([verdict, cause], ['blocked', 'silent-service'], says)
  for (const id of ['hung-port', 'beside']) assert.equal(flowNamed(hung.report, id).verdict, 'open', id)
  assert.equal(hung.code, 1)

  server.kill('SIGCONT')
  const well = await checkSite(site, ids)
  assert.deepEqual([well.code, well.report.findings], [0, []])
})

test('a real firewall: dropped in silence, refused by its reset, open beside both, and cut for a long ClientHello', async (t) => {
  const programs = (['openssl', 'nginx', 'nft', 'ip'] as const).map((program) => needs(t, program))
  const [openssl, nginx, nft, ip] = programs
  if (openssl === undefined || nginx === undefined || nft === undefined || ip === undefined) return
  if (!needsRoot(t)) return
  const { folder, ports } = ground
  const namespace = `postern-${process.pid}`
  const inside = [ip, 'netns', 'exec', namespace]
  await run(ip, ['netns', 'add', namespace])
  t.after(() => run(ip, ['netns', 'del', namespace]))
  await run(ip, ['-n', namespace, 'link', 'set', 'lo', 'up'])
  await makeCertificates(openssl, folder)
  await writeFile(join(folder, 'nginx.conf'), nginxConf(ports))
  await writeFile(
    join(folder, 'rules.nft'),
    `table inet postern {
  chain in {
    type filter hook input priority 0
    tcp dport ${ports.expired} drop
    tcp dport ${ports.wrongName} reject with tcp reset
    tcp dport ${ports.good} meta length > 1400 drop
  }
}
`,
  )
  await run(ip, [...inside.slice(1), nft, '-f', join(folder, 'rules.nft')])
  const server = spawn(
    ip,
    [...inside.slice(1), nginx, '-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')],
    { stdio: 'ignore' },
  )
  ground.processes.push(server)
  t.after(() => ended(server))

  const rows: Row[] = [
    { id: 'open', port: ports.good, service: 'https' },
    { id: 'dropped', port: ports.expired, service: 'https' },
    { id: 'reset', port: ports.wrongName, service: 'https' },
  ]
  const site = siteOf(rows, ports.dns, ['127.0.0.1'])
  const ids = rows.map(({ id }) => id)
  let result = await checkSite(site, ids, inside)
  // The control packet of this scenario: the open port must be open before the others mean anything.
  for (let attempt = 0; attempt < 40 && flowNamed(result.report, 'open').verdict !== 'open'; attempt += 1) {
    await sleep(100)
    result = await checkSite(site, ids, inside)
  }
  assert.equal(flowNamed(result.report, 'open').verdict, 'open')
  const dropped = flowNamed(result.report, 'dropped')
  assert.deepEqual(
    [dropped.verdict, dropped.cause, dropped.owner],
    ['blocked', 'filtered-silently', 'firewall'],
    dropped.says,
  )
  const reset = flowNamed(result.report, 'reset')
  assert.deepEqual([reset.verdict, reset.cause], ['blocked', 'refused'], reset.says)
  assert.equal(result.code, 1)

  // What is open to the small hello of Windows loses long packets: only a posture asks for that.
  const { report } = await checkSite(site, ['open'], inside, ['--posture'])
  const long = flowNamed(report, 'open')
  assert.deepEqual([long.verdict, long.cause, long.confidence], ['blocked', 'big-clienthello', 'likely'], long.says)
  assert.ok(String(long.learnt['tlsVersionsTaken']).includes('TLSv1.2'), `takes ${long.learnt['tlsVersionsTaken']}`)
  assert.equal(long.learnt['longHello'], 'unanswered')
})
