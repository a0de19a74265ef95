import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { makeCertificate } from '../../test/pki.ts'
import { tcpServer, tlsServer } from '../../test/tcpServer.ts'
import { openLedger } from '../check/ledger.ts'
import type { Observation } from '../model/observation.ts'
import { createNet } from '../net/createNet.ts'
import type { Net } from '../net/net.ts'
import { observePosture, strangeName } from './posture.ts'

const root = await makeCertificate({ subject: 'CN=Root', ca: true })
const leaf = await makeCertificate({
  subject: 'CN=x',
  issuer: root,
  names: [{ type: 'dns', value: 'sts.contoso.com' }],
})
const identity = { key: leaf.keyPem, cert: leaf.pem }
const net = createNet({ trust: { site: [root.pem], machine: [], node: [] }, userAgent: 'postern/test' })

/** The handshakes of one posture: what was varied, what was offered, and what came of it. */
async function postureOf(
  t: TestContext,
  server: { readonly address: string; readonly port: number },
  over: Net = net,
  signal: AbortSignal = t.signal,
): Promise<string[]> {
  const kept: Observation[] = []
  const keep = openLedger().page(kept, 'probe')
  const question = { scheme: 'tls', transport: 'tcp', name: 'sts.contoso.com', ...server } as const
  await observePosture(question, over, keep, { signal, timeoutMs: 10_000 })
  assert.ok(kept.every(({ role }) => role === 'posture'))
  return kept
    .flatMap((seen) =>
      seen.kind === 'tls-handshake'
        ? [
            `${seen.serverName} ${seen.offered.hello ?? `${seen.offered.minVersion}-${seen.offered.maxVersion}`} ${seen.outcome}`,
          ]
        : [],
    )
    .toSorted()
}

test('a posture offers each version by itself, a long ClientHello and a name of nobody', async (t) => {
  const server = await tlsServer(t, {
    ...identity,
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.2',
    ciphers: 'ALL:@SECLEVEL=0',
  })
  assert.deepEqual(await postureOf(t, server), [
    `${strangeName} TLSv1.2-TLSv1.3 established`,
    'sts.contoso.com TLSv1-TLSv1 alert',
    'sts.contoso.com TLSv1.1-TLSv1.1 established',
    'sts.contoso.com TLSv1.2-TLSv1.2 established',
    'sts.contoso.com TLSv1.3-TLSv1.3 alert',
    'sts.contoso.com post-quantum established',
  ])
  await server.idle()
})

test('a long ClientHello that gets no answer is sent once more', async (t) => {
  const server = await tcpServer(t, (socket: Socket) => {
    socket.once('data', () => socket.resetAndDestroy())
  })
  const told = await postureOf(t, server)
  assert.equal(told.filter((one) => one.endsWith('post-quantum reset')).length, 2)
  assert.equal(told.length, 7)
})

test('a server that is gone in the meantime leaves connections that failed, and no more', async (t) => {
  assert.deepEqual(await postureOf(t, { address: '127.0.0.1', port: 1 }), [])
})

test('what a posture asks it asks one after the other: a limit on connections is no answer of the server', async (t) => {
  const server = await tlsServer(t, identity)
  let under = 0
  let most = 0
  const counting: Net = {
    ...net,
    handshake: async (...asked) => {
      under += 1
      most = Math.max(most, under)
      return net.handshake(...asked).finally(() => {
        under -= 1
      })
    },
  }
  assert.equal((await postureOf(t, server, counting)).length, 6)
  assert.equal(most, 1)
})

test('when its time is over a posture opens no more connections', async (t) => {
  const ended = new AbortController()
  const server = await tcpServer(t, (socket: Socket) => {
    socket.once('data', () => ended.abort())
  })
  assert.deepEqual(await postureOf(t, server, net, ended.signal), ['sts.contoso.com post-quantum aborted'])
})
