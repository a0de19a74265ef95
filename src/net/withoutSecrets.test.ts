import assert from 'node:assert/strict'
import { test } from 'node:test'
import { http, tls } from '../../test/observed.ts'
import type { HttpExchange, TlsHandshake, Unfiled } from '../model/observation.ts'
import { formsOfSecret } from './secretForms.ts'
import { exchangeWithout, handshakeWithout } from './withoutSecrets.ts'

const secrets = [formsOfSecret({ user: 'svc', password: 'hunter2 & co' })]
const exchange = http('response', {
  headers: { location: 'http://x/?p=hunter2%20%26%20co', server: 'Basic c3ZjOmh1bnRlcjIgJiBjbw==' },
  body: { kind: 'html', bytes: 9, title: 'for svc:hunter2 & co', members: { issuer: 'hunter2 & co' } },
  firstOctets: 'CONNECT a:443 HTTP/1.1 Proxy-Authorization: Basic c3ZjOmh1bnR',
}).seen as Unfiled<HttpExchange>

test('what a server sends back of a secret is struck out, in every form and where it was cut', () => {
  const { headers, body, firstOctets } = exchangeWithout(exchange, secrets)
  assert.deepEqual(headers, { location: 'http://x/?p=*', server: 'Basic *==' })
  assert.deepEqual([body.title, body.members['issuer']], ['for *', '*'])
  assert.equal(firstOctets, 'CONNECT a:443 HTTP/1.1 Proxy-Authorization: Basic *')
  const handshake = tls('not-tls', { firstOctets: 'Basic c3ZjOmh1' }).seen as Unfiled<TlsHandshake>
  assert.equal(handshakeWithout(handshake, secrets).firstOctets, 'Basic *')
})

test('without credentials an observation is what it was', () => {
  assert.equal(exchangeWithout(exchange, []), exchange)
})

test('what a WebSocket server says is looked through as well', () => {
  const upgrade = {
    offered: ['amqp'],
    outcome: 'not-websocket',
    protocol: 'hunter2%20%26 co',
    why: 'svc:hunter2 & co',
  } as const
  const seen = exchangeWithout({ ...exchange, upgrade: { ...upgrade, trackingId: '68756e7465723220' } }, secrets)
  assert.deepEqual(seen.upgrade, { ...upgrade, protocol: '*', why: '*', trackingId: '*' })
})

test('where a sign-in is asked for is looked through as well', () => {
  const signIn = {
    protocol: 'openid-connect',
    by: 'form',
    endpoint: 'https://idp/hunter2%20%26%20co',
    clientId: 'svc:hunter2 & co',
    redirectUri: 'https://app/?p=hunter2%20%26%20co',
    responseMode: 'form_post',
    scopes: ['openid', 'hunter2 & co'],
  } as const
  assert.deepEqual(exchangeWithout({ ...exchange, signIn }, secrets).signIn, {
    ...signIn,
    endpoint: 'https://idp/*',
    clientId: '*',
    redirectUri: 'https://app/?p=*',
    scopes: ['openid', '*'],
  })
})
