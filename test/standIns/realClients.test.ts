/** The stand-ins as clients of other makes meet them: what these take for an answer is one. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { needs } from '../needs.ts'
import { makeChain } from '../pki.ts'
import { openServiceBus } from './serviceBus.ts'
import { openServiceBusSocket } from './serviceBusSocket.ts'
import { openSqlServer } from './sqlServer.ts'
import type { StandIn } from './standIn.ts'
import { openWinrm } from './winrm.ts'

const chain = await makeChain()
const certificate = { cert: chain.leaf.pem + chain.intermediate.pem, key: chain.leaf.keyPem }
const place = { address: '127.0.0.1', port: 0 }

async function portOf(t: TestContext, opening: Promise<StandIn>): Promise<number> {
  const standIn = await opening
  t.after(() => standIn.close())
  return standIn.port
}

async function folderWith(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-clients-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

/** What a program wrote to both its outputs, octet by octet as a character; its input stays open until it has ended. */
async function run(
  t: TestContext,
  command: string,
  args: readonly string[],
  { input = Buffer.alloc(0), env = {}, until }: { input?: Buffer; env?: NodeJS.ProcessEnv; until?: RegExp } = {},
): Promise<string> {
  const child = spawn(command, args, { env: { PATH: process.env['PATH'], ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  let told = ''
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (part: Buffer) => {
      told += part.toString('latin1')
      if (until?.test(told)) child.stdin.end()
    })
  }
  child.stdin.on('error', () => {})
  child.stdin.write(input)
  if (until === undefined) child.stdin.end()
  await once(child, 'close')
  return told
}

const identify = [
  ...['-H', 'WSMANIDENTIFY: unauthenticated', '-H', 'Content-Type: application/soap+xml;charset=UTF-8'],
  '-d',
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><s:Body><i:Identify/></s:Body></s:Envelope>',
]
const silently = ['--silent', '--show-error', '--include', '--noproxy', '*', '--max-time', '20']

test('curl is told who WinRM is, and is asked for a sign-in otherwise', async (t) => {
  const curl = needs(t, 'curl')
  if (curl === undefined) return
  const port = await portOf(t, openWinrm(place))
  const url = `http://127.0.0.1:${port}/wsman`
  assert.match(await run(t, curl, [...silently, ...identify, url]), /^HTTP\/1\.1 200 .*IdentifyResponse/s)
  assert.match(
    await run(t, curl, [...silently, '-d', 'x', url]),
    /^HTTP\/1\.1 401 .*\r\nWWW-Authenticate: Negotiate\r\n/s,
  )
})

test('curl is told the same over TLS by one whose certificate it holds to its name', async (t) => {
  const curl = needs(t, 'curl')
  if (curl === undefined) return
  const port = await portOf(t, openWinrm(place, { certificate }))
  const ca = ['--cacert', join(await folderWith(t, { 'ca.pem': chain.root.pem }), 'ca.pem')]
  const heard = await run(t, curl, [
    ...silently,
    ...identify,
    ...ca,
    ...['--resolve', `localhost:${port}:127.0.0.1`],
    `https://localhost:${port}/wsman`,
  ])
  assert.match(heard, /^HTTP\/1\.1 200 .*IdentifyResponse/s)
})

test('openssl gets the header of SASL and the mechanisms from Service Bus', async (t) => {
  const openssl = needs(t, 'openssl')
  if (openssl === undefined) return
  const port = await portOf(t, openServiceBus(place, { certificate }))
  const ca = join(await folderWith(t, { 'ca.pem': chain.root.pem }), 'ca.pem')
  const checked = ['-verify_return_error', '-verify_hostname', 'localhost', '-CAfile', ca]
  const heard = await run(
    t,
    openssl,
    ['s_client', '-quiet', '-no_ign_eof', ...checked, '-connect', `127.0.0.1:${port}`],
    {
      input: Buffer.from('AMQP\x03\x01\x00\x00', 'latin1'),
      until: /EXTERNAL/,
    },
  )
  assert.ok(heard.includes('AMQP\x03\x01\0\0\0\0\0\x3f\x02\x01\0\0'))
  assert.match(heard, /MSSBCBS.*PLAIN.*ANONYMOUS.*EXTERNAL/s)
})

test('openssl opens a WebSocket to Service Bus', async (t) => {
  const openssl = needs(t, 'openssl')
  if (openssl === undefined) return
  const port = await portOf(t, openServiceBusSocket(place, { certificate }))
  const fields = [
    'Host: standin.servicebus.windows.net',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: amqp',
  ]
  const heard = await run(t, openssl, ['s_client', '-quiet', '-no_ign_eof', '-connect', `127.0.0.1:${port}`], {
    input: Buffer.from(['GET /$servicebus/websocket HTTP/1.1', ...fields, '\r\n'].join('\r\n')),
    until: /\r\n\r\n/,
  })
  assert.match(heard, /HTTP\/1\.1 101 .*\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/s)
})

test('FreeTDS goes through the pre-login, and its login is refused by name', async (t) => {
  const tsql = needs(t, 'tsql')
  if (tsql === undefined) return
  const port = await portOf(t, openSqlServer(place))
  const lines = ['[standin]', 'host = 127.0.0.1', `port = ${port}`, 'tds version = 7.4', 'encryption = off', '']
  const folder = await folderWith(t, { 'freetds.conf': lines.join('\n') })
  const heard = await run(t, tsql, ['-S', 'standin', '-U', 'nobody', '-P', 'none'], {
    env: { FREETDSCONF: join(folder, 'freetds.conf') },
  })
  assert.match(heard, /Msg 18456 .* from STANDIN .*"Login failed\."/s)
})
