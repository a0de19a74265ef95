import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { createSecureContext, TLSSocket } from 'node:tls'
import { askProbe } from '../../test/askProbe.ts'
import { makeCertificate } from '../../test/pki.ts'
import { rootEntry, startTlsAgreed, startTlsUnknown } from '../../test/serviceReplies.ts'
import { tcpServer } from '../../test/tcpServer.ts'
import { createNet } from '../net/createNet.ts'

const root = await makeCertificate({ subject: 'CN=Root', ca: true })
const names = [{ type: 'dns', value: 'dc1.corp.example' }] as const
const leaf = await makeCertificate({ subject: 'CN=x', issuer: root, names })
const secureContext = createSecureContext({ key: leaf.keyPem, cert: leaf.pem })
const net = createNet({ trust: { site: [root.pem], machine: [], node: [] }, userAgent: 'postern/test' })
const ask = askProbe.bind(undefined, net)

/** A directory that answers for its root entry, and then does this when it is asked for TLS. */
const directory =
  (then: (socket: Socket, request: Buffer) => void) =>
  (socket: Socket): void =>
    void socket.once('data', (first: Buffer) => {
      socket.once('data', (request: Buffer) => then(socket, request))
      socket.write(rootEntry(first))
    })

const shake = (socket: Socket): void => {
  new TLSSocket(socket, { isServer: true, secureContext }).on('error', () => {}).resume()
}

const begun = ['probe tcp-connect connected', 'probe service-exchange answer']

test('a directory that agrees to TLS is shaken hands with on the same connection', async (t) => {
  const asked: string[] = []
  const server = await tcpServer(
    t,
    directory((socket, request) => {
      asked.push(request.toString('latin1'))
      socket.write(startTlsAgreed)
      shake(socket)
    }),
  )
  const { kept, inShort } = await ask('ldap', { ...server, name: 'dc1.corp.example' })
  assert.deepEqual(inShort, [...begun, 'posture tls service-exchange answer', 'posture tls tls-handshake established'])
  assert.match(asked[0] ?? '', /1\.3\.6\.1\.4\.1\.1466\.20037$/)
  const [, , agreed, shaken] = kept
  assert.ok(agreed?.kind === 'service-exchange' && shaken?.kind === 'tls-handshake')
  assert.deepEqual([agreed.asked, agreed.answer], ['ldap-start-tls', { kind: 'ldap-result', code: 0, name: 'success' }])
  assert.equal(agreed.detail, undefined)
  assert.deepEqual(
    [shaken.serverName, shaken.nameMatches, shaken.anchoredIn, shaken.port],
    ['dc1.corp.example', true, ['site'], server.port],
  )
  await server.idle()
})

for (const { does, octets, words } of [
  {
    does: 'with an answer of its own behind it',
    octets: Buffer.from('300c02010365070a010004000400', 'hex'),
    words:
      '14 octets follow the answer in the clear, before any TLS: 0\\x0C\\x02\\x01\\x03e\\x07\\x0A\\x01\\x00\\x04\\x00\\x04\\x00',
  },
  {
    does: 'with what looks like TLS behind it',
    octets: Buffer.from([0x16]),
    words: '1 octet follows the answer in the clear, before any TLS: \\x16',
  },
]) {
  test(`a directory that agrees to TLS ${does} is not shaken hands with`, async (t) => {
    let isAskedFurther = false
    const server = await tcpServer(
      t,
      directory((socket) => {
        socket.once('data', () => (isAskedFurther = true))
        socket.write(Buffer.concat([startTlsAgreed, octets]))
      }),
    )
    const { kept, inShort } = await ask('ldap', { ...server, name: 'dc1.corp.example' })
    assert.deepEqual(inShort, [...begun, 'posture tls service-exchange answer'])
    const seen = kept.at(-1)
    assert.ok(seen?.kind === 'service-exchange')
    assert.equal(seen.detail, words)
    await server.idle()
    assert.equal(isAskedFurther, false)
  })
}

for (const { does, run, outcomes, result } of [
  {
    does: 'does not know StartTLS',
    run: (socket: Socket) => void socket.write(startTlsUnknown),
    outcomes: ['posture tls service-exchange answer'],
    result: { kind: 'ldap-result', code: 2, name: 'protocolError', text: 'unsupported extended operation' },
  },
  {
    does: 'has no certificate for it',
    run: (socket: Socket) => void socket.write(Buffer.from('300c02010278070a013404000400', 'hex')),
    outcomes: ['posture tls service-exchange answer'],
    result: { kind: 'ldap-result', code: 52, name: 'unavailable' },
  },
  {
    does: 'closes in place of an answer',
    run: (socket: Socket) => void socket.end(),
    outcomes: ['posture tls service-exchange closed'],
  },
  {
    does: 'agrees and goes on in the clear',
    run: (socket: Socket) => {
      socket.write(startTlsAgreed)
      socket.once('data', () => socket.end('300c', 'hex'))
    },
    outcomes: ['posture tls service-exchange answer', 'posture tls tls-handshake not-tls'],
    result: { kind: 'ldap-result', code: 0, name: 'success' },
  },
  {
    does: 'agrees and resets',
    run: (socket: Socket) => {
      socket.write(startTlsAgreed)
      socket.once('data', () => socket.resetAndDestroy())
    },
    outcomes: ['posture tls service-exchange answer', 'posture tls tls-handshake reset'],
    result: { kind: 'ldap-result', code: 0, name: 'success' },
  },
]) {
  test(`a directory that ${does} is none the worse in the clear`, async (t) => {
    const server = await tcpServer(t, directory(run))
    const { kept, inShort } = await ask('gc', { ...server, name: 'dc1.corp.example' })
    assert.deepEqual(inShort, [...begun, ...outcomes])
    const seen = kept[2]
    assert.ok(seen?.kind === 'service-exchange')
    assert.deepEqual([seen.answer, seen.detail], [result, undefined])
    await server.idle()
  })
}

test('who does not answer for the root entry is not asked for TLS', async (t) => {
  const asked: Buffer[] = []
  const server = await tcpServer(t, (socket) => {
    socket.on('data', (request: Buffer) => {
      asked.push(request)
      // The end of a search without an entry: result 53.
      socket.write(Buffer.from('300c02010165070a013504000400', 'hex'))
    })
  })
  const { kept, inShort } = await ask('ldap', { ...server, name: 'dc1.corp.example' })
  assert.deepEqual(inShort, begun)
  assert.ok(kept[1]?.kind === 'service-exchange')
  assert.deepEqual(kept[1].answer, { kind: 'ldap-result', code: 53, name: 'unwillingToPerform' })
  await server.idle()
  assert.equal(asked.length, 1)
})
