import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filed, http } from '../../../test/observed.ts'
import type { SignInRequest } from '../../model/signInRequest.ts'
import { stepOf } from './observationWords.ts'

const told = (signIn: SignInRequest): string => {
  const [seen] = filed([http('response', { signIn })])
  assert.ok(seen)
  return stepOf(seen).particulars.join('; ')
}

test('a step tells where an app sends a browser to sign in, in the words of the protocol', () => {
  const openId = told({
    protocol: 'openid-connect',
    by: 'redirect',
    endpoint: 'https://idp.example/authorize',
    clientId: 'a',
    redirectUri: 'https://app/cb',
    responseType: 'code',
    responseMode: 'form_post',
    scopes: ['openid', 'profile'],
  })
  assert.ok(
    openId.includes(
      'sends to https://idp.example/authorize to sign in, by a redirect (OpenID Connect); client_id a; redirect_uri https://app/cb; response_type code; response_mode form_post; scope openid profile',
    ),
    openId,
  )
  assert.match(
    told({
      protocol: 'ws-federation',
      by: 'form',
      endpoint: 'https://sts/adfs/ls/',
      clientId: 'urn:a',
      redirectUri: 'https://app/',
    }),
    /by a form of the page \(WS-Federation\); wtrealm urn:a; wreply https:\/\/app\/$/,
  )
  assert.match(
    told({ protocol: 'saml', by: 'meta-refresh', endpoint: 'https://idp/' }),
    /by a refresh of the page \(SAML\)$/,
  )
})
