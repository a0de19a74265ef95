import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'
import { test } from 'node:test'
import { type ConnectionOptions, getCiphers } from 'node:tls'
import { certificateFor, contextsOf, handshakeOf, openListener } from '../../test/gateListener.ts'
import type { MadeCertificate } from '../../test/pki.ts'
import { makeCertificate } from '../../test/pki.ts'
import { schannelSuites } from '../catalog/schannelSuites.ts'
import { scimServerRequirements } from '../catalog/tls.ts'

/** A suite by the name that OpenSSL has for it. */
const opensslName = (suite: string): string =>
  suite.replace(/^TLS_/, '').replace('_WITH_AES_', '-AES').replace(/_CBC_/, '-').replaceAll('_', '-')

/** A client of TLS 1.2 that offers these suites alone, and the curves of Schannel. */
const offering = (suites: readonly string[]): ConnectionOptions => ({
  maxVersion: 'TLSv1.2',
  ciphers: suites.map(opensslName).join(':'),
  ecdhCurve: 'X25519:P-256:P-384',
})

const kinds = ['ECDSA', 'RSA'] as const

const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: 'SHA-256',
} as const

/** A certificate for a key of RSA, which a root of another kind has signed: it is the key that decides about suites. */
async function certificateOfRsa(): Promise<MadeCertificate> {
  const root = await makeCertificate({ subject: 'CN=Root', ca: true })
  const { privateKey, publicKey } = await webcrypto.subtle.generateKey(rsa, true, ['sign', 'verify'])
  return await makeCertificate({
    subject: 'CN=gate.example',
    names: [{ type: 'dns', value: 'gate.example' }],
    servesTls: true,
    issuer: root,
    keysOf: { ...root, issuing: { name: 'CN=gate.example', key: privateKey, publicKey } },
  })
}

/** A listener with a certificate of such a key. */
async function listening(t: Parameters<typeof openListener>[0], kind: (typeof kinds)[number]): Promise<number> {
  const made = await (kind === 'RSA' ? certificateOfRsa() : certificateFor('gate.example'))
  return (await openListener(t, { contexts: await contextsOf([], made) })).port
}

test('every suite of the catalog is one that the clients of these tests can offer', () => {
  const known = new Set(getCiphers().map((name) => name.toUpperCase()))
  const all = [...scimServerRequirements.cipherSuites, ...schannelSuites.flatMap(({ suites }) => suites)]
  assert.deepEqual(
    all.filter((suite) => !known.has(opensslName(suite))),
    [],
  )
})

for (const kind of kinds) {
  test(`the provisioning service comes in at a certificate of ${kind}, by what Microsoft lists for it`, async (t) => {
    const port = await listening(t, kind)
    assert.equal(await handshakeOf(port, offering(scimServerRequirements.cipherSuites)), 'done')
  })
}

/** Docs/decisions/0023: the one who does not get in, and why that is left so. */
const leftOut = new Set(['Windows Server 2012 R2 RSA'])

for (const { windows, suites } of schannelSuites) {
  for (const kind of kinds) {
    const comesIn = !leftOut.has(`${windows} ${kind}`)
    test(`.NET on ${windows} ${comesIn ? 'comes' : 'does not come'} in at a certificate of ${kind}`, async (t) => {
      const port = await listening(t, kind)
      const end = await handshakeOf(port, offering(suites))
      if (comesIn) assert.equal(end, 'done')
      else assert.match(end, /HANDSHAKE/)
    })
  }
}
