import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { SecureVersion } from 'node:tls'
import { connect, createServer } from 'node:tls'
import { judge } from '../../src/firewall/judge.ts'
import { parseAskedFlow } from '../../src/firewall/parseAskedFlow.ts'
import { read } from '../../src/firewall/vendors/squid/index.ts'
import { nothingKnown } from '../firewallCases.ts'
import { needs } from '../needs.ts'
import { makeCertificates } from '../opensslCertificates.ts'
import { ownFolder, squidThatBumps } from '../realProxy.ts'

const acls = `acl step1 at_step SslBump1
acl step2 at_step SslBump2
acl step3 at_step SslBump3
acl app ssl::server_name app.corp.example
acl other ssl::server_name .partner.example`

/** What squid does with TLS of app.corp.example, by its lines of ssl_bump. */
const rows: readonly (readonly [says: string, lines: readonly string[]])[] = [
  ['all is bumped', ['bump all']],
  ['all is spliced', ['splice all']],
  ['all is terminated', ['terminate all']],
  ['a name is spliced after a peek, others are bumped', ['peek step1', 'splice app', 'bump all']],
  ['another name is spliced after a peek', ['peek step1', 'splice other', 'bump all']],
  ['a name is bumped after a peek', ['peek step1', 'bump app', 'splice all']],
  ['a name is terminated after a peek', ['peek step1', 'terminate app', 'splice all']],
  ['another name is terminated after a peek', ['peek step1', 'terminate other', 'splice all']],
  ['what is peeked at to the end is spliced', ['peek all']],
  ['what is stared at to the end is bumped', ['stare all']],
  ['after a peek at the first step no line fits', ['peek step1']],
  ['after a stare at the first step no line fits', ['stare step1']],
  ['a bump is not possible after two peeks', ['peek step1', 'peek step2', 'bump all']],
  ['a splice is not possible after two stares', ['stare step1', 'stare step2', 'splice all']],
  ['a splice after a stare at the second step alone', ['peek step1', 'stare step2', 'splice all']],
  ['a bump after a stare at the second step alone', ['peek step1', 'stare step2', 'bump all']],
  ['a bump after a stare, then a peek', ['stare step1', 'peek step2', 'bump all']],
  ['a splice after a stare, then a peek', ['stare step1', 'peek step2', 'splice all']],
  ['a splice at the second step after a stare', ['stare step1', 'splice step2', 'bump all']],
  ['a termination at the third step after two stares', ['stare step1', 'stare step2', 'terminate step3']],
  ['no line at all fits', ['bump other']],
  ['none is splice by its old name', ['none all']],
]

type Seen = 'opened' | 'left alone' | 'cut'

for (const [says, lines] of rows) {
  test(`squid opens TLS as its configuration says on paper: ${says}`, async (t) => {
    const bumps = bumpsOf(lines)
    const seen = await seenBy(t, bumps, 'TLSv1.3')
    if (seen !== undefined) assert.equal(seen.through, onPaper(bumps, seen.port), bumps)
  })
}

for (const [version, through] of [
  ['TLSv1.2', 'cut'],
  ['TLSv1.3', 'left alone'],
] as const) {
  test(`whether squid has a third step after two peeks depends on the version, and paper leaves it open: ${version}`, async (t) => {
    const bumps = bumpsOf(['peek step1', 'peek step2', 'terminate step3'])
    const seen = await seenBy(t, bumps, version)
    if (seen !== undefined) assert.deepEqual([seen.through, onPaper(bumps, seen.port)], [through, 'may'])
  })
}

function bumpsOf(lines: readonly string[]): string {
  return [acls, ...lines.map((line) => `ssl_bump ${line}`)].join('\n')
}

/** What becomes of a connection to a server of up to a version of TLS; undefined where there is no squid. */
async function seenBy(
  t: TestContext,
  bumps: string,
  maxVersion: SecureVersion,
): Promise<{ readonly through: Seen; readonly port: number } | undefined> {
  const [squid, openssl] = [needs(t, 'squid'), needs(t, 'openssl')]
  if (squid === undefined || openssl === undefined) return undefined
  const folder = await ownFolder(t)
  await makeCertificates(openssl, folder)
  const [key, cert] = await Promise.all(['good.key', 'good.pem'].map((name) => readFile(join(folder, name))))
  const server = createServer({ key, cert, maxVersion }, (socket) => socket.on('error', () => {}).end('served'))
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const hosts = '127.0.0.1 app.corp.example\n'
  const proxy = await squidThatBumps(t, squid, { folder, authority: 'foreign-ca', hosts, bumps })
  return { through: await seenThrough(proxy, port), port }
}

/** Whose certificate comes through a tunnel, if any does. */
async function seenThrough(proxy: number, port: number): Promise<Seen> {
  const path = `app.corp.example:${port}`
  const asked = request({ host: '127.0.0.1', port: proxy, method: 'CONNECT', path, agent: false }).end()
  try {
    const [, tunnel] = (await once(asked, 'connect')) as [unknown, Socket]
    const socket = connect({ socket: tunnel, servername: 'app.corp.example', rejectUnauthorized: false })
    try {
      await once(socket, 'secureConnect')
      return socket.getPeerCertificate().issuer.CN === 'foreign-ca' ? 'opened' : 'left alone'
    } finally {
      socket.destroy()
      tunnel.destroy()
    }
  } catch {
    // Before its answer to CONNECT, or after it.
    return 'cut'
  }
}

function onPaper(bumps: string, port: number): Seen | string {
  const text = `http_port 3128 ssl-bump cert=/etc/squid/ca.pem\nhttp_access allow all\n${bumps}\n`
  const [ruleSet] = read([{ name: 'squid.conf', text }], { places: {} }).ruleSets
  const flow = parseAskedFlow(`10.1.0.10 > 127.0.0.1:${port}`)
  if (ruleSet === undefined || 'error' in flow) assert.fail()
  const asked = { ...flow.ok, name: 'app.corp.example', request: 'connect' as const }
  const { verdict, parts } = judge(ruleSet, asked, 'forward', nothingKnown)
  if (verdict === 'deny') return 'cut'
  if (verdict !== 'allow') return verdict
  const inspected = new Set(parts.map((part) => part.inspected))
  return inspected.has('yes') ? 'opened' : inspected.has('may') ? 'may be opened' : 'left alone'
}
