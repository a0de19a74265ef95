import assert from 'node:assert/strict'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { createSecureContext, TLSSocket } from 'node:tls'
import { askProbe } from '../../test/askProbe.ts'
import { makeCertificate } from '../../test/pki.ts'
import { replies, rootEntry, startTlsAgreed } from '../../test/serviceReplies.ts'
import { tcpServer } from '../../test/tcpServer.ts'
import { createNet } from '../net/createNet.ts'

const leaf = await makeCertificate({ subject: 'CN=x', names: [{ type: 'dns', value: 'dc1.corp.example' }] })
const secureContext = createSecureContext({ key: leaf.keyPem, cert: leaf.pem })
const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test' })

/** A proxy that opens tunnels to loopback, and writes down where to. */
async function openProxy(t: TestContext) {
  const asked: string[] = []
  const server = await tcpServer(t, (socket) => {
    socket.once('data', (octets: Buffer) => {
      const [method, target = ''] = octets.toString('latin1').split(' ')
      asked.push(`${method} ${target}`)
      const onward = connect({ host: '127.0.0.1', port: Number(target.split(':')[1]) })
      onward.on('error', () => socket.destroy())
      onward.once('connect', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        socket.pipe(onward).pipe(socket)
      })
      socket.once('close', () => onward.destroy())
    })
  })
  return { asked, server }
}

test('smb goes through a proxy in a tunnel', async (t) => {
  const target = await tcpServer(t, (socket) =>
    socket.once('data', (octets: Buffer) => socket.write(replies.smb(octets))),
  )
  const { asked, server } = await openProxy(t)
  const { kept, inShort } = await askProbe(net, 'smb', {
    address: server.address,
    port: target.port,
    name: 'dc1.corp.example',
    via: { proxy: 'egress', port: server.port },
  })
  assert.deepEqual(asked, [`CONNECT dc1.corp.example:${target.port}`])
  assert.deepEqual(inShort, [
    'probe tcp-connect connected',
    'probe http-exchange response',
    'probe service-exchange answer',
  ])
  const seen = kept[2]
  assert.ok(seen?.kind === 'service-exchange')
  assert.deepEqual([seen.through, seen.port, seen.answer?.kind], ['egress', server.port, 'smb'])
  await server.idle()
})

test('ldap goes through a proxy in a tunnel, and so does TLS on the same connection', async (t) => {
  const target = await tcpServer(t, (socket) =>
    socket.once('data', (first: Buffer) => {
      socket.once('data', () => {
        socket.write(startTlsAgreed)
        new TLSSocket(socket, { isServer: true, secureContext }).on('error', () => {}).resume()
      })
      socket.write(rootEntry(first))
    }),
  )
  const { asked, server } = await openProxy(t)
  const { kept } = await askProbe(net, 'ldap', {
    address: server.address,
    port: target.port,
    name: 'dc1.corp.example',
    via: { proxy: 'egress', port: server.port },
  })
  assert.deepEqual(asked, [`CONNECT dc1.corp.example:${target.port}`])
  assert.deepEqual(
    kept
      .slice(2)
      .map((seen) => 'through' in seen && 'outcome' in seen && `${seen.kind} ${seen.outcome} ${seen.through}`),
    ['service-exchange answer egress', 'service-exchange answer egress', 'tls-handshake established egress'],
  )
  const shaken = kept.at(-1)
  assert.ok(shaken?.kind === 'tls-handshake')
  assert.deepEqual([shaken.port, shaken.serverName, shaken.nameMatches], [server.port, 'dc1.corp.example', true])
  await server.idle()
})
