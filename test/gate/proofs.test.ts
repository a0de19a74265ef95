/** What the gate proves itself with to Entra ID, beside a client secret, in whole sign-ins. */
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as x509 from '@peculiar/x509'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { gateApp, people } from '../../src/lab/tenant/index.ts'
import { signedIn } from './openStreams.ts'
import type { TestGate } from './openTestGate.ts'
import { openTestGate } from './openTestGate.ts'

const instead = (proof: string) => (yaml: string) => yaml.replace('secret: file:client-secret', proof)

async function team(t: Parameters<typeof signedIn>[0], gate: TestGate): Promise<string> {
  const browser = await signedIn(t, gate, people.ordinary.id, '/team')
  return (await browser.open(`${gate.origin}/team`)).text
}

/** How the gate proved itself at the token endpoint, by the parameters that it sent. */
const proofsOf = ({ scene: { tenant } }: TestGate): readonly string[] =>
  tenant.requests
    .filter(({ path, status }) => path.endsWith('/token') && status === 200)
    .flatMap(({ parameters }) => Object.keys(parameters).filter((name) => /^client_(secret|assertion)$/.test(name)))

test('a gate with a certificate signs people in by private_key_jwt, and no secret is sent', async (t) => {
  const [made, another] = await Promise.all([makeRsa(), makeRsa()])
  const files = join(tmpdir(), `postern-proof-${process.pid}`)
  await Promise.all([writeFile(`${files}.pem`, made.pem), writeFile(`${files}.key`, made.keyPem, { mode: 0o600 })])
  t.after(() => Promise.all(['pem', 'key'].map((end) => rm(`${files}.${end}`, { force: true }))))
  const gate = await openTestGate(t, instead(`certificate: { certificate: ${files}.pem, key: ${files}.key }`))
  gate.scene.tenant.register(gateApp(gate.origin, { certificatePem: another.pem }))
  await signedIn(t, gate, people.ordinary.id, '/team')
  gate.scene.tenant.register(gateApp(gate.origin, { certificatePem: made.pem }))
  assert.match(await team(t, gate), /Olga Ordinary/)
  assert.deepEqual([...new Set(proofsOf(gate))], ['client_assertion'])
  const signIns = (await gate.recorded()).filter(({ activity }) => activity === 'sign-in')
  assert.deepEqual(
    signIns.map(({ reason }) => reason),
    ['misconfigured', 'signed-in'],
    'another certificate is refused',
  )
})

test('a gate with a federated credential signs people in with the token of its file, which is read anew each time', async (t) => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  const issuer = 'https://cluster.example'
  const subject = 'system:serviceaccount:gate:postern'
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }]
  const tokenOf = (sub: string): Promise<string> =>
    new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setIssuer(issuer)
      .setSubject(sub)
      .setAudience('api://AzureADTokenExchange')
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(privateKey)
  const file = join(tmpdir(), `postern-federated-${process.pid}`)
  await writeFile(file, await tokenOf('somebody-else'))
  t.after(() => rm(file, { force: true }))
  const gate = await openTestGate(t, instead(`federated: ${file}`))
  gate.scene.tenant.register(gateApp(gate.origin, { federated: { issuer, subject, keys } }))
  const before = await signedIn(t, gate, people.ordinary.id, '/team')
  assert.equal(before.cookiesFor('/').includes('session'), false, 'the token of another subject is refused')
  await writeFile(file, await tokenOf(subject))
  assert.match(await team(t, gate), /Olga Ordinary/)
  assert.deepEqual([...new Set(proofsOf(gate))], ['client_assertion'])
  const signIns = (await gate.recorded()).filter(({ activity }) => activity === 'sign-in')
  assert.deepEqual(
    signIns.map(({ reason }) => reason),
    ['misconfigured', 'signed-in'],
  )
})

const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const

/** A certificate that signs itself, with a key of RSA, as app registrations take them. */
async function makeRsa(): Promise<{ readonly pem: string; readonly keyPem: string }> {
  x509.cryptoProvider.set(webcrypto)
  const size = { modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) }
  const keys = await webcrypto.subtle.generateKey({ ...rsa, ...size }, true, ['sign', 'verify'])
  const made = await x509.X509CertificateGenerator.createSelfSigned({ name: 'CN=gate', keys, signingAlgorithm: rsa })
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { pem: `${made.toString('pem')}\n`, keyPem: x509.PemConverter.encode(key, 'PRIVATE KEY') }
}
