import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ListenedConnection } from '../net/listened.ts'
import type { AskedTools } from './readAsked.ts'
import { readAsked } from './readAsked.ts'

const connection: ListenedConnection = {
  id: 1,
  address: '10.1.2.3',
  port: 40_000,
  localAddress: '10.0.0.1',
  localPort: 8443,
  tlsVersion: 'TLSv1.3',
  protocol: 'http/1.1',
}
const tools = {
  served: new Set(['gate.example:8443']),
  clientOf: (address: string) => ({ address, by: 'peer' }) as const,
  traceId: () => '0'.repeat(32),
  now: () => 0,
}

/** What a parser of HTTP makes of a request. */
function requestOf(parts: Partial<IncomingMessage> & { readonly fields?: readonly string[] }): IncomingMessage {
  const { fields = [], ...rest } = parts
  const raw = { method: 'GET', url: '/', rawHeaders: ['Host', 'gate.example:8443', ...fields], ...rest }
  return raw as IncomingMessage
}

const read = (parts: Parameters<typeof requestOf>[0], over: Partial<ListenedConnection> = {}) =>
  readAsked(requestOf(parts), { ...connection, ...over }, tools)

test('a request is read in one form: names in lower case, host without port, path as it is forwarded', () => {
  const told = read({ url: '/a%2Db?x=1', fields: ['X-One', '1', 'x-one', '2'] })
  assert.ok(told.ok)
  assert.equal(told.asked.host, 'gate.example')
  assert.deepEqual(told.asked.target, { path: '/a-b', query: 'x=1' })
  assert.deepEqual(told.asked.headers.slice(1), [
    ['x-one', '1'],
    ['x-one', '2'],
  ])
})

const refused: readonly [what: string, parts: Parameters<typeof requestOf>[0], reason: string][] = [
  ['no host', { rawHeaders: [] }, 'host-missing'],
  ['two hosts that differ', { fields: ['Host', 'other.example'] }, 'host-missing'],
  ['a host and another authority', { authority: 'other.example' } as Partial<IncomingMessage>, 'host-missing'],
  ['a host with a user', { rawHeaders: ['Host', 'gate.example@gate.example:8443'] }, 'host-missing'],
  ['a host at another port', { rawHeaders: ['Host', 'gate.example:9443'] }, 'host-not-served'],
  ['a host that has ours in it', { rawHeaders: ['Host', 'gate.example.evil.example:8443'] }, 'host-not-served'],
  ['one host twice', { fields: ['Host', 'gate.example:8443'] }, 'header-twice'],
  ['two Authorization', { fields: ['Authorization', 'Bearer a', 'authorization', 'Bearer b'] }, 'header-twice'],
  ['two lengths', { fields: ['Content-Length', '1', 'Content-Length', '1'] }, 'header-twice'],
  ['two origins', { fields: ['Origin', 'a', 'Origin', 'b'] }, 'header-twice'],
  ['CONNECT', { method: 'CONNECT' }, 'method-unknown'],
  ['TRACE', { method: 'TRACE' }, 'method-unknown'],
  ['a method in small letters', { method: 'get' }, 'method-unknown'],
  ['an absolute URL', { url: 'https://gate.example:8443/' }, 'target-form'],
  ['dots', { url: '/a/../admin' }, 'path-dots'],
  ['a fragment', { url: '/a#b' }, 'target-octet'],
]

for (const [what, parts, reason] of refused) {
  test(`${what} is refused as ${reason}`, () => {
    const told = read(parts)
    assert.equal(told.ok ? 'read' : told.reason, reason)
  })
}

test('what is refused counts for the client that a proxy tells, and never for what the proxy itself asks', () => {
  const senderOf = (client: ReturnType<AskedTools['clientOf']>): string | undefined => {
    const told = readAsked(requestOf({ url: '/two//slashes' }), connection, { ...tools, clientOf: () => client })
    return told.ok ? undefined : told.sender
  }
  assert.equal(senderOf({ address: connection.address, by: 'peer' }), '10.1.2.3')
  assert.equal(senderOf({ address: '2001:db8::7', by: 'told' }), '2001:db8::/64')
  assert.equal(senderOf({ address: connection.address, by: 'unreadable' }), 'unreadable 10.1.2.3')
})

test('a host in capitals is the same host', () => {
  assert.ok(read({ rawHeaders: ['Host', 'GATE.example:8443'] }).ok)
})

const shown: readonly [what: string, fields: readonly string[], isNavigation: boolean, method?: string][] = [
  ['a browser that says so', ['Sec-Fetch-Mode', 'navigate'], true],
  ['a script of a browser', ['Sec-Fetch-Mode', 'cors', 'Accept', 'text/html'], false],
  ['an old browser', ['Accept', 'text/html,*/*'], true],
  ['an old script', ['Accept', 'text/html', 'X-Requested-With', 'XMLHttpRequest'], false],
  ['a program', ['Accept', '*/*'], false],
  ['a form that is sent', ['Sec-Fetch-Mode', 'navigate'], false, 'POST'],
]
for (const [what, fields, isNavigation, method = 'GET'] of shown) {
  test(`${what} ${isNavigation ? 'may' : 'may not'} be sent to sign in`, () => {
    const told = read({ method, fields })
    assert.equal(told.ok && told.asked.isNavigation, isNavigation)
  })
}

test('over HTTP/2 nobody asks for another protocol by a header field', () => {
  const fields = ['Upgrade', 'websocket']
  const both = [read({ fields }), read({ fields }, { protocol: 'h2' })]
  assert.deepEqual(
    both.map((told) => told.ok && told.asked.isUpgrade),
    [true, false],
  )
})

test('whatever comes is read or refused, and what is read has a path of one meaning', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.array(fc.string(), { maxLength: 12 }), (method, url, fields) => {
      const told = read({ method, url, fields })
      if (told.ok) assert.match(told.asked.target.path, /^\/[\x21-\x7e]*$/)
      else assert.match(told.reason, /^[a-z-]+$/)
    }),
  )
})
