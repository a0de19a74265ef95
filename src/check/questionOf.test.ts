import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowParts } from '../../test/observed.ts'
import { flowOf } from '../../test/observed.ts'
import type { Scheme } from '../model/service.ts'
import type { Directory } from './questionOf.ts'
import { questionKey, questionOf } from './questionOf.ts'

const known: ReadonlyMap<Scheme, readonly ('tcp' | 'udp')[]> = new Map([
  ['dns', ['udp', 'tcp']],
  ['https', ['tcp']],
  ['tcp', ['tcp']],
])
const directory: Directory = { domain: 'corp.example', forest: 'example' }
const ask = (parts: FlowParts) => questionOf(flowOf(parts), '10.1.0.5', known, directory)

const unasked: readonly (readonly [what: string, target: FlowParts['target'], detail: RegExp])[] = [
  ['a range', { port: null, range: { first: 49152, last: 65535 }, service: 'any' }, /a range is never scanned/],
  [
    'a range of one transport that has a probe',
    { port: null, range: { first: 1, last: 2 }, service: 'tcp' },
    /never scanned/,
  ],
  ['a row without a port', { port: null, service: 'tcp' }, /names no port/],
  ['ICMP', { port: null, transport: 'icmp', service: 'tcp' }, /ICMP/],
  ['ICMP with a port that means nothing', { port: 8, transport: 'icmp', service: 'tcp' }, /ICMP/],
  [
    'Kerberos over UDP',
    { port: 88, transport: 'udp', service: 'kerberos' },
    /kerberos over UDP: silence would prove nothing/,
  ],
  ['plain UDP', { port: 9, transport: 'udp', service: 'tcp' }, /tcp over UDP/],
  ['HTTPS over UDP', { port: 443, transport: 'udp', service: 'https' }, /https over UDP/],
]

for (const [what, target, detail] of unasked) {
  test(`${what} is not asked, with the reason`, () => {
    const question = ask({ target: target ?? {} })
    assert.ok('limit' in question)
    assert.equal(question.limit, 'no-probe-yet')
    assert.match(question.detail, /^no probe yet: /)
    assert.match(question.detail, detail)
  })
}

const questions: readonly (readonly [what: string, parts: FlowParts, wanted: object])[] = [
  [
    'the endpoint mapper, of which ports a range of RPC has,',
    { target: { service: 'rpc', port: null, range: { first: 49152, last: 65535 } } },
    { scheme: 'epm', port: 135, transport: 'tcp' },
  ],
  ['a service with a probe', { target: { service: 'https', port: 443, path: '/x' } }, { scheme: 'https', path: '/x' }],
  [
    'a service without one is proven to its port',
    { target: { service: 'kerberos', port: 88 } },
    { scheme: 'tcp', port: 88 },
  ],
  [
    'a name server over UDP with the locator records',
    { toRole: 'dns-server', target: { service: 'dns', port: 53, transport: 'udp' } },
    {
      scheme: 'dns',
      domain: 'corp.example',
      serviceRecords: [
        '_ldap._tcp.dc._msdcs.corp.example',
        '_kerberos._tcp.corp.example',
        '_kpasswd._tcp.corp.example',
        '_gc._tcp.example',
      ],
    },
  ],
]

for (const [what, parts, wanted] of questions) {
  test(`${what} is asked`, () => {
    const question = ask(parts)
    assert.ok(!('limit' in question))
    const { address: _address, ...rest } = question
    assert.deepEqual({ ...rest, ...wanted }, rest)
  })
}

test('locator records are asked for once, over UDP, and of the name servers of the site alone', () => {
  for (const parts of [
    { toRole: 'dns-server', target: { service: 'dns', port: 53, transport: 'tcp' } },
    { toRole: 'any', target: { service: 'dns', port: 53, transport: 'udp' } },
  ] satisfies FlowParts[]) {
    assert.ok(!('serviceRecords' in ask(parts)))
  }
})

test('a TARGET names its own zone, and the path of other services is no zone', () => {
  const dns = ask({ target: { service: 'dns', port: 53, path: 'other.example' } })
  assert.ok('domain' in dns && dns.domain === 'other.example' && !('path' in dns))
  assert.ok(!('domain' in ask({ target: { service: 'https', port: 443, path: '/x' } })))
})

test('the same question has one key, and every part that changes the answer another', () => {
  const question = { scheme: 'https', name: 'a', address: '10.0.0.1', port: 443, transport: 'tcp' } as const
  const others = [
    { ...question, scheme: 'tls' },
    { ...question, name: 'b' },
    { ...question, address: '10.0.0.2' },
    { ...question, port: 444 },
    { ...question, transport: 'udp' },
    { ...question, path: '/x' },
    { ...question, domain: 'd' },
    { ...question, serviceRecords: ['x'] },
    { ...question, signIn: { port: 443 } },
  ] as const
  assert.equal(questionKey(question), questionKey({ ...question }))
  assert.equal(new Set([question, ...others].map(questionKey)).size, others.length + 1)
})

test('the sign-in of own apps alone is looked for, by the port that their users know, and where the app lives', () => {
  const app = { toRole: 'app-8443', target: { name: 'app01.corp.example', service: 'https', port: 8443 } } as const
  const apps = { payroll: { url: 'https://app01.corp.example:8443/pay', redirectUris: [] } }
  const asked = (parts: FlowParts, path?: string) => {
    const question = questionOf(flowOf(parts), '10.1.0.5', known, directory, undefined, apps)
    assert.ok(!('limit' in question))
    assert.equal(question.path, path)
    return question.signIn
  }
  assert.deepEqual(asked(app, '/pay'), { port: 8443 })
  assert.deepEqual(asked({ ...app, target: { ...app.target, port: 33_333, plannedPort: 8443 } }, '/pay'), {
    port: 8443,
  })
  assert.deepEqual(asked({ ...app, target: { ...app.target, path: '/health' } }, '/health'), { port: 8443 })
  assert.deepEqual(asked({ ...app, toRole: 'any' }, '/pay'), { port: 8443 })
  assert.deepEqual(asked({ ...app, target: { ...app.target, name: 'app02.corp.example' } }), { port: 8443 })
  for (const other of [
    { ...app, toRole: 'any', target: { ...app.target, port: 443 } },
    { ...app, target: { ...app.target, service: 'tcp' } },
    { toRole: 'entra-id', target: { name: 'login.microsoftonline.com', service: 'https', port: 443 } },
  ] satisfies FlowParts[]) {
    assert.equal(asked(other), undefined)
  }
})
