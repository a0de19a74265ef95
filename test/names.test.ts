import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import dnsPacket from 'dns-packet'
import { check } from '../src/check/check.ts'
import type { Family, ResolverAddress } from '../src/check/resolveNames.ts'
import { createNet } from '../src/net/createNet.ts'
import { checkInput } from './checkInput.ts'
import { cloudFlow, flowOf } from './observed.ts'

const net = createNet({ trust: { site: [], machine: [] }, userAgent: 'postern/test' })

type Script = Readonly<Partial<Record<'A' | 'AAAA', { rcode?: number; address?: string; afterMs?: number }>>>

/** A name server over UDP that answers by its script, whatever name it is asked for. */
async function nameServer(
  t: { after(end: () => void): void },
  script: Script,
  losesFirst = false,
): Promise<ResolverAddress & { readonly asked: string[] }> {
  const socket = createSocket('udp4')
  const lost = new Set<string>()
  const names: string[] = []
  socket.on('message', (octets, { port, address }) => {
    const asked = dnsPacket.decode(octets)
    const [question] = asked.questions ?? []
    names.push(`${question?.name.toLowerCase()} ${question?.type}`)
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
  return { address: '127.0.0.1', port: socket.address().port, asked: names }
}

/** A resolver that takes questions and answers none. */
async function deadServer(t: { after(end: () => void): void }): Promise<ResolverAddress> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  return { address: '127.0.0.1', port: socket.address().port }
}

/** A name of somebody else's, on the way out. */
const outward = cloudFlow({ target: { name: 'app.contoso.example', port: 1, service: 'tcp' } })
/** A name of the domain. */
const inward = flowOf({
  to: 'app01.corp.example',
  toRole: 'any',
  target: { name: 'app01.corp.example', port: 1, service: 'tcp' },
})
/** A host of the site under a name of another zone. */
const hosted = flowOf({
  to: 'app01',
  toRole: 'published-app',
  target: { name: 'app.contoso.example', port: 1, service: 'tcp' },
})

async function verdictOf(
  t: { readonly signal: AbortSignal },
  resolvers: { internal: readonly ResolverAddress[]; control: readonly ResolverAddress[] },
  flow = outward,
  families: readonly Family[] = ['ipv4', 'ipv6'],
) {
  const { address: _address, ...target } = flow.target
  const report = await check(
    checkInput([{ ...flow, target }], {
      from: flow.from,
      context: { cloud: 'worldwide', domain: 'corp.example', trusted: [], names: {} },
      resolvers,
      families,
    }),
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

for (const { what, flow } of [
  { what: 'a name of the domain', flow: inward },
  { what: 'a host of the site', flow: hosted },
]) {
  test(`no resolver outside is asked for ${what}, and none confirms that it is missing`, async (t) => {
    const denies = await nameServer(t, { A: { rcode: 3 }, AAAA: { rcode: 3 } })
    const outside = await nameServer(t, { A: { rcode: 3 }, AAAA: { rcode: 3 } })
    const { cause, confidence } = await verdictOf(t, { internal: [denies], control: [outside] }, flow)
    assert.deepEqual([cause, confidence], ['name-missing', 'possible'])
    assert.deepEqual(outside.asked, [])
  })
}

test('the other resolvers of the site are asked for its own name, and together they make it missing, likely', async (t) => {
  const [one, two] = [await nameServer(t, { A: { rcode: 3 } }), await nameServer(t, { A: { rcode: 3 } })]
  const { cause, confidence } = await verdictOf(t, { internal: [one, two], control: [] }, inward, ['ipv4'])
  assert.deepEqual([cause, confidence], ['name-missing', 'likely'])
})

test('beside a dead resolver one outside is asked for the root, and never for a name of the domain', async (t) => {
  const outside = await nameServer(t, {})
  const dead = await deadServer(t)
  const { cause } = await verdictOf(t, { internal: [dead], control: [outside] }, inward, ['ipv4'])
  assert.equal(cause, 'resolver-unreachable')
  assert.deepEqual(new Set(outside.asked), new Set(['. NS']))
})

test('a dead first resolver beside one that denies the name leaves the name missing, and is spoken of', async (t) => {
  const denies = await nameServer(t, { A: { rcode: 3 }, AAAA: { rcode: 3 } })
  const { cause, says } = await verdictOf(t, { internal: [await deadServer(t), denies], control: [] })
  assert.equal(cause, 'name-missing')
  assert.match(says, /did not answer within 1\.0 s/)
})

test('SERVFAIL beside a resolver outside that has the name accuses nobody', async (t) => {
  const fails = await nameServer(t, { A: { rcode: 2 }, AAAA: { rcode: 2 } })
  const has = await nameServer(t, { A: { address: '127.0.0.1' } })
  const { verdict, cause, says } = await verdictOf(t, { internal: [fails], control: [has] })
  assert.deepEqual([verdict, cause], ['unknown', 'undetermined'])
  assert.match(says, /SERVFAIL.*gives 127\.0\.0\.1/)
})

test('a name that has IPv6 addresses only is not run on a machine without IPv6, and is not called missing', async (t) => {
  const has = await nameServer(t, { AAAA: { address: '2001:db8::1' } })
  const { verdict, cause, says } = await verdictOf(t, { internal: [has], control: [] }, outward, ['ipv4'])
  assert.deepEqual([verdict, cause], ['not-run', undefined])
  assert.match(says, /no IPv6.*2001:db8::1/)
})

test('a name that has IPv4 addresses only is not run on a machine with IPv6 alone, and is not called missing', async (t) => {
  const has = await nameServer(t, { A: { address: '192.0.2.7' } })
  const { verdict, cause, says } = await verdictOf(t, { internal: [has], control: [] }, outward, ['ipv6'])
  assert.deepEqual([verdict, cause], ['not-run', undefined])
  assert.match(says, /no IPv4.*192\.0\.2\.7/)
})

test('a name that does not exist is not asked for in another family', async (t) => {
  const denies = await nameServer(t, { A: { rcode: 3 } })
  await verdictOf(t, { internal: [denies], control: [] }, outward, ['ipv4'])
  assert.ok(
    denies.asked.every((asked) => asked.endsWith(' A')),
    denies.asked.join(),
  )
})
