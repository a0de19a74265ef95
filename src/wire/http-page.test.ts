import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readHttpPage } from './http-page.ts'

const octets = (text: string): Uint8Array => Buffer.from(text)

for (const { what, body, type, page } of [
  { what: 'nothing', body: octets(''), type: 'text/html', page: { kind: 'empty', members: {} } },
  {
    what: 'an OpenID configuration',
    body: octets(
      '{"issuer":"https://login.microsoftonline.com/t/v2.0","jwks_uri":"https://x/keys","authorization_endpoint":"https://x/authorize","other":"kept out"}',
    ),
    type: 'application/json; charset=utf-8',
    page: {
      kind: 'json',
      members: {
        issuer: 'https://login.microsoftonline.com/t/v2.0',
        jwks_uri: 'https://x/keys',
        authorization_endpoint: 'https://x/authorize',
      },
    },
  },
  {
    what: 'an error object, which gives its code',
    body: octets('{"error":{"code":"InvalidTenant","message":"…"}}'),
    type: 'application/json',
    page: { kind: 'json', members: { error: 'InvalidTenant' } },
  },
  {
    what: 'JSON under the type of a page',
    body: octets('{"error":"invalid_request"}'),
    type: 'text/html',
    page: { kind: 'json', members: { error: 'invalid_request' } },
  },
  {
    what: 'a page under the type of JSON',
    body: octets('<!DOCTYPE html>\n<html><head><title>\n Web filter &amp; block\u001b[31m page </title></head>'),
    type: 'application/json',
    page: { kind: 'html', title: 'Web filter & block [31m page', members: {} },
  },
  {
    what: 'a console that begins with a lone element',
    body: octets('<script>top.location="/login"</script><title>FortiLab Login</title>'),
    type: '',
    page: { kind: 'html', title: 'FortiLab Login', members: {} },
  },
  {
    what: 'federation metadata',
    body: octets(
      '<?xml version="1.0"?><md:EntityDescriptor ID="_1" entityID="http://sts.contoso.com/adfs/services/trust" xmlns:md="urn:x">',
    ),
    type: 'application/samlmetadata+xml',
    page: { kind: 'xml', members: { entityID: 'http://sts.contoso.com/adfs/services/trust' } },
  },
  {
    what: 'federation metadata whose end is far from its head',
    body: octets(
      `<EntityDescriptor entityID='urn:a'><Signature>${'x'.repeat(100_000)}</Signature><SingleSignOnService Binding="b" Location="https://sts.contoso.com/adfs/ls/" />`,
    ),
    type: 'application/samlmetadata+xml',
    page: { kind: 'xml', members: { entityID: 'urn:a', SingleSignOnService: 'https://sts.contoso.com/adfs/ls/' } },
  },
  {
    what: 'metadata in UTF-16, as some servers write it',
    body: Buffer.from('\ufeff<?xml version="1.0"?><EntityDescriptor entityID=\'urn:a\'>', 'utf16le'),
    type: 'text/xml',
    page: { kind: 'xml', members: { entityID: 'urn:a' } },
  },
  { what: 'a word', body: octets('OK'), type: 'text/plain', page: { kind: 'text', members: {} } },
  { what: 'broken JSON', body: octets('{"issuer":'), type: 'application/json', page: { kind: 'text', members: {} } },
  {
    what: 'a certificate revocation list',
    body: Buffer.from('3082010030819e300d06092a864886f70d01010b0500', 'hex'),
    type: 'application/pkix-crl',
    page: { kind: 'binary', members: {} },
  },
] as const) {
  test(`a body with ${what} is ${page.kind}`, () => {
    assert.deepEqual(readHttpPage(body, type), { bytes: body.length, ...page })
  })
}

test('titles and members are cut to a length that a report bears', () => {
  assert.equal(readHttpPage(octets(`<html><title>${'x'.repeat(5000)}</title>`)).title?.length, 120)
  assert.equal(readHttpPage(octets(`{"issuer":"${'x'.repeat(5000)}"}`)).members['issuer']?.length, 300)
})

test('members that belong to the language are not taken for the document’s own', () => {
  assert.deepEqual(readHttpPage(octets('["issuer"]')).members, {})
  assert.deepEqual(readHttpPage(octets('{"__proto__":{"issuer":"x"}}')).members, {})
})

test('a body made of unfinished tags is read at once', () => {
  const metadata = '<EntityDescriptor entityID="urn:a">'
  const behind = ['<', '<a:', '<SingleSignOnService ', '<SingleSignOnService Location="'].map((piece) =>
    piece.repeat(100_000),
  )
  for (const body of behind) assert.equal(readHttpPage(octets(metadata + body)).kind, 'xml')
  for (const piece of [
    '[',
    '{"issuer":',
    '<title',
    '<EntityDescriptor ',
    '<a:EntityDescriptor entityID=',
    '&amp;',
    '<html><title>&',
  ]) {
    const { kind } = readHttpPage(octets(piece.repeat(150_000)))
    assert.ok(kind === 'html' || kind === 'xml' || kind === 'text')
  }
})

test('any octets give a page that prints safely', () => {
  const pieces = fc.constantFrom(
    '<html>',
    '<title>',
    '</title>',
    '{',
    '"issuer":"',
    '"}',
    '<?xml?>',
    '<EntityDescriptor',
    ' entityID="',
    '"><SingleSignOnService',
    ' Location="',
  )
  const anyText = fc
    .array(fc.oneof(pieces, fc.string({ unit: 'binary' })), { maxLength: 12 })
    .map((parts) => parts.join(''))
  const anyBody = fc.oneof(fc.uint8Array({ maxLength: 300 }), anyText.map(octets))
  fc.assert(
    fc.property(anyBody, fc.string(), (body, type) => {
      const { bytes, title = '', members } = readHttpPage(body, type)
      assert.equal(bytes, body.length)
      assert.ok(title.length <= 120)
      for (const text of [title, ...Object.values(members)]) assert.doesNotMatch(text, /\p{Cc}/u)
    }),
    { numRuns: 2000 },
  )
})
