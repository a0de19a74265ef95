import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { createServer } from 'node:tls'
import { makeChain } from '../../test/pki.ts'
import { wantsCertificate } from './wantsCertificate.ts'

for (const [what, requestCert, word] of [
  ['a server that asks for a certificate', true, 'asked'],
  ['a server that asks for none', false, 'not asked'],
] as const) {
  test(`${what}: ${word}`, async (t) => {
    const { leaf } = await makeChain()
    const server = createServer({ cert: leaf.pem, key: leaf.keyPem, requestCert, rejectUnauthorized: false })
    server.on('secureConnection', (socket) => socket.on('error', () => {}))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const bound = server.address()
    assert.ok(bound !== null && typeof bound === 'object')
    const place = { address: bound.address, port: bound.port }
    assert.equal(await wantsCertificate({ signal: t.signal }, place, 'localhost'), word)
  })
}
