import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  again,
  appFlow,
  caseOf,
  cloudFlow,
  context,
  control,
  dc02,
  egress,
  flowOf,
  gate,
  http,
  limit,
  lookup,
  nameless,
  outside,
  tcp,
  tls,
  udp,
  withoutName,
} from '../../test/observed.ts'
import { resolverAddress } from './lookups.ts'
import { lookAt } from './seen.ts'

test('the phase that ended the conversation is the highest that was asked', () => {
  const on = tcp('connected', { address: '20.190.128.1', port: 443 })
  assert.equal(lookAt(caseOf(cloudFlow(), [lookup('timeout')])).stop?.phase, 'name')
  assert.equal(lookAt(caseOf(cloudFlow(), [tcp('refused')])).stop?.phase, 'connect')
  assert.equal(lookAt(caseOf(cloudFlow(), [on, tls('reset')])).stop?.phase, 'tls')
  assert.equal(lookAt(caseOf(cloudFlow(), [on, tls('established'), http('timeout')])).stop?.phase, 'http')
  assert.equal(lookAt(caseOf(cloudFlow(), [on, tls('established'), http('response')])).stop, undefined)
  assert.equal(lookAt(caseOf(cloudFlow(), [on, tls('established'), http('response')])).furthest, 'http')
})

test('attempts that were cut short count for nothing', () => {
  const seen = lookAt(caseOf(flowOf(), [tcp('refused'), again(tcp('aborted'))]))
  assert.equal(seen.connects.failed.length, 1)
  assert.equal(seen.connects.aborted.length, 1)
})

test('attempts that disagree waver, and do not stop', () => {
  const seen = lookAt(caseOf(flowOf(), [tcp('timeout'), again(tcp('connected'))]))
  assert.equal(seen.stop, undefined)
  assert.equal(seen.wavering?.phase, 'connect')
})

test('a handshake that offers other versions is a comparison, not another attempt', () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', alpn: [] }
  const seen = lookAt(caseOf(cloudFlow(), [tls('alert'), again(tls('established', { offered: old }))]))
  assert.equal(seen.stop?.phase, 'tls')
  assert.equal(seen.otherOffers.length, 1)
})

test('a handshake under another name or from another lowest version is no other attempt', () => {
  const first = tls('established', { offered: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', alpn: [] } })
  const newer = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', alpn: [] }
  for (const other of [tls('reset', { serverName: 'a.example' }), tls('reset', { offered: newer })]) {
    const { handshakes, wavering } = lookAt(caseOf(cloudFlow(), [first, again(other)]))
    assert.deepEqual([handshakes.worked.length, handshakes.failed.length, wavering], [1, 0, undefined])
  }
})

test('handshakes without a name ask for the same one: they are other offers, and one by name is another name', () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', alpn: [] }
  const others = [
    control('tls-version', nameless(tls('established', { offered: old }))),
    control('server-name', tls('alert')),
  ]
  const seen = lookAt(caseOf(withoutName(cloudFlow()), [nameless(tls('reset')), ...others]))
  assert.deepEqual([seen.otherOffers.length, seen.otherServerNames.length, seen.otherAddresses.length], [1, 1, 0])
})

test('another address is no other address of a target without a name', () => {
  const elsewhere = context(nameless(tls('established', { address: '20.190.128.2' })))
  assert.deepEqual(lookAt(caseOf(withoutName(cloudFlow()), [nameless(tls('reset')), elsewhere])).otherAddresses, [])
})

test('through a proxy a handshake without a name is of the same target where it was made for this flow', () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', alpn: [] }
  const inTunnel = (over: Parameters<typeof tls>[1] = {}): ReturnType<typeof tls> =>
    nameless(tls('established', { ...egress, through: 'egress', ...over }))
  const seen = lookAt(
    caseOf({ ...withoutName(cloudFlow()), via: 'egress' }, [
      inTunnel(),
      control('tls-version', inTunnel({ offered: old })),
      context(inTunnel({ offered: old })),
    ]),
  )
  assert.deepEqual(
    seen.otherOffers.map(({ role }) => role),
    ['control'],
  )
})

test('neighbours are sorted by what they vary, whatever they are filed as', () => {
  const seen = lookAt(
    caseOf(flowOf(), [
      tcp('timeout'),
      context(tcp('connected', { port: 389 })),
      control('port', tcp('refused', { port: 443 })),
      control('port', tcp('timeout', { port: 80 })),
      control('host', tcp('connected', { address: dc02 })),
      context(tcp('timeout', { address: '10.9.9.9', port: 22 })),
      context(udp('answer', { port: 53 })),
    ]),
  )
  assert.deepEqual(
    seen.sameHostOpen.map(({ what }) => what),
    ['389', '53/udp'],
  )
  assert.deepEqual(
    seen.sameHostRefuses.map(({ what }) => what),
    ['443'],
  )
  assert.deepEqual(
    seen.sameHostSilent.map(({ what }) => what),
    ['80'],
  )
  assert.deepEqual(
    seen.samePortOpen.map(({ what }) => what),
    ['636 on 10.1.0.6'],
  )
  assert.deepEqual(
    seen.elsewhereDead.map(({ address }) => address),
    ['10.9.9.9'],
  )
})

test('the own address on the way is known from a connection to the same host', () => {
  assert.equal(lookAt(caseOf(flowOf(), [tcp('timeout')])).from, 'connect01')
  assert.equal(lookAt(caseOf(flowOf(), [tcp('timeout'), context(tcp('connected', { port: 389 }))])).from, gate)
})

test('a resolver outside is a control however it is filed', () => {
  const filedAsProbe = { ...outside('answer', { answers: ['20.190.128.1'] }), role: 'probe' } as const
  const seen = lookAt(caseOf(cloudFlow(), [lookup('timeout'), filedAsProbe]))
  assert.equal(seen.stop?.phase, 'name')
  assert.equal(seen.controlLookups.length, 1)
})

test('a check that ended is unfinished only where nothing was found out', () => {
  const on = tcp('connected', { address: '10.1.0.20', port: 8443 })
  assert.match(lookAt(caseOf(appFlow(), [on, tls('aborted')])).unfinished?.says ?? '', /TLS handshake/)
  assert.equal(lookAt(caseOf(appFlow(), [on])).unfinished, undefined)
  assert.match(
    lookAt(caseOf(appFlow(), [on, limit('budget', 'the time was over')])).unfinished?.says ?? '',
    /time was over/,
  )
})

test('the address of a resolver is read from its text', () => {
  const of = (resolver: string): string | undefined => {
    const [seen] = caseOf(flowOf(), [lookup('answer', { resolver })]).observations
    return seen?.kind === 'name-lookup' ? resolverAddress(seen) : undefined
  }
  assert.equal(of('10.1.0.5:53'), '10.1.0.5')
  assert.equal(of('[2001:db8::1]:5353'), '2001:db8::1')
  assert.equal(of('system'), undefined)
})
