import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readSignInRequest, signInRequestOn } from './signInRequest.ts'
import { withoutSignInValues } from './withoutSignInValues.ts'

const base = 'https://app01.corp.example:8443/'
const tenant = '11111111-2222-3333-4444-555555555555'
const client = '00001111-aaaa-2222-bbbb-3333cccc4444'

/** As Microsoft.Identity.Web sends it, values of one sign-in in the order in which they stand there. */
const ofAspNet = `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/authorize?client_id=${client}&redirect_uri=https%3A%2F%2Fapp01.corp.example%3A8443%2Fsignin-oidc&response_type=code&scope=openid%20profile+offline_access&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&response_mode=form_post&nonce=638.MWQ&client_info=1&x-client-brkrver=IDWeb.3.0.0.0&state=CfDJ8&x-client-SKU=MSAL.NetCore`

test('an authorization request of OpenID Connect is read, without what belongs to one sign-in alone', () => {
  assert.deepEqual(readSignInRequest(ofAspNet, base), {
    protocol: 'openid-connect',
    endpoint: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/authorize`,
    clientId: client,
    redirectUri: 'https://app01.corp.example:8443/signin-oidc',
    responseType: 'code',
    responseMode: 'form_post',
    scopes: ['openid', 'profile', 'offline_access'],
  })
})

const requests: readonly (readonly [what: string, location: string, wanted: object])[] = [
  [
    'WS-Federation',
    'https://sts.contoso.com/adfs/ls/?wa=wsignin1.0&wtrealm=urn%3Apayroll&wreply=https%3A%2F%2Fapp01%2F&wctx=rm%3D0',
    {
      protocol: 'ws-federation',
      endpoint: 'https://sts.contoso.com/adfs/ls/',
      clientId: 'urn:payroll',
      redirectUri: 'https://app01/',
    },
  ],
  [
    'SAML, of which only the endpoint is read',
    `https://login.microsoftonline.com/${tenant}/saml2?SAMLRequest=fZJ&RelayState=x`,
    { protocol: 'saml', endpoint: `https://login.microsoftonline.com/${tenant}/saml2` },
  ],
  [
    'a pushed request (RFC 9126), which shows no redirect_uri',
    'https://idp.example/authorize?client_id=a&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A1',
    { protocol: 'openid-connect', endpoint: 'https://idp.example/authorize', clientId: 'a' },
  ],
  [
    'a relative address, at the app itself',
    '/connect/authorize?client_id=web&redirect_uri=https://app01/cb&state=1',
    {
      protocol: 'openid-connect',
      endpoint: 'https://app01.corp.example:8443/connect/authorize',
      clientId: 'web',
      redirectUri: 'https://app01/cb',
    },
  ],
  [
    'a redirect_uri letter by letter',
    'https://idp.example/a?client_id=a&redirect_uri=HTTPS://App01.corp.example:443/%53ignin//x/..',
    {
      protocol: 'openid-connect',
      endpoint: 'https://idp.example/a',
      clientId: 'a',
      redirectUri: 'HTTPS://App01.corp.example:443/Signin//x/..',
    },
  ],
]

for (const [what, location, wanted] of requests) {
  test(`${what} is read as a request for a sign-in`, () => assert.deepEqual(readSignInRequest(location, base), wanted))
}

const ordinary: readonly (readonly [what: string, location: string])[] = [
  ['a page of the app', '/account/sign-in?ReturnUrl=%2F'],
  ['a client id alone', 'https://idp.example/logo?client_id=a'],
  ['no address', 'http://['],
  ['another scheme', 'myapp://authorize?client_id=a&response_type=code'],
  ['an empty text', ''],
  ['a portal', 'http://login.hotspot.example/welcome?from=https://app01/'],
  ['more than any browser follows', `https://idp.example/?client_id=a&response_type=code&x=${'x'.repeat(40_000)}`],
]

for (const [what, location] of ordinary) {
  test(`${what} is no request for a sign-in`, () => assert.equal(readSignInRequest(location, base), undefined))
}

const form = (fields: string, action = 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize') =>
  `<!doctype html><body onload="document.forms[0].submit()"><FORM METHOD=post action="${action}">${fields}</FORM>`

test('a form that is sent off is read, its characters written by number or name', () => {
  const page = form(
    `<input type=hidden name="client_id" value='${client}'/><input name=redirect_uri value="https&#58;//app01&#x2f;cb?a=1&amp;b=2"><input name=state value=secret>`,
  )
  assert.deepEqual(signInRequestOn(page, base), {
    protocol: 'openid-connect',
    by: 'form',
    endpoint: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
    clientId: client,
    redirectUri: 'https://app01/cb?a=1&b=2',
  })
})

test('a form of a page that has others before it is found, and one that asks for no sign-in is passed over', () => {
  const page = `<form action=/search><input name=q></form>${form('<input name=SAMLRequest value=PHNh>', 'https://idp.example/sso')}`
  assert.deepEqual(signInRequestOn(page, base), { protocol: 'saml', by: 'form', endpoint: 'https://idp.example/sso' })
  assert.equal(
    signInRequestOn('<form action=/sign-in method=post><input name=user><input name=secret></form>', base),
    undefined,
  )
})

test('a refresh that a page asks for is followed in thought, however it is written', () => {
  for (const content of [`0;url=${ofAspNet}`, `0; URL='${ofAspNet}'`, ` 1.5 , url = ${ofAspNet}`]) {
    const page = `<meta charset=utf-8><META Content="${content.replaceAll('&', '&amp;')}" http-equiv='Refresh'>`
    const read = signInRequestOn(page, base)
    assert.equal(read?.by, 'meta-refresh', content)
    assert.equal(read?.redirectUri, 'https://app01.corp.example:8443/signin-oidc', content)
  }
  assert.equal(signInRequestOn('<meta http-equiv=refresh content=30>', base), undefined)
})

test('what belongs to one sign-in is struck out of an address, and all else of it stays', () => {
  assert.equal(
    withoutSignInValues(
      'https://idp.example/a?client_id=a&state=s1&NONCE=n1&code_challenge=c1&code_challenge_method=S256#state=f1',
    ),
    'https://idp.example/a?client_id=a&state=…&NONCE=…&code_challenge=…&code_challenge_method=S256#state=…',
  )
  assert.equal(withoutSignInValues('/a?request=eyJhbGciOi&x=1'), '/a?request=…&x=1')
  assert.equal(withoutSignInValues('/error?code=500&request=abc'), '/error?code=500&request=abc')
})

const secret = 'of-this-sign-in-alone'
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({
    unit: fc.constantFrom(
      '?',
      '&',
      '=',
      '#',
      '%',
      '/',
      ':',
      '@',
      '<',
      '>',
      '"',
      'client_id',
      'https://a',
      'form',
      'meta',
      'input',
    ),
  }),
  fc.string({ unit: 'binary' }).map((text) => `${ofAspNet}${text}`),
)

test('any text is read without a throw, and what is told of it is short and printable', () => {
  fc.assert(
    fc.property(anyText, anyText, (location, at) => {
      for (const read of [
        readSignInRequest(location, at),
        readSignInRequest(location, base),
        signInRequestOn(location, base),
      ]) {
        for (const word of read === undefined ? [] : [Object.values(read)].flat(2)) {
          assert.ok(word.length <= 2048 && !/[\p{Cc}\p{Cf}\s]{2}|\p{Cc}/u.test(word), word)
        }
      }
    }),
  )
})

test('whatever stands around it, no value of one sign-in is told', () => {
  const name = fc.constantFrom('state', 'nonce', 'code_challenge', 'SAMLRequest', 'RelayState', 'wctx')
  const around = fc.constantFrom('client_id=a', 'response_type=code', 'wa=wsignin1.0', 'redirect_uri=https://a/b', 'x')
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          around,
          name.map((each) => `${each}=${secret}`),
        ),
        { maxLength: 12 },
      ),
      (fields) => {
        const location = `https://idp.example/authorize?${fields.join('&')}`
        assert.ok(!JSON.stringify(readSignInRequest(location, base) ?? '').includes(secret))
        assert.ok(!withoutSignInValues(location).includes(secret))
      },
    ),
  )
})

test('a page that is made to be slow is read all the same', () => {
  for (const part of [
    '<form ',
    '<meta ',
    '<form><input name=',
    'a=',
    "a='",
    '<input a="',
    '&#',
    '</form',
    '<form action=//[',
  ]) {
    assert.equal(signInRequestOn(part.repeat(65_536 / part.length), base), undefined, part)
  }
  for (const blanks of [' ', '\t', '0', '. ', ' ;']) {
    const refresh = `<meta http-equiv="refresh" content="${blanks.repeat(2000 / blanks.length)}x">`
    assert.equal(signInRequestOn(refresh, base), undefined, JSON.stringify(blanks))
  }
})
