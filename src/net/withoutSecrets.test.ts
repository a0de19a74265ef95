import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { http, tls } from '../../test/observed.ts'
import type { HttpExchange, TlsHandshake, Unfiled } from '../model/observation.ts'
import { exchangeWithout, formsOfSecret, handshakeWithout } from './withoutSecrets.ts'

const forms = formsOfSecret({ user: 'svc', password: 'hunter2 & co' })
const exchange = http('response', {
  headers: { location: 'http://x/?p=hunter2%20%26%20co', server: 'Basic c3ZjOmh1bnRlcjIgJiBjbw==' },
  body: { kind: 'html', bytes: 9, title: 'for svc:hunter2 & co', members: { issuer: 'hunter2 & co' } },
  firstOctets: 'CONNECT a:443 HTTP/1.1 Proxy-Authorization: Basic c3ZjOmh1bnR',
}).seen as Unfiled<HttpExchange>

test('what a server sends back of a secret is struck out, in every form and where it was cut', () => {
  const { headers, body, firstOctets } = exchangeWithout(exchange, forms)
  assert.deepEqual(headers, { location: 'http://x/?p=*', server: 'Basic *==' })
  assert.deepEqual([body.title, body.members['issuer']], ['for *', '*'])
  assert.equal(firstOctets, 'CONNECT a:443 HTTP/1.1 Proxy-Authorization: Basic *')
  const handshake = tls('not-tls', { firstOctets: 'Basic c3ZjOmh1' }).seen as Unfiled<TlsHandshake>
  assert.equal(handshakeWithout(handshake, forms).firstOctets, 'Basic *')
})

test('without credentials an observation is what it was', () => {
  assert.equal(exchangeWithout(exchange, []), exchange)
})

test('no text around a secret lets it through', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.constantFrom(...forms), (before, after, form) => {
      const title = `${before}${form}${after}`
      const seen = exchangeWithout({ ...exchange, body: { ...exchange.body, title } }, forms)
      assert.ok(!seen.body.title?.includes('hunter2 & co'))
      assert.ok(!seen.body.title?.includes('c3ZjOmh1bnRlcjIg'))
    }),
  )
})
