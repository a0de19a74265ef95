import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatAddress } from '../model/cidr.ts'
import { parseAskedFlow } from './parseAskedFlow.ts'
import { rangesOfPrefix } from './rangesOfPrefix.ts'

const said = (text: string): unknown => {
  const parsed = parseAskedFlow(text)
  if ('error' in parsed) return parsed.error
  const { source, destination, name, transport, ports, sourcePorts, request } = parsed.ok
  const range = ({ family, first, last }: (typeof source)[number]) =>
    [first, last].map((value) => formatAddress({ family, value })).join('-')
  return [
    source.map(range).join(),
    sourcePorts === undefined ? '' : `${sourcePorts.first}-${sourcePorts.last}`,
    destination?.map(range).join() ?? name,
    transport,
    ports.map(({ first, last }) => `${first}-${last}`).join(),
    request,
  ].join(' ')
}

const right: readonly (readonly [text: string, says: string])[] = [
  ['10.1.0.10 > 20.190.128.1:443/tcp', '10.1.0.10-10.1.0.10  20.190.128.1-20.190.128.1 tcp 443-443 connect'],
  ['10.1.0.10:49152-65535>10.1.0.5:53/UDP', '10.1.0.10-10.1.0.10 49152-65535 10.1.0.5-10.1.0.5 udp 53-53 connect'],
  ['10.1.0.0/24 > login.microsoftonline.com:443', '10.1.0.0-10.1.0.255  login.microsoftonline.com tcp 443-443 connect'],
  ['10.1.0.10 > CRL.microsoft.com.:80/tcp', '10.1.0.10-10.1.0.10  crl.microsoft.com tcp 80-80 plain'],
  ['10.1.0.10 > *.msappproxy.net:443/tcp', '10.1.0.10-10.1.0.10  *.msappproxy.net tcp 443-443 connect'],
  ['2001:db8::1 > [2001:db8::5]:636/tcp', '2001:db8::1-2001:db8::1  2001:db8::5-2001:db8::5 tcp 636-636 connect'],
  [
    '[2001:db8::1]:5000 > [2001:db8::5]:636/tcp',
    '2001:db8::1-2001:db8::1 5000-5000 2001:db8::5-2001:db8::5 tcp 636-636 connect',
  ],
  ['10.1.0.10 > 10.2.0.5/icmp', '10.1.0.10-10.1.0.10  10.2.0.5-10.2.0.5 icmp  connect'],
  [
    'any > 10.1.0.5:49152-65535/tcp',
    '0.0.0.0-255.255.255.255,::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff  10.1.0.5-10.1.0.5 tcp 49152-65535 connect',
  ],
]

for (const [text, says] of right) {
  test(`${text} is a question`, () => assert.equal(said(text), says))
}

const wrong: readonly (readonly [text: string, error: RegExp])[] = [
  ['10.1.0.10 20.190.128.1:443/tcp', /no ">" between two ends/],
  ['a > b > c:443', /or several/],
  ['10.1.0.10 > 20.190.128.1:443/sctp', /its protocol is "sctp"/],
  ['10.1.0.10 > 20.190.128.1/tcp', /the destination has no port/],
  ['connect01 > 20.190.128.1:443/tcp', /"connect01" is no address, prefix or "any"/],
  ['10.1.0.300 > 20.190.128.1:443/tcp', /"10\.1\.0\.300" is no address/],
  ['10.1.0.10 > 20.190.128.300:443/tcp', /is no address, prefix, name or "any"/],
  ['10.1.0.10 > 20.190.128.1:0/tcp', /is no address, prefix, name/],
  ['10.1.0.10 > 20.190.128.1:500-400/tcp', /is no address, prefix, name/],
  ['10.1.0.10 > 20.190.128.1:https', /its port is "https"/],
  ['10.1.0.1/24 > 20.190.128.1:443/tcp', /"10\.1\.0\.1\/24" is no address/],
  ['', /no ">"/],
]

test('an arrow is an arrow, with a dash or without', () => {
  assert.equal(said('10.1.0.10 -> 20.190.128.1:443/tcp'), said('10.1.0.10 > 20.190.128.1:443/tcp'))
})

test('a name opens a flow where something tells its address, and else it is said what would', () => {
  const known = parseAskedFlow('connect01:500 > 20.190.128.1:443', (name) =>
    name === 'connect01' ? rangesOfPrefix('10.1.0.10') : undefined,
  )
  assert.ok('ok' in known)
  assert.deepEqual([known.ok.source, known.ok.sourcePorts], [rangesOfPrefix('10.1.0.10'), { first: 500, last: 500 }])
  const unknown = parseAskedFlow('connect02 > 20.190.128.1:443', () => undefined)
  assert.ok('error' in unknown)
  assert.match(
    `${unknown.error}, write ${unknown.right}`,
    /which address "connect02" has, write its address, or .*--site/,
  )
})

test('what is right goes on from the word write', () => {
  const rightOf = (text: string): string => {
    const parsed = parseAskedFlow(text)
    return 'ok' in parsed ? '' : parsed.right
  }
  assert.equal(rightOf('10.1.0.10 > 20.190.128.1'), 'it behind a colon, such as 20.190.128.1:443')
  assert.equal(rightOf('10.1.0.10 > 20.190.128.1:443/http'), 'one of tcp, udp, icmp behind the slash')
})

for (const [text, error] of wrong) {
  test(`"${text}" is told what it lacks`, () => assert.match(String(said(text)), error))
}

test('any text is a question or has a remedy', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'10.:/>-any tcp[]*') })), (text) => {
      const parsed = parseAskedFlow(text)
      assert.ok('ok' in parsed ? parsed.ok.source.length > 0 : parsed.right.length > 0)
    }),
  )
})
