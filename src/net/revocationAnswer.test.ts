import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { before, test } from 'node:test'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { needs } from '../../test/needs.ts'
import type { MadeCertificate } from '../../test/pki.ts'
import { makeCertificate, makeRevocationList } from '../../test/pki.ts'
import { ocspRequest } from '../wire/ocsp.ts'
import type { Issued } from './revocationAnswer.ts'
import { certificateId, openList, readList, readOcsp } from './revocationAnswer.ts'

const run = promisify(execFile)
const now = Date.now()
const hourMs = 3_600_000
let ca: MadeCertificate
let otherCa: MadeCertificate
let leaf: MadeCertificate
let issued: Issued
let serial: string

before(async () => {
  ca = await makeCertificate({ subject: 'O=Test,CN=Test Issuing CA', ca: true })
  otherCa = await makeCertificate({ subject: 'O=Test,CN=Another CA', ca: true })
  leaf = await makeCertificate({ subject: 'CN=localhost', issuer: ca })
  issued = { certificate: new X509Certificate(leaf.pem), issuer: new X509Certificate(ca.pem) }
  serial = issued.certificate.serialNumber.toLowerCase()
})

test('a genuine list without the certificate says good, with its dates', async () => {
  const read = readList(
    openList(await makeRevocationList(ca, { revoked: [{ serial: '01', at: new Date(now) }] })),
    issued,
    now,
  )
  assert.equal(read.outcome, 'good')
  assert.ok(Date.parse(read.thisUpdate ?? '') < now && Date.parse(read.nextUpdate ?? '') > now)
})

test('a list with the certificate says revoked, since when and why, also when the list is old', async () => {
  const revoked = [{ serial, at: new Date('2026-05-06T07:08:09Z'), reason: 1 }]
  for (const nextUpdate of [new Date(now + hourMs), new Date(now - 1000)]) {
    const read = readList(openList(await makeRevocationList(ca, { revoked, nextUpdate })), issued, now)
    assert.deepEqual(
      [read.outcome, read.revokedAt, read.reason],
      ['revoked', '2026-05-06T07:08:09.000Z', 'keyCompromise'],
    )
  }
})

test('a list that does not count says why', async () => {
  const outcome = async (der: Promise<Uint8Array>) => readList(openList(await der), issued, now).outcome
  assert.equal(await outcome(makeRevocationList(ca, { nextUpdate: new Date(now - 1000) })), 'stale')
  assert.equal(await outcome(makeRevocationList(ca, { thisUpdate: new Date(now + hourMs) })), 'not-yet-valid')
  assert.equal(await outcome(makeRevocationList(ca, { thisUpdate: new Date(now + 300_000) })), 'good')
  assert.equal(await outcome(makeRevocationList(ca, { forged: true })), 'bad-signature')
  assert.equal(
    await outcome(makeRevocationList(ca, { forged: true, revoked: [{ serial, at: new Date(now) }] })),
    'bad-signature',
  )
  assert.equal(await outcome(makeRevocationList(otherCa)), 'other-certificate')
  assert.equal(await outcome(Promise.resolve(Buffer.from('<html>Access denied</html>'))), 'not-an-answer')
})

/** One answer of OpenSSL's responder, made offline: state by its index, signed by whom the test says. */
async function answerOf(
  t: TestContext,
  openssl: string,
  line: string,
  signer: MadeCertificate,
  request: Uint8Array,
  more: readonly string[] = [],
): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-ocsp-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const at = (name: string): string => join(folder, name)
  await writeFile(at('index'), line)
  await writeFile(at('ca.pem'), ca.pem)
  await writeFile(at('signer.pem'), signer.pem)
  await writeFile(at('signer.key'), signer.keyPem)
  await writeFile(at('request'), request)
  const files = ['-index', at('index'), '-CA', at('ca.pem'), '-rsigner', at('signer.pem'), '-rkey', at('signer.key')]
  await run(openssl, ['ocsp', ...files, '-reqin', at('request'), '-respout', at('answer'), ...more])
  return readFile(at('answer'))
}

const day = (offset: number): string =>
  `${new Date(now + offset * 24 * hourMs).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`
const good = () => `V\t${day(1)}\t\t${serial.toUpperCase()}\tunknown\t/CN=localhost\n`
const gone = () => `R\t${day(1)}\t${day(-1)},keyCompromise\t${serial.toUpperCase()}\tunknown\t/CN=localhost\n`

test("OpenSSL's responder understands the question, and its answers are read", async (t) => {
  const openssl = needs(t, 'openssl')
  if (openssl === undefined) return
  const id = certificateId(issued)
  assert.ok(id)
  const request = ocspRequest(id)
  const made = (line: string, signer: MadeCertificate, more?: readonly string[]) =>
    answerOf(t, openssl, line, signer, request, more)
  const delegate = await makeCertificate({ subject: 'CN=Responder', issuer: ca, signsOcsp: true })
  const pretender = await makeCertificate({ subject: 'CN=Responder', issuer: ca })
  const stranger = await makeCertificate({ subject: 'CN=Responder', issuer: otherCa, signsOcsp: true })
  const lapsed = await makeCertificate({
    subject: 'CN=Responder',
    issuer: ca,
    signsOcsp: true,
    notBefore: new Date(now - 48 * hourMs),
    notAfter: new Date(now - 24 * hourMs),
  })
  const read = async (answer: Promise<Uint8Array>) => readOcsp(await answer, issued, now)

  assert.equal((await read(made(good(), ca, ['-nmin', '60']))).outcome, 'good')
  assert.equal((await read(made(good(), delegate))).outcome, 'good')
  const revoked = await read(made(gone(), delegate))
  assert.deepEqual([revoked.outcome, revoked.reason], ['revoked', 'keyCompromise'])
  assert.equal((await read(made('', ca))).outcome, 'unknown-certificate')
  for (const signer of [pretender, stranger, lapsed]) {
    assert.equal((await read(made(good(), signer))).outcome, 'bad-signature')
  }
  const old = readOcsp(await made(good(), ca, ['-nmin', '1']), issued, now + 2 * hourMs)
  assert.equal(old.outcome, 'stale')
  const elsewhere = { certificate: new X509Certificate(pretender.pem), issuer: issued.issuer }
  assert.equal(readOcsp(await made(good(), ca), elsewhere, now).outcome, 'other-certificate')
})

test("a responder's refusal is told in its own word (RFC 6960 §4.2.1)", () => {
  assert.deepEqual(readOcsp(Uint8Array.of(0x30, 0x03, 0x0a, 0x01, 0x03), issued, now), {
    outcome: 'responder-refused',
    detail: 'tryLater',
  })
})

test('any octets are read without a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
      assert.equal(readList(openList(octets), issued, now).outcome, 'not-an-answer')
      assert.ok(['not-an-answer', 'responder-refused'].includes(readOcsp(octets, issued, now).outcome))
    }),
  )
})
