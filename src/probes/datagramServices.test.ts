/** The probes that ask by datagram, against servers that answer well or misbehave in one way each. */
import assert from 'node:assert/strict'
import type { RemoteInfo } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { askProbe } from '../../test/askProbe.ts'
import { netlogonAnswer, numberOf, principalUnknown, searchEnd, ticketUnreadable } from '../../test/serviceReplies.ts'
import type { Observation } from '../model/observation.ts'
import { createNet } from '../net/createNet.ts'

const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test' })
const ask = askProbe.bind(undefined, net)
const name = 'dc1.corp.example'

/**
 * A server over UDP that answers each datagram with these, and what it was asked.
 *
 * @param whom who is answered: who sent the datagram, or who sent the first one
 */
async function udpServer(
  t: TestContext,
  answers: (request: Buffer, count: number) => readonly Buffer[],
  whom: 'sender' | 'first' = 'sender',
) {
  const asked: Buffer[] = []
  let first: RemoteInfo | undefined
  const socket = createSocket('udp4', (request, from) => {
    asked.push(request)
    first ??= from
    const { port, address } = whom === 'first' ? first : from
    for (const answer of answers(request, asked.length)) socket.send(answer, port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  return { asked, question: { address: '127.0.0.1', port: socket.address().port, transport: 'udp', name } as const }
}

const datagrams = {
  kerberos: {
    reply: () => principalUnknown,
    of: 'CORP.EXAMPLE',
    answer: { kind: 'kerberos-error', code: 6, realm: 'CORP.EXAMPLE' },
  },
  kpasswd: {
    reply: () => ticketUnreadable,
    of: 'CORP.EXAMPLE',
    answer: { kind: 'kerberos-error', code: 2, realm: 'CORP.EXAMPLE', resultCode: 2 },
  },
  cldap: {
    reply: netlogonAnswer,
    of: 'corp.example',
    answer: { kind: 'netlogon', state: 'up', domain: 'corp.example', host: 'dc1.corp.example', netbiosDomain: 'CORP' },
  },
} as const

for (const [scheme, { reply, of, answer }] of Object.entries(datagrams) as [
  keyof typeof datagrams,
  (typeof datagrams)[keyof typeof datagrams],
][]) {
  describe(`${scheme} over UDP`, { concurrency: true }, () => {
    const last = (kept: readonly Observation[]) => {
      const seen = kept.at(-1)
      assert.ok(seen?.kind === 'udp-exchange')
      return seen
    }

    test('a sound server is told with what it says, and asked once', async (t) => {
      const { question, asked } = await udpServer(t, (request) => [reply(request)])
      const { kept, inShort } = await ask(scheme, question)
      const seen = last(kept)
      assert.deepEqual(inShort, ['probe udp-exchange answer'])
      assert.deepEqual({ ...seen.answer, ...answer }, seen.answer)
      assert.deepEqual([seen.of, seen.bytesOut, seen.detail], [of, asked[0]?.length, undefined])
    })

    test('a datagram that is lost is asked again, in other words', async (t) => {
      const { question, asked } = await udpServer(t, (request, count) => (count === 1 ? [] : [reply(request)]))
      const { kept, inShort } = await ask(scheme, question, 500)
      assert.deepEqual(inShort, ['probe udp-exchange timeout', 'repeat udp-exchange answer'])
      assert.equal(last(kept).answer?.kind, answer.kind)
      assert.ok(asked.length === 2 && asked[0]?.equals(asked[1] ?? Buffer.alloc(0)) === false)
    })

    test('the first datagram is still waited for when the second has been sent', async (t) => {
      const first = (): Buffer => asked[0] ?? Buffer.alloc(0)
      const { question, asked } = await udpServer(t, (_, count) => (count === 2 ? [reply(first())] : []), 'first')
      const { kept, inShort } = await ask(scheme, question, 2000)
      assert.deepEqual(inShort, ['probe udp-exchange answer'])
      assert.equal(last(kept).answer?.kind, answer.kind)
    })

    test('silence is asked twice, and no more', async (t) => {
      const { question, asked } = await udpServer(t, () => [])
      const { inShort } = await ask(scheme, question, 50)
      assert.deepEqual(inShort, ['probe udp-exchange timeout', 'repeat udp-exchange timeout'])
      assert.equal(asked.length, 2)
    })

    test('garbage is told for what it is, once nothing better came', async (t) => {
      const { question, asked } = await udpServer(t, () => [
        Buffer.from('hello'),
        Buffer.alloc(0),
        Buffer.alloc(60, 0xff),
      ])
      const { kept, inShort } = await ask(scheme, question, 100)
      assert.deepEqual(inShort, ['probe udp-exchange answer'])
      assert.equal(last(kept).answer, undefined)
      assert.ok((last(kept).detail ?? '').length > 0)
      assert.equal(asked.length, 2, 'what is no answer may hide that one is lost')
    })

    test('an answer behind garbage is taken', async (t) => {
      const { question } = await udpServer(t, (request) => [
        Buffer.from('hello'),
        reply(request).subarray(0, 20),
        reply(request),
      ])
      const { kept } = await ask(scheme, question)
      assert.equal(last(kept).answer?.kind, answer.kind)
    })

    test('what is asked comes back, and is no answer', async (t) => {
      const { question } = await udpServer(t, (request) => [request])
      const { kept, inShort } = await ask(scheme, question, 100)
      assert.deepEqual([inShort, last(kept).answer], [['probe udp-exchange answer'], undefined])
    })

    test('a port that is closed is asked once', async () => {
      const gone = createSocket('udp4').bind(0, '127.0.0.1')
      await once(gone, 'listening')
      const { port } = gone.address()
      gone.close()
      await once(gone, 'close')
      const { inShort } = await ask(scheme, { address: '127.0.0.1', port, transport: 'udp', name })
      assert.deepEqual(inShort, ['probe udp-exchange refused'])
    })
  })
}

test('cldap does not take an answer that carries the number of another question', async (t) => {
  const { question } = await udpServer(t, (request) => [searchEnd((numberOf(request) % 1_000_000) + 1)])
  const { kept } = await ask('cldap', question, 100)
  const [seen] = kept
  assert.ok(seen?.kind === 'udp-exchange' && seen.answer === undefined)
  assert.equal(seen.detail, 'it carries the number of another question')
})

test('cldap says of an empty answer that the domain is not known there', async (t) => {
  const { question } = await udpServer(t, (request) => [searchEnd(numberOf(request))])
  const { kept } = await ask('cldap', { ...question, domain: 'other.example' })
  const [seen] = kept
  assert.ok(seen?.kind === 'udp-exchange')
  assert.deepEqual([seen.of, seen.answer], ['other.example', { kind: 'no-netlogon', asked: 'other.example' }])
})

test('kerberos tells a controller of another realm by its own word', async (t) => {
  const { question } = await udpServer(t, () => [principalUnknown])
  const { kept } = await ask('kerberos', { ...question, domain: 'other.example' })
  const [seen] = kept
  assert.ok(seen?.kind === 'udp-exchange' && seen.answer?.kind === 'kerberos-error')
  assert.deepEqual([seen.of, seen.answer.realm], ['OTHER.EXAMPLE', 'CORP.EXAMPLE'])
})
