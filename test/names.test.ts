import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import dnsPacket from 'dns-packet'
import { check } from '../src/check/check.ts'
import type { ResolverAddress } from '../src/check/resolveNames.ts'
import { createNet } from '../src/net/createNet.ts'
import { flowOf } from './observed.ts'

const net = createNet({ trust: { site: [], machine: [] }, userAgent: 'postern/test' })

type Script = Readonly<Partial<Record<'A' | 'AAAA', { rcode?: number; address?: string; afterMs?: number }>>>

/** A name server over UDP that answers by its script, whatever name it is asked for. */
async function nameServer(
  t: { after(end: () => void): void },
  script: Script,
  losesFirst = false,
): Promise<ResolverAddress> {
  const socket = createSocket('udp4')
  const lost = new Set<string>()
  socket.on('message', (octets, { port, address }) => {
    const asked = dnsPacket.decode(octets)
    const [question] = asked.questions ?? []
    if (losesFirst && !lost.has(question?.type ?? '')) {
      lost.add(question?.type ?? '')
      return
    }
    const said = script[question?.type as 'A' | 'AAAA'] ?? {}
    const answers =
      question === undefined || said.address === undefined
        ? []
        : [{ name: question.name, type: question.type as 'A', ttl: 60, data: said.address }]
    const answer = dnsPacket.encode({
      type: 'response',
      id: asked.id ?? 0,
      flags: said.rcode ?? 0,
      questions: asked.questions ?? [],
      answers,
      authorities: [],
      additionals: [],
    })
    void sleep(said.afterMs ?? 0).then(() => socket.send(answer, port, address))
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  return { address: '127.0.0.1', port: socket.address().port }
}

async function verdictOf(
  t: { readonly signal: AbortSignal },
  resolvers: { internal: readonly ResolverAddress[]; control: readonly ResolverAddress[] },
) {
  const flow = flowOf({ target: { name: 'app.corp.example', address: undefined, port: 1, service: 'tcp' } as never })
  const { address: _address, ...target } = flow.target
  const report = await check(
    {
      postern: '0.0.0',
      site: 'test',
      from: flow.from,
      flows: [{ ...flow, target: { ...target, name: 'app.corp.example', port: 1, service: 'tcp' } }],
      elsewhere: 0,
      context: { cloud: 'worldwide', trusted: [], names: {} },
      resolvers,
      families: ['ipv4', 'ipv6'],
      catalogAsOf: '2025-04-09',
      imitates: 'test',
    },
    net,
    { signal: t.signal, timeoutMs: 1000 },
  )
  const [first] = report.flows
  assert.ok(first)
  return first
}

for (const late of ['A', 'AAAA'] as const) {
  test(`a resolver that denies what another one has is named, also when its ${late} answer comes last`, async (t) => {
    const denies = await nameServer(t, { A: { rcode: 3 }, AAAA: { rcode: 3 }, [late]: { rcode: 3, afterMs: 80 } })
    const has = await nameServer(t, { A: { address: '127.0.0.1' } })
    const { cause } = await verdictOf(t, { internal: [denies], control: [has] })
    assert.equal(cause, 'resolver-filters')
  })
}

for (const rcode of [2, 5]) {
  test(`a resolver that answers with rcode ${rcode} is passed over for the next one`, async (t) => {
    const fails = await nameServer(t, { A: { rcode }, AAAA: { rcode } })
    const has = await nameServer(t, { A: { address: '127.0.0.1' } })
    const { target } = await verdictOf(t, { internal: [fails, has], control: [] })
    assert.equal(target.address, '127.0.0.1')
  })
}

test('one lost datagram is asked for again within the wait, and the name is dialled', async (t) => {
  const has = await nameServer(t, { A: { address: '127.0.0.1' } }, true)
  const { target, cause } = await verdictOf(t, { internal: [has], control: [] })
  assert.deepEqual([target.address, cause], ['127.0.0.1', 'refused'])
})
