/**
 * `postern check` as a process against time servers and WebSockets that are not ours: chronyd, which never touches the
 * clock of this machine, and an upgrade through nginx and through haproxy.
 */

import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { CheckReport, FlowReport } from '../src/model/report.ts'
import { freePorts, listens } from './freePorts.ts'
import { needs, needsRoot } from './needs.ts'
import { opened } from './opened.ts'
import { makeCertificates } from './opensslCertificates.ts'
import { certgen, ownFolder, squidThatBumps, squidWith } from './realProxy.ts'

const run = promisify(execFile)
const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))

/** Starts a server and waits until `ready`; it ends with the test, stopped or not. */
async function started(
  t: TestContext,
  command: string,
  args: readonly string[],
  ready: () => Promise<boolean>,
): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (part: Buffer) => {
    said += part.toString()
  })
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGCONT')
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${said}`)
    if (await ready()) return child
    await sleep(50)
  }
  throw new Error(`${command} does not answer: ${said}`)
}

/** Whether anything comes back for a plain request for the time. */
async function tellsTime(port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  socket.on('error', () => {})
  try {
    const request = Buffer.alloc(48)
    request[0] = 0x23
    socket.send(request, port, '127.0.0.1')
    await once(socket, 'message', { signal: AbortSignal.timeout(50) })
    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}

interface Row {
  readonly id: string
  readonly port: number
  readonly service: 'ntp' | 'ws' | 'wss' | 'tcp'
}

const siteOf = (rows: readonly Row[]): string => `site: real
domain: corp.example
hosts:
  here: { roles: [domain-member], addresses: ["127.0.0.1"] }
  app: { roles: [published-app], name: app.corp.example, addresses: ["127.0.0.1"] }
trust: { certificates: [corp-ca.pem] }
flows:
${rows
  .map(({ id, port, service }) => {
    const path = service === 'ws' || service === 'wss' ? ', path: /live' : ''
    return `  - { id: ${id}, from: here, to: app, ports: [${port}], transport: [${service === 'ntp' ? 'udp' : 'tcp'}], service: ${service}${path} }\n`
  })
  .join('')}`

interface Checked {
  readonly report: CheckReport
  readonly code: number
}

/** Runs the command and reads its report; the exit code comes with it. */
function check(args: readonly string[], through: readonly string[] = []): Promise<Checked> {
  const [command = process.execPath, ...before] = [...through, process.execPath]
  const all = [...before, main, 'check', ...args, '--json', '--quiet', '--timeout', '1500']
  return new Promise((resolve, reject) => {
    execFile(command, all, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code)
      if (code !== 0 && code !== 1) reject(new Error(`exit ${code}: ${stderr}`))
      else resolve({ report: JSON.parse(stdout), code })
    })
  })
}

async function checkSite(folder: string, rows: readonly Row[], through: readonly string[] = []): Promise<Checked> {
  const file = join(folder, 'postern.yaml')
  await writeFile(file, siteOf(rows))
  return check(['--site', file, '--from', 'here', '--flow', rows.map(({ id }) => id).join(',')], through)
}

function flowNamed({ report }: Checked, id: string): FlowReport {
  const flow = report.flows.find((each) => each.flow === id)
  assert.ok(flow, `no flow ${id}`)
  return flow
}

/** A server's own configuration: on loopback, no command port, no state, and the clock left alone (`-x`). */
async function chronydArgs(folder: string, name: string, port: number, more: readonly string[]): Promise<string[]> {
  const conf = join(folder, `${name}.conf`)
  const lines = [
    `port ${port}`,
    'bindaddress 127.0.0.1',
    'allow 127.0.0.1',
    'cmdport 0',
    'bindcmdaddress /',
    `pidfile ${join(folder, `${name}.pid`)}`,
    ...more,
  ]
  await writeFile(conf, `${lines.join('\n')}\n`)
  return ['-x', '-d', '-U', '-u', userInfo().username, '-f', conf]
}

test('chronyd: in step, without a source, silent, and gone are told apart', async (t) => {
  const [openssl, chronyd] = [needs(t, 'openssl'), needs(t, 'chronyd')]
  if (openssl === undefined || chronyd === undefined) return
  const folder = await ownFolder(t)
  await makeCertificates(openssl, folder)
  const [good = 0, lost = 0, gone = 0] = await freePorts(3)
  const server = await started(t, chronyd, await chronydArgs(folder, 'good', good, ['local stratum 8']), () =>
    tellsTime(good),
  )
  await started(t, chronyd, await chronydArgs(folder, 'lost', lost, []), () => tellsTime(lost))
  // A host that is seen to be there by another port.
  const beside = await opened(t, createServer())
  const rows: Row[] = [
    { id: 'time', port: good, service: 'ntp' },
    { id: 'beside', port: beside, service: 'tcp' },
  ]

  const healthy = await checkSite(folder, rows)
  assert.deepEqual([healthy.code, healthy.report.findings], [0, []])
  const { verdict, confidence, learnt, says } = flowNamed(healthy, 'time')
  assert.deepEqual([verdict, confidence, learnt['ntpStratum'], learnt['ntpLeap']], ['open', 'certain', 8, 'none'], says)
  assert.ok(Math.abs(Number(learnt['clockOffsetMs'])) < 10_000, 'both read the clock of one machine')

  const broken = await checkSite(folder, [
    ...rows,
    { id: 'lost', port: lost, service: 'ntp' },
    { id: 'gone', port: gone, service: 'ntp' },
  ])
  const unset = flowNamed(broken, 'lost')
  assert.deepEqual(
    [unset.verdict, unset.cause, unset.confidence],
    ['degraded', 'clock-unsynchronised', 'certain'],
    unset.says,
  )
  const refused = flowNamed(broken, 'gone')
  assert.deepEqual([refused.verdict, refused.cause], ['blocked', 'refused'], refused.says)
  assert.equal(flowNamed(broken, 'time').verdict, 'open')

  server.kill('SIGSTOP')
  const hung = flowNamed(await checkSite(folder, rows), 'time')
  assert.deepEqual([hung.verdict, hung.cause, hung.confidence], ['blocked', 'udp-only-filtered', 'likely'], hung.says)
  assert.ok(hung.alternatives.includes('silent-service'), 'a datagram that is not answered may have arrived')
  assert.deepEqual(
    hung.evidence.filter(({ kind }) => kind === 'udp-exchange').map(({ role }) => role),
    ['probe', 'repeat'],
  )
  server.kill('SIGCONT')
})

test('chronyd as a TARGET of the command line', async (t) => {
  const chronyd = needs(t, 'chronyd')
  if (chronyd === undefined) return
  const folder = await ownFolder(t)
  const [port = 0] = await freePorts(1)
  await started(t, chronyd, await chronydArgs(folder, 'good', port, ['local stratum 8']), () => tellsTime(port))
  const { report, code } = await check([`ntp://127.0.0.1:${port}`])
  assert.equal(code, 0)
  assert.deepEqual(
    report.flows.map(({ verdict, confidence, target }) => [verdict, confidence, target.service, target.transport]),
    [['open', 'certain', 'ntp', 'udp']],
  )
})

test('a real firewall that drops UDP alone', async (t) => {
  const programs = (['openssl', 'chronyd', 'nft', 'ip', 'nginx'] as const).map((program) => needs(t, program))
  const [openssl, chronyd, nft, ip, nginx] = programs
  if (!openssl || !chronyd || !nft || !ip || !nginx || !needsRoot(t)) return
  const folder = await ownFolder(t)
  await makeCertificates(openssl, folder)
  const namespace = `postern-time-${process.pid}`
  const inside = ['netns', 'exec', namespace]
  await run(ip, ['netns', 'add', namespace])
  t.after(() => run(ip, ['netns', 'del', namespace]))
  await run(ip, ['-n', namespace, 'link', 'set', 'lo', 'up'])
  const [heard, dropped, web] = [20_123, 20_124, 20_443]
  const rules = `table inet postern {
  chain in {
    type filter hook input priority 0
    udp dport ${dropped} drop
  }
}
`
  await writeFile(join(folder, 'rules.nft'), rules)
  await run(ip, [...inside, nft, '-f', join(folder, 'rules.nft')])
  const conf = join(folder, 'web.conf')
  await writeFile(conf, nginxConf(folder, `server { listen 127.0.0.1:${web}; return 200 "here"; }`))
  const inNamespace = async (command: string, args: readonly string[]) =>
    started(t, ip, [...inside, command, ...args], async () => true)
  await inNamespace(nginx, ['-p', folder, '-e', 'stderr', '-c', conf])
  await inNamespace(chronyd, await chronydArgs(folder, 'heard', heard, ['local stratum 8']))
  await inNamespace(chronyd, await chronydArgs(folder, 'dropped', dropped, ['local stratum 8']))
  const rows: Row[] = [
    { id: 'heard', port: heard, service: 'ntp' },
    { id: 'dropped', port: dropped, service: 'ntp' },
    { id: 'web', port: web, service: 'tcp' },
  ]
  let result = await checkSite(folder, rows, [ip, ...inside])
  // The control packet of this scenario: what is not dropped must answer before silence means anything.
  const answer = () => ['heard', 'web'].every((id) => flowNamed(result, id).verdict === 'open')
  for (let attempt = 0; attempt < 40 && !answer(); attempt += 1) {
    await sleep(100)
    result = await checkSite(folder, rows, [ip, ...inside])
  }
  assert.ok(answer(), result.report.flows.map(({ flow, says }) => `${flow}: ${says}`).join('\n'))
  const { verdict, cause, confidence, owner, says, fix } = flowNamed(result, 'dropped')
  assert.deepEqual([verdict, cause, confidence, owner], ['blocked', 'udp-only-filtered', 'likely', 'firewall'], says)
  assert.match(fix ?? '', new RegExp(`allow udp .* -> 127\\.0\\.0\\.1:${dropped}`))
})

/** Below the folder of the test, where nginx would take those of the system. */
const tempPaths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${of};`).join(' ')

const nginxConf = (folder: string, servers: string): string => `daemon off; master_process off;
pid ${join(folder, 'nginx.pid')}; error_log stderr crit; events { worker_connections 64; }
http { access_log off; ${tempPaths} ${servers} }
`

/** An app with a WebSocket: it opens one with whoever asks for it, and tells others that it wants an upgrade. */
async function upstream(t: TestContext): Promise<number> {
  const server = createHttpServer((_, response) => {
    response.writeHead(426, { upgrade: 'websocket', connection: 'Upgrade', 'content-length': 0 }).end()
  })
  const open = new Set<Duplex>()
  server.on('upgrade', (request, socket) => {
    open.add(socket)
    socket.on('error', () => socket.destroy())
    const key = request.headers['sec-websocket-key'] ?? ''
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    socket.on('data', (frame: Buffer) => {
      const payload = Buffer.from(frame.subarray(6).map((octet, at) => octet ^ (frame[2 + (at % 4)] ?? 0)))
      const isClose = frame[0] === 0x88
      socket.write(Buffer.concat([Buffer.from([isClose ? 0x88 : 0x8a, payload.length]), payload]))
      if (isClose) socket.end()
    })
  })
  t.after(() => {
    for (const socket of open) socket.destroy()
    server.closeAllConnections()
  })
  return opened(t, server)
}

const socketOf = (checked: Checked, id: string): string => {
  const { verdict, cause = '', confidence } = flowNamed(checked, id)
  return `${verdict} ${cause} ${confidence}`.replace('  ', ' ')
}

test('a WebSocket through nginx: passed on, stripped, a page in its place, and hung', async (t) => {
  const [openssl, nginx] = [needs(t, 'openssl'), needs(t, 'nginx')]
  if (openssl === undefined || nginx === undefined) return
  const folder = await ownFolder(t)
  await makeCertificates(openssl, folder)
  const app = await upstream(t)
  const [good = 0, plain = 0, stripping = 0, page = 0] = await freePorts(4)
  const tls = 'ssl_certificate good.pem; ssl_certificate_key good.key;'
  const pass = `proxy_pass http://127.0.0.1:${app};`
  const upgrades =
    'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;'
  const conf = join(folder, 'nginx.conf')
  await writeFile(
    conf,
    nginxConf(
      folder,
      `server { listen 127.0.0.1:${good} ssl; ${tls} location / { ${pass} ${upgrades} } }
       server { listen 127.0.0.1:${plain}; location / { ${pass} ${upgrades} } }
       server { listen 127.0.0.1:${stripping} ssl; ${tls} location / { ${pass} } }
       server { listen 127.0.0.1:${page} ssl; ${tls} location / { default_type text/html; return 200 "<title>App</title>"; } }`,
    ),
  )
  const server = await started(t, nginx, ['-p', folder, '-e', 'stderr', '-c', conf], () => listens(good))
  const healthy: Row[] = [
    { id: 'good', port: good, service: 'wss' },
    { id: 'plain', port: plain, service: 'ws' },
  ]
  const well = await checkSite(folder, healthy)
  assert.deepEqual([well.code, well.report.findings], [0, []])
  for (const { id } of healthy) {
    assert.equal(socketOf(well, id), 'open certain', flowNamed(well, id).says)
    assert.match(flowNamed(well, id).says, /answers a ping/)
  }

  const bad = await checkSite(folder, [
    ...healthy,
    { id: 'stripping', port: stripping, service: 'wss' },
    { id: 'page', port: page, service: 'wss' },
  ])
  assert.match(
    socketOf(bad, 'stripping'),
    /^blocked upgrade-stripped (likely|possible)$/,
    flowNamed(bad, 'stripping').says,
  )
  assert.equal(flowNamed(bad, 'stripping').owner, 'proxy')
  assert.equal(socketOf(bad, 'page'), 'wrong http-page-on-api possible', flowNamed(bad, 'page').says)
  for (const { id } of healthy) assert.equal(flowNamed(bad, id).verdict, 'open', `${id} beside broken ones`)
  assert.equal(bad.code, 1)

  server.kill('SIGSTOP')
  const hung = await checkSite(folder, [{ id: 'plain', port: plain, service: 'ws' }])
  assert.equal(socketOf(hung, 'plain'), 'blocked silent-service possible', flowNamed(hung, 'plain').says)
  assert.ok(flowNamed(hung, 'plain').alternatives.includes('upgrade-stripped'))
  server.kill('SIGCONT')
  assert.equal((await checkSite(folder, healthy)).code, 0)
})

test('a WebSocket through squid: by CONNECT it passes, broken open it is stripped, and straight it opens', async (t) => {
  const [openssl, nginx, squid] = [needs(t, 'openssl'), needs(t, 'nginx'), needs(t, 'squid')]
  if (openssl === undefined || nginx === undefined || squid === undefined) return
  if (!existsSync(certgen)) return t.skip('squid has no generator of certificates')
  const folder = await ownFolder(t)
  await makeCertificates(openssl, folder)
  const app = await upstream(t)
  const [port = 0] = await freePorts(1)
  const conf = join(folder, 'nginx.conf')
  await writeFile(
    conf,
    nginxConf(
      folder,
      `server { listen 127.0.0.1:${port} ssl; ssl_certificate good.pem; ssl_certificate_key good.key;
         location / { proxy_pass http://127.0.0.1:${app}; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; } }`,
    ),
  )
  await started(t, nginx, ['-p', folder, '-e', 'stderr', '-c', conf], () => listens(port))
  const hosts = '127.0.0.1 app.corp.example\n'
  const passing = await squidWith(t, squid, { hosts, lines: 'http_access allow all' })
  const bumping = await squidThatBumps(t, squid, { folder, authority: 'corp-ca', hosts })
  const throughSquid = async (proxy: number): Promise<FlowReport> => {
    const site = join(folder, 'postern.yaml')
    await writeFile(
      site,
      `site: real
domain: corp.example
hosts:
  here: { roles: [domain-member], addresses: ["127.0.0.1"] }
  app: { roles: [scim-app], name: app.corp.example, addresses: [] }
trust: { certificates: [corp-ca.pem] }
names: { app.corp.example: 127.0.0.1 }
proxies: { egress: { url: "http://127.0.0.1:${proxy}", used-by: [here] } }
flows:
  - { id: live, from: here, to: app, ports: [${port}], transport: [tcp], service: wss, path: /live, direction: outbound-internet }
`,
    )
    return flowNamed(await check(['--site', site, '--from', 'here', '--flow', 'live']), 'live')
  }
  const well = await throughSquid(passing)
  assert.deepEqual([well.verdict, well.via], ['open', 'egress'], well.says)
  const stripped = await throughSquid(bumping)
  assert.deepEqual(
    [stripped.cause, stripped.confidence, stripped.owner],
    ['upgrade-stripped', 'likely', 'proxy'],
    stripped.says,
  )
  assert.match(stripped.says, /and the same opens at 127\.0\.0\.1 without a proxy/)
})

test('a WebSocket through haproxy: passed on, and stripped', async (t) => {
  const [openssl, haproxy] = [needs(t, 'openssl'), needs(t, 'haproxy')]
  if (openssl === undefined || haproxy === undefined) return
  const folder = await ownFolder(t)
  await makeCertificates(openssl, folder)
  const app = await upstream(t)
  const [good = 0, stripping = 0] = await freePorts(2)
  const conf = join(folder, 'haproxy.cfg')
  const part = (name: string, port: number, more = ''): string => `listen ${name}
  bind 127.0.0.1:${port}
  ${more}
  server app 127.0.0.1:${app}
`
  await writeFile(
    conf,
    `defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
${part('good', good)}${part('stripping', stripping, 'http-request del-header Upgrade')}`,
  )
  await started(t, haproxy, ['-db', '-f', conf], () => listens(good))
  const result = await checkSite(folder, [
    { id: 'good', port: good, service: 'ws' },
    { id: 'stripping', port: stripping, service: 'ws' },
  ])
  assert.equal(socketOf(result, 'good'), 'open certain', flowNamed(result, 'good').says)
  const target = await check([`ws://127.0.0.1:${good}/live`])
  assert.deepEqual([target.code, target.report.flows.map(({ verdict }) => verdict)], [0, ['open']])
  assert.match(
    socketOf(result, 'stripping'),
    /^blocked upgrade-stripped (likely|possible)$/,
    flowNamed(result, 'stripping').says,
  )
})
