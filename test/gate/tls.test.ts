import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { needs } from '../needs.ts'
import type { TestGate } from './openTestGate.ts'
import { openTestGate } from './openTestGate.ts'

/** Seconds after which a scanner is taken to hang. */
const mostSeconds = 300

/** What a scanner wrote to its output; scanners count findings in their exit status. */
function scanned(t: TestContext, program: string, words: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const bounds = { cwd, signal: t.signal, timeout: mostSeconds * 1000, maxBuffer: 2 ** 24 }
    execFile(program, words, bounds, (error, stdout) => {
      if (error !== null && (error.killed || typeof error.code !== 'number')) reject(error)
      else resolve(stdout)
    })
  })
}

interface Finding {
  readonly id: string
  readonly severity: string
  readonly finding: string
}

function findingsIn(text: string): readonly Finding[] {
  const read: unknown = JSON.parse(text)
  assert.ok(Array.isArray(read))
  return read
}

/** What is not `OK` or plain information, and why it stays. */
const accepted: Readonly<Record<string, { readonly severity: string; readonly why: string }>> = {
  OCSP_stapling: {
    severity: 'LOW',
    why: 'The CRL and the responder that a certificate names are there for who asks. Browsers use lists of their own, public CAs give up OCSP, and a gate that cannot reach a responder should have nothing less to show.',
  },
  HTTP_status_code: {
    severity: 'WARN',
    why: 'testssl asks for the host without its port, which is another origin than the one that is served: 421.',
  },
  sessionresumption_ticket: {
    severity: 'WARN',
    why: 'Now and then: the openssl of the scanner leaves at the end of its input, before the tickets of TLS 1.3 have come, and then has nothing to resume by.',
  },
  engine_problem: { severity: 'WARN', why: 'Of the openssl on the machine of the test: it has no GOST.' },
}

const fine: ReadonlySet<string> = new Set(['OK', 'INFO', 'DEBUG'])

/** What has to be said, so that a scan that did not get through is not taken for a clean one. */
const said: Readonly<Record<string, RegExp>> = {
  SSLv2: /not offered/,
  SSLv3: /not offered/,
  TLS1: /not offered/,
  TLS1_1: /not offered/,
  TLS1_2: /offered/,
  TLS1_3: /offered/,
  ALPN_HTTP2: /h2/,
  cipherlist_NULL: /not offered/,
  cipherlist_aNULL: /not offered/,
  cipherlist_EXPORT: /not offered/,
  cipherlist_LOW: /not offered/,
  cipherlist_3DES_IDEA: /not offered/,
  cipherlist_AVERAGE: /not offered/,
  cipherlist_STRONG: /^offered/,
  cert_trust: /Ok/,
  cert_chain_of_trust: /passed/,
  cert_signatureAlgorithm: /ECDSA with SHA256/,
  cert_keySize: /EC 256/,
  cert_validityPeriod: /No finding/,
  cert_crlDistributionPoints: /^http:\/\/127\.0\.0\.1:/,
  cert_ocspURL: /^http:\/\/127\.0\.0\.1:/,
  certs_list_ordering_problem: /no/,
  HSTS_time: /365 days/,
  'X-Frame-Options': /DENY|SAMEORIGIN/,
  'X-Content-Type-Options': /nosniff/,
  'Content-Security-Policy': /default-src 'none'/,
  banner_server: /No Server banner/,
  heartbleed: /not vulnerable/,
  CCS: /not vulnerable/,
  ticketbleed: /not vulnerable|no session ticket/,
  ROBOT: /not vulnerable/,
  secure_renego: /supported/,
  secure_client_renego: /not vulnerable/,
  CRIME_TLS: /not vulnerable/,
  BREACH: /not vulnerable/,
  POODLE_SSL: /not vulnerable/,
  fallback_SCSV: /no protocol below TLS 1\.2|No fallback possible/i,
  SWEET32: /not vulnerable/,
  FREAK: /not vulnerable/,
  LOGJAM: /not vulnerable/,
  BEAST: /not vulnerable/,
  LUCKY13: /not vulnerable/,
  RC4: /not vulnerable/,
}

/** Nothing outside is asked: neither names, nor lists, nor responders. */
const quiet = ['--ip', '127.0.0.1', '--nodns', 'none', '--warnings', 'batch', '--color', '0', '--quiet']

async function testssl(t: TestContext, program: string, gate: TestGate): Promise<readonly Finding[]> {
  const { folder } = gate.scene
  const [root, findings] = [join(folder, 'scanned-root.pem'), join(folder, 'findings.json')]
  await writeFile(root, gate.caPem)
  const checks = ['--protocols', '--standard', '--server-defaults', '--headers', '--vulnerable']
  const words = [...quiet, '--add-ca', root, '--jsonfile', findings, ...checks, `localhost:${gate.port}`]
  await scanned(t, program, words, folder)
  return findingsIn(await readFile(findings, 'utf8'))
}

test('testssl finds nothing above LOW, and no LOW without a reason', async (t) => {
  const program = needs(t, 'testssl')
  if (program === undefined) return
  const findings = await testssl(t, program, await openTestGate(t))
  const others = findings.filter(({ id, severity }) => !fine.has(severity) && accepted[id]?.severity !== severity)
  assert.deepEqual(others, [])
  for (const [id, words] of Object.entries(said)) {
    const found = findings.filter((one) => one.id === id || one.id === `${id} <hostCert#1>`)
    assert.equal(found.length, 1, `${id} was found ${found.length} times`)
    assert.match(found[0]?.finding ?? '', words, id)
  }
})

test('sslscan finds TLS 1.2 and 1.3 with forward secrecy and nothing else', async (t) => {
  const program = needs(t, 'sslscan')
  if (program === undefined) return
  const gate = await openTestGate(t)
  const words = ['--no-colour', '--xml=-', '--sni-name=localhost', `127.0.0.1:${gate.port}`]
  const told = await scanned(t, program, words, gate.scene.folder)
  const elements = (name: string, ...attributes: readonly string[]): readonly string[] =>
    [...told.matchAll(new RegExp(`<${name} [^>]*`, 'g'))].map(([text]) =>
      attributes.map((one) => new RegExp(` ${one}="([^"]*)"`).exec(text)?.[1]).join(' '),
    )
  assert.deepEqual(elements('protocol', 'type', 'version', 'enabled'), [
    'ssl 2 0',
    'ssl 3 0',
    'tls 1.0 0',
    'tls 1.1 0',
    'tls 1.2 1',
    'tls 1.3 1',
  ])
  assert.deepEqual(elements('cipher', 'sslversion', 'cipher'), [
    'TLSv1.3 TLS_AES_128_GCM_SHA256',
    'TLSv1.3 TLS_AES_256_GCM_SHA384',
    'TLSv1.3 TLS_CHACHA20_POLY1305_SHA256',
    'TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256',
    'TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384',
  ])
  assert.deepEqual(elements('renegotiation', 'supported'), ['0'])
  assert.deepEqual([...new Set(elements('heartbleed', 'vulnerable'))], ['0'])
  const groups = elements('group', 'name')
  assert.deepEqual(
    groups.filter((name) => !/^(x25519|secp256r1|secp384r1)\b/.test(name)),
    [],
  )
})
