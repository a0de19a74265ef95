import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { needs } from '../../../../test/needs.ts'
import { ownFolder, squidWith } from '../../../../test/realProxy.ts'
import { sampleDenials, sampleOptions, samplePermits } from '../../../../test/samplePermits.ts'
import { sampleProof } from '../../../../test/sampleProof.ts'
import { sampleWriting, writerCases } from '../../../../test/writerCases.ts'
import { rangesOfPrefix } from '../../rangesOfPrefix.ts'
import { read, write } from './index.ts'

writerCases({ vendor: 'squid', read, write })

const overTcp = samplePermits.filter(({ transport }) => transport === 'tcp')
const others = samplePermits.filter(({ transport }) => transport !== 'tcp').map(({ id }) => id)
const options = sampleOptions

test('squid is asked by name, each name alone, and UDP and ICMP are told as not said', () => {
  const { written, text } = sampleProof({ read, write }, others)
  assert.match(text, /^acl \S+_below dstdom_regex -n -i \\\.servicebus\\\.windows\\\.net\$$/m)
  assert.match(text, /^acl \S+_name dstdomain -n login\.microsoftonline\.com$/m)
  assert.match(text, /^# \(pta-crl\) certificate revocation lists$/m)
  assert.match(text, /^http_access allow !hq_tunnel hq_pta01_to_crl\S+_from /m)
  assert.match(text, /^http_access deny hq_deny_pta01\S+_from /m)
  assert.equal(written.duties.length, 1)
})

test('a squid that opens TLS leaves the names alone, and opens the others', () => {
  const [access, notOpened] = write(overTcp, [], options).files
  if (access === undefined || notOpened === undefined) assert.fail()
  const opening = {
    name: 'squid.conf',
    text: `http_port 3128 ssl-bump\n${access.text}${notOpened.text}ssl_bump bump all\n`,
  }
  const [ruleSet] = read([opening], { places: {} }).ruleSets
  const [stage] = ruleSet?.stages.filter(({ kind }) => kind === 'inspection') ?? []
  assert.ok(stage !== undefined)
  assert.match(notOpened.text, /^acl hq_not_opened ssl::server_name .*\.servicebus\.windows\.net/m)
  assert.doesNotMatch(notOpened.text, /crl\.microsoft\.com/)
})

test('ports that squid usually refuses stand in a file of their own, with what they are for', () => {
  const ports = write(overTcp, [], options).files.find(({ name }) => name === 'hq-ports.conf')
  assert.match(ports?.text ?? '', /^# 5671: AMQP over TLS/m)
  assert.match(ports?.text ?? '', /^acl SSL_ports port .*5671/m)
  assert.match(ports?.text ?? '', /^acl Safe_ports port 88 389$/m)
  const usual = overTcp.filter(({ ports: [first, ...more] }) => more.length === 0 && first?.first === 443)
  assert.ok(!write(usual, [], options).files.some(({ name }) => name === 'hq-ports.conf'))
})

for (const example of ['hq', 'everything']) {
  test(`squid takes what is written for ${example}`, async (t) => {
    const squid = needs(t, 'squid')
    if (squid === undefined) return
    const { asked, options: given } = await sampleWriting(example, 'squid')
    const { files } = write([...asked.permits, ...overTcp], [...asked.denials, ...sampleDenials], given)
    const folder = await ownFolder(t)
    const conf = join(folder, 'squid.conf')
    const text = files.map((file) => file.text).join('\n')
    await writeFile(conf, `http_port 127.0.0.1:3128\n${text}\nhttp_access deny all\n`)
    const { status, stderr } = spawnSync(squid, ['-k', 'parse', '-f', conf], { encoding: 'utf8', timeout: 60_000 })
    assert.equal(status, 0, stderr)
    assert.doesNotMatch(stderr, /WARNING|ERROR|FATAL/)
  })
}

/** Whether squid itself denies it. What it allows ends at a port of loopback where nobody listens. */
function isDenied(port: number, from: string, way: 'connect' | 'plain', host: string): Promise<boolean> {
  const target = way === 'connect' ? { method: 'CONNECT', path: host } : { path: `http://${host}/` }
  return new Promise((resolve, reject) => {
    const given = { host: '127.0.0.1', port, localAddress: from, headers: { host }, agent: false, ...target }
    const sent = request(given)
    const answered = ({ headers }: IncomingMessage): void => {
      resolve(String(headers['x-squid-error'] ?? '').startsWith('ERR_ACCESS_DENIED'))
      sent.destroy()
    }
    sent.once('response', answered).once('connect', answered).once('error', reject).end()
  })
}

test('squid itself lets through what was asked for, and nothing near it', async (t) => {
  const squid = needs(t, 'squid')
  if (squid === undefined) return
  const names = ['login.microsoftonline.com', 'x.login.microsoftonline.com', 'crl.microsoft.com', 'www.example.com']
  const bus = ['servicebus.windows.net', 'a.b.servicebus.windows.net', 'xservicebus.windows.net']
  const hosts = [...names, ...bus].map((name, at) => `127.9.0.${at + 1} ${name}`).join('\n')
  const own = rangesOfPrefix('127.1.0.10')
  const permits = overTcp.map((permit) => ({ ...permit, from: { ...permit.from, ranges: own } }))
  const [file] = write(permits, [], options).files
  const port = await squidWith(t, squid, { lines: file?.text ?? '', hosts })
  const rows: readonly (readonly ['connect' | 'plain', string, boolean])[] = [
    ['connect', 'login.microsoftonline.com:443', true],
    ['connect', 'login.microsoftonline.com:8443', false],
    ['connect', 'x.login.microsoftonline.com:443', false],
    ['connect', 'a.b.servicebus.windows.net:5671', true],
    ['connect', 'A.B.ServiceBus.Windows.Net:443', true],
    ['connect', 'servicebus.windows.net:443', false],
    ['connect', 'xservicebus.windows.net:443', false],
    ['connect', '127.9.0.1:443', false],
    ['plain', 'crl.microsoft.com', true],
    ['connect', 'crl.microsoft.com:80', false],
    ['plain', 'www.example.com', false],
  ]
  for (const [way, host, isAllowed] of rows) {
    assert.equal(!(await isDenied(port, '127.1.0.10', way, host)), isAllowed, `${way} ${host}`)
    assert.equal(await isDenied(port, '127.1.0.11', way, host), true, `${way} ${host} from another machine`)
  }
})
