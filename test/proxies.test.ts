/**
 * `postern check` as a process through proxies that are not ours: squid with authentication, rules, a dead resolver and
 * TLS bumping, and haproxy, before servers with certificates of openssl. The names exist for the proxy alone.
 */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Server } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { createSecureContext } from 'node:tls'
import type { CommandRun } from './checkCommand.ts'
import { flowNamed, reportOf, runCheckCommand } from './checkCommand.ts'
import { needs } from './needs.ts'
import { opened } from './opened.ts'
import { makeCertificates } from './opensslCertificates.ts'
import { freePort, ownFolder, squidThatBumps, squidWith, started } from './realProxy.ts'

const app = 'app.corp.example'
const portal = 'portal.partner.example'
const hosts = `127.0.0.1 ${app} ${portal} login.microsoftonline.com\n`
const allowAll = 'http_access allow all'
const password = 'hunter2-and-co'

/** What stands beyond the proxy: both names on one port, one of them on a second, and plain HTTP. */
interface Beyond {
  readonly folder: string
  readonly squid: string
  readonly openssl: string
  readonly tls: number
  readonly otherTls: number
  readonly web: number
  readonly closed: number
  /** A resolver of this machine's that gives no answer, and counts what it is asked. */
  readonly resolver: number
  readonly asked: Buffer[]
}

async function beyond(t: TestContext): Promise<Beyond | undefined> {
  const [squid, openssl] = [needs(t, 'squid'), needs(t, 'openssl')]
  if (squid === undefined || openssl === undefined) return undefined
  const folder = await ownFolder(t)
  await makeCertificates(openssl, folder)
  const pem = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')
  const contextOf = async (name: string) =>
    createSecureContext({ cert: await pem(`${name}.pem`), key: await pem(`${name}.key`) })
  const contexts = new Map([
    [app, await contextOf('good')],
    [portal, await contextOf('wrong-name')],
  ])
  const page = '<title>App</title>hello'
  const overTls = (): Server =>
    createHttpsServer(
      { SNICallback: (name, done) => done(null, contexts.get(name) ?? contexts.get(app)) },
      (_, answer) => {
        answer.setHeader('content-type', 'text/html').end(page)
      },
    )
  const resolver = createSocket('udp4')
  const asked: Buffer[] = []
  resolver.on('message', (packet) => asked.push(packet))
  resolver.bind(0, '127.0.0.1')
  await once(resolver, 'listening')
  t.after(() => resolver.close())
  return {
    folder,
    squid,
    openssl,
    tls: await opened(t, overTls()),
    otherTls: await opened(t, overTls()),
    web: await opened(
      t,
      createHttpServer((_, answer) => void answer.setHeader('content-type', 'text/html').end(page)),
    ),
    closed: await freePort(),
    resolver: resolver.address().port,
    asked,
  }
}

interface Row {
  readonly id: string
  readonly to: 'app' | 'portal' | 'login' | 'missing'
  readonly port: number
  readonly service?: 'http'
}

interface Wanted {
  readonly proxy: number
  readonly credentials?: string
  readonly usedBy?: string
  readonly extra?: string
}

function siteOf(
  { resolver }: Beyond,
  rows: readonly Row[],
  { proxy, credentials, usedBy = 'here', extra = '' }: Wanted,
): string {
  const secret = credentials === undefined ? '' : `, credentials: "${credentials}"`
  return `site: proxied
hosts:
  here: { roles: [domain-member], addresses: ["127.0.0.1"] }
  other: { roles: [domain-member], addresses: ["127.0.0.9"] }
  app: { roles: [scim-app], name: ${app} }
  portal: { roles: [scim-app], name: ${portal} }
  login: { roles: [scim-app], name: login.microsoftonline.com }
  missing: { roles: [scim-app], name: nowhere.partner.example }
resolvers: { internal: ["127.0.0.1:${resolver}"] }
trust: { certificates: [corp-ca.pem] }
proxies:
  egress: { url: "http://127.0.0.1:${proxy}", used-by: [${usedBy}]${secret} }
${extra}flows:
${rows.map(({ id, to, port, service = 'https' }) => `  - { id: ${id}, from: here, to: ${to}, ports: [${port}], transport: [tcp], service: ${service}, direction: outbound-internet }`).join('\n')}
`
}

const only = (rows: readonly Row[]): readonly string[] => ['--json', '--flow', rows.map(({ id }) => id).join(',')]

async function checked(
  ground: Beyond,
  rows: readonly Row[],
  wanted: Wanted,
  env: NodeJS.ProcessEnv = {},
): Promise<CommandRun> {
  return runCheckCommand(ground.folder, siteOf(ground, rows, wanted), { env, args: only(rows) })
}

/** What a run says of one flow: `blocked proxy-auth certain: …`. */
function told(result: CommandRun, id: string): string {
  const { verdict, cause = '-', confidence, says } = flowNamed(reportOf(result), id)
  return `${verdict} ${cause} ${confidence}: ${says}`
}

test('squid that passes everything: open for certain, findings none, and the names are resolved by the proxy', async (t) => {
  const ground = await beyond(t)
  if (ground === undefined) return
  const proxy = await squidWith(t, ground.squid, { lines: allowAll, hosts })
  const rows: Row[] = [
    { id: 'app', to: 'app', port: ground.tls },
    { id: 'portal', to: 'portal', port: ground.tls },
    { id: 'web', to: 'app', port: ground.web, service: 'http' },
  ]
  const result = await checked(ground, rows, { proxy })
  const report = reportOf(result)
  assert.equal(result.code, 0, result.stdout)
  assert.deepEqual(report.findings, [])
  for (const { id } of rows)
    assert.match(told(result, id), /^open - certain: .* through the proxy egress answers HTTP 200/)
  const seen = report.flows.flatMap(({ evidence }) => evidence)
  assert.deepEqual(
    seen.filter(({ kind }) => kind === 'name-lookup'),
    [],
  )
  assert.equal(ground.asked.length, 0, 'this machine asked its resolver for a name that is the proxy’s to find')
  // Nothing but the proxy was dialled.
  assert.deepEqual([...new Set(seen.flatMap((one) => (one.kind === 'tcp-connect' ? [one.port] : [])))], [proxy])
  assert.match(report.imitates, /through the proxy egress of the site file, as the account \S/)
})

test('squid that wants Basic: without credentials, with wrong and with right ones, which are nowhere to be read', async (t) => {
  const ground = await beyond(t)
  if (ground === undefined) return
  const helper = join(ground.folder, 'helper')
  await writeFile(
    helper,
    `#!/bin/sh\nwhile read -r line; do if [ "$line" = "svc ${password}" ]; then echo OK; else echo ERR; fi; done\n`,
    { mode: 0o755 },
  )
  const lines = `auth_param basic program ${helper}
auth_param basic realm Corp
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all`
  const proxy = await squidWith(t, ground.squid, { lines, hosts })
  const rows: Row[] = [
    { id: 'app', to: 'app', port: ground.tls },
    { id: 'web', to: 'app', port: ground.web, service: 'http' },
  ]
  const none = await checked(ground, rows, { proxy })
  for (const { id } of rows) {
    assert.match(
      told(none, id),
      /^blocked proxy-auth certain: the proxy egress .*\(407: Basic\); no credentials were sent$/,
    )
  }
  const credentials = 'env:PROXY_AUTH'
  const wrong = await checked(ground, rows, { proxy, credentials }, { PROXY_AUTH: 'svc:wrong-hunter2' })
  for (const { id } of rows) {
    assert.match(
      told(wrong, id),
      /^blocked proxy-auth certain: .*, and does not accept the credentials that were sent$/,
    )
  }
  const right = await checked(ground, rows, { proxy, credentials }, { PROXY_AUTH: `svc:${password}` })
  assert.equal(right.code, 0, right.stdout)
  await writeFile(join(ground.folder, 'auth'), `svc:${password}\r\n`)
  const fromFile = await checked(ground, rows, { proxy, credentials: 'file:auth' })
  assert.equal(fromFile.code, 0, fromFile.stdout)
  const site = siteOf(ground, rows, { proxy, credentials })
  const texts = await Promise.all(
    ['text', 'html', 'sarif'].map((format) =>
      runCheckCommand(ground.folder, site, {
        env: { PROXY_AUTH: 'svc:wrong-hunter2' },
        args: ['--format', format, '--flow', 'app,web'],
      }),
    ),
  )
  const [text] = texts
  assert.match(text?.stdout ?? '', /does not accept the credentials/)
  const forms = [
    password,
    'wrong-hunter2',
    ...[`svc:${password}`, 'svc:wrong-hunter2'].map((one) => btoa(one).slice(0, 16)),
  ]
  for (const { stdout, stderr, commandLines } of [none, wrong, right, fromFile, ...texts]) {
    for (const form of forms) {
      assert.ok(!stdout.includes(form), 'the secret is in the report')
      assert.ok(!stderr.includes(form), 'the secret is on stderr')
      assert.ok(!commandLines.includes(form), 'the secret is in a command line')
    }
  }
  const missing = await checked(ground, rows, { proxy, credentials })
  assert.equal(missing.code, 2)
  assert.match(missing.stderr, /postern\.yaml:12:\d+: PROXY_AUTH is not set, set it: export PROXY_AUTH=USER:PASSWORD/)
})

test('squid that wants Negotiate: what is offered, and that Postern speaks Basic only', async (t) => {
  const ground = await beyond(t)
  if (ground === undefined) return
  const lines = `auth_param negotiate program /bin/cat
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all`
  const proxy = await squidWith(t, ground.squid, { lines, hosts })
  const rows: Row[] = [{ id: 'app', to: 'app', port: ground.tls }]
  const result = await checked(
    ground,
    rows,
    { proxy, credentials: 'env:PROXY_AUTH' },
    { PROXY_AUTH: `svc:${password}` },
  )
  assert.match(told(result, 'app'), /^blocked proxy-auth certain: .*\(407: Negotiate\); Postern speaks Basic only$/)
})

test('squid that denies: a name and a port are told apart, for tunnels and for plain HTTP', async (t) => {
  const ground = await beyond(t)
  if (ground === undefined) return
  const { tls, otherTls, web } = ground
  const rows: Row[] = [
    { id: 'denied', to: 'app', port: tls },
    { id: 'passes', to: 'portal', port: tls },
    { id: 'other-port', to: 'portal', port: otherTls },
    { id: 'plain', to: 'app', port: web, service: 'http' },
    { id: 'plain-passes', to: 'portal', port: web, service: 'http' },
  ]
  const lines = `acl ports port ${tls} ${web}
acl denied dstdomain ${app}
http_access deny denied
http_access deny !ports
${allowAll}`
  const proxy = await squidWith(t, ground.squid, { lines, hosts })
  const result = await checked(ground, rows, { proxy })
  assert.match(told(result, 'passes'), /^open - certain/)
  assert.match(told(result, 'plain-passes'), /^open - certain/)
  assert.match(
    told(result, 'denied'),
    new RegExp(
      `^blocked proxy-name-denied certain: the proxy egress denies ${app}:${tls} \\(403, ERR_ACCESS_DENIED\\), and passes ${portal}:${tls}$`,
    ),
  )
  assert.match(
    told(result, 'other-port'),
    new RegExp(`^blocked proxy-port-denied certain: .* denies ${portal}:${otherTls} .*, and passes ${portal}:${tls}$`),
  )
  assert.match(
    told(result, 'plain'),
    new RegExp(`^blocked proxy-name-denied \\w+: the proxy egress denies ${app}:${web} `),
  )
  assert.equal(flowNamed(reportOf(result), 'denied').owner, 'proxy')
})

test('squid whose resolver is dead, and squid that does not reach the server: the proxy itself says which', async (t) => {
  const ground = await beyond(t)
  if (ground === undefined) return
  const lines = `dns_nameservers 127.77.77.77
dns_timeout 1 second
dns_retransmit_interval 300 milliseconds
connect_timeout 1 second
${allowAll}`
  const proxy = await squidWith(t, ground.squid, { lines, hosts })
  const rows: Row[] = [
    { id: 'passes', to: 'app', port: ground.tls },
    { id: 'unresolved', to: 'missing', port: ground.tls },
    { id: 'unreached', to: 'portal', port: ground.closed },
    { id: 'plain-unresolved', to: 'missing', port: ground.web, service: 'http' },
    { id: 'plain-unreached', to: 'portal', port: ground.closed, service: 'http' },
  ]
  const result = await runCheckCommand(ground.folder, siteOf(ground, rows, { proxy }), {
    args: only(rows),
    timeoutMs: 6000,
  })
  assert.match(told(result, 'passes'), /^open - certain/)
  // Squid 5 has no word for DNS, whether its resolver is silent or denies the name.
  assert.match(told(result, 'unresolved'), /^blocked proxy-dns likely: .*\(500, ERR_CANNOT_FORWARD\).*; .* passes$/)
  assert.match(told(result, 'plain-unresolved'), /^blocked proxy-dns \w+: .*\(50\d, ERR_\w+\)/)
  assert.match(told(result, 'unreached'), /^blocked proxy-unreachable-target likely: .*ERR_CONNECT_FAIL/)
  assert.match(told(result, 'plain-unreached'), /^blocked proxy-unreachable-target \w+: .*ERR_CONNECT_FAIL/)
})

test('a proxy that is down, and a way out that is open for the proxy alone', async (t) => {
  const ground = await beyond(t)
  if (ground === undefined) return
  const rows: Row[] = [{ id: 'app', to: 'app', port: ground.tls }]
  const down = await checked(ground, rows, { proxy: ground.closed })
  assert.match(
    told(down, 'app'),
    /^blocked proxy-dead certain: the proxy egress is not there: 127\.0\.0\.1:\d+ answers ECONNREFUSED/,
  )

  const proxy = await squidWith(t, ground.squid, { lines: allowAll, hosts })
  const extra = `names: { "${app}:${ground.tls}": "127.0.0.1:${ground.closed}" }\n`
  const kept = await checked(ground, rows, { proxy, usedBy: 'other', extra })
  assert.match(
    told(kept, 'app'),
    /^blocked proxy-required certain: .* is reached through the proxy egress, and not straight from here$/,
  )
})

test('squid that breaks TLS open: untrusted, and trusted by this machine', async (t) => {
  const ground = await beyond(t)
  if (ground === undefined) return
  const { folder } = ground
  const proxy = await squidThatBumps(t, ground.squid, { folder, authority: 'foreign-ca', hosts })
  const rows: Row[] = [
    { id: 'login', to: 'login', port: ground.tls },
    { id: 'portal', to: 'portal', port: ground.tls },
  ]
  const untrusted = await checked(ground, rows, { proxy })
  assert.match(told(untrusted, 'login'), /^wrong interception-untrusted \w+: /)
  const trusted = await checked(ground, rows, { proxy }, { NODE_EXTRA_CA_CERTS: join(folder, 'foreign-ca.pem') })
  assert.match(told(trusted, 'login'), /^wrong interception-trusted \w+: /)
})

test('haproxy: as a proxy that takes a header out it accuses nobody, and where CONNECT is wanted it is none', async (t) => {
  const ground = await beyond(t)
  const haproxy = needs(t, 'haproxy')
  if (ground === undefined || haproxy === undefined) return
  const [plain, passing] = [await freePort(), await freePort()]
  const config = join(ground.folder, 'haproxy.cfg')
  await writeFile(
    config,
    `defaults
  timeout connect 5s
  timeout client 5s
  timeout server 5s
listen strips
  mode http
  bind 127.0.0.1:${plain}
  http-request del-header User-Agent
  http-response del-header content-type
  server app 127.0.0.1:${ground.web}
listen passes
  mode tcp
  bind 127.0.0.1:${passing}
  server app 127.0.0.1:${ground.tls}
`,
  )
  await started(t, haproxy, ['-db', '-f', config], plain)
  const direct: Row[] = [{ id: 'web', to: 'app', port: 80, service: 'http' }]
  const extra = `names: { ${app}: "127.0.0.1:${plain}" }\n`
  const stripped = await checked(ground, direct, { proxy: ground.closed, usedBy: 'other', extra })
  assert.match(told(stripped, 'web'), /^open - certain/)
  assert.deepEqual(reportOf(stripped).findings, [])

  const rows: Row[] = [{ id: 'app', to: 'app', port: ground.tls }]
  const none = await checked(ground, rows, { proxy: passing })
  assert.match(
    told(none, 'app'),
    /^blocked proxy-dead (?:likely|possible): what listens where the proxy egress should be (?:answers|ends)/,
  )
})
