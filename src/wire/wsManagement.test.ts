import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { identifyRequest, readWsManAnswer } from './wsManagement.ts'

const soap = 'http://www.w3.org/2003/05/soap-envelope'
const identity = 'http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd'
const protocol = 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd'
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** An IdentifyResponse with prefixes for the names of SOAP and of the identity; `''` is the default namespace. */
const response = (s: string, w: string): string => {
  const [e, i] = [s, w].map((prefix) => (prefix === '' ? '' : `${prefix}:`))
  const [declareSoap, declareIdentity] = [s, w].map((prefix) => (prefix === '' ? 'xmlns' : `xmlns:${prefix}`))
  return [
    `<${e}Envelope ${declareSoap}="${soap}"><${e}Header/><${e}Body>`,
    `<${i}IdentifyResponse ${declareIdentity}="${identity}">`,
    `<${i}ProtocolVersion>${protocol}</${i}ProtocolVersion>`,
    `<${i}ProductVendor>Microsoft Corporation</${i}ProductVendor>`,
    `<${i}ProductVersion>OS: 0.0.0 SP: 0.0 Stack: 3.0</${i}ProductVersion>`,
    `</${i}IdentifyResponse></${e}Body></${e}Envelope>`,
  ].join('')
}

/** What Windows Remote Management 3.0 answers to who does not sign in. */
const windows = response('s', 'wsmid')
const identified = {
  kind: 'identified',
  protocol,
  vendor: 'Microsoft Corporation',
  version: 'OS: 0.0.0 SP: 0.0 Stack: 3.0',
}
const nothing = { kind: 'other', why: 'status 200, and nothing in the answer is of WS-Management' }

const ok = (body: string): ReturnType<typeof readWsManAnswer> =>
  readWsManAnswer({ status: 200, headers: {}, body: utf8(body) })

test('the request asks for Identify in SOAP 1.2, and says that no sign-in follows', () => {
  assert.deepEqual(identifyRequest, {
    method: 'POST',
    path: '/wsman',
    headers: { 'Content-Type': 'application/soap+xml;charset=UTF-8', WSMANIDENTIFY: 'unauthenticated' },
    body: `<s:Envelope xmlns:s="${soap}" xmlns:wsmid="${identity}"><s:Header/><s:Body><wsmid:Identify/></s:Body></s:Envelope>`,
  })
})

/**
 * Bodies as they came from Windows, to who did not sign in: with 3.0 as Greenbone's detection of WS-Management keeps it
 * (Server 2012 and later), with 2.0 as the tests of knife-windows do (7 and Server 2008 R2).
 */
const fromWindows = (stack: '3.0' | '2.0'): string =>
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body><wsmid:IdentifyResponse xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"><wsmid:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd</wsmid:ProtocolVersion><wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor><wsmid:ProductVersion>OS: 0.0.0 SP: 0.0 Stack: ${stack}</wsmid:ProductVersion></wsmid:IdentifyResponse></s:Body></s:Envelope>`

test('what Windows answered is read, and the answer that is varied here is the same, octet by octet', () => {
  assert.equal(windows, fromWindows('3.0'))
  assert.deepEqual(ok(fromWindows('2.0')), { ...identified, version: 'OS: 0.0.0 SP: 0.0 Stack: 2.0' })
})

for (const { what, body } of [
  { what: 'as Windows writes it', body: windows },
  { what: 'with a declaration, lines and a mark of byte order', body: `\ufeff<?xml version="1.0"?>\n${windows}\n` },
  { what: 'with other prefixes', body: response('wsmid', 's') },
  { what: 'with one prefix for both', body: response('x', 'x') },
  { what: 'with namespaces for names without a prefix', body: response('', '') },
  {
    what: 'with its namespace declared further out',
    body: windows.replace(':wsmid=', ':other=').replace('Envelope', `Envelope xmlns:wsmid="${identity}"`),
  },
  { what: 'in SOAP 1.1', body: windows.replaceAll(soap, 'http://schemas.xmlsoap.org/soap/envelope/') },
  { what: 'with a CDATA section', body: windows.replace('Microsoft Corporation', '<![CDATA[Microsoft ]]>Corporation') },
]) {
  test(`an IdentifyResponse is read ${what}`, () => assert.deepEqual(ok(body), identified))
}

test('an IdentifyResponse in UTF-16 is read', () => {
  const body = Uint8Array.from(Buffer.from(`\ufeff${windows}`, 'utf16le'))
  assert.deepEqual(readWsManAnswer({ status: 200, headers: {}, body }), identified)
})

test('what an IdentifyResponse does not say is absent; what it says is one line of 120 characters', () => {
  const bare = `<e:Envelope xmlns:e="${soap}"><e:Body><IdentifyResponse xmlns="${identity}"/></e:Body></e:Envelope>`
  assert.deepEqual(ok(bare), { kind: 'identified' })
  const long = `<ProductVendor>a\n&#x85;b<x>no</x>${'c'.repeat(200)}</ProductVendor>`
  assert.deepEqual(ok(bare.replace('"/></e:Body>', `">${long}</IdentifyResponse></e:Body>`)), {
    kind: 'identified',
    vendor: `a b${'c'.repeat(117)}`,
  })
})

for (const { what, body } of [
  { what: 'our own request', body: identifyRequest.body },
  { what: 'a response in another namespace', body: windows.replace(identity, 'http://example.com/') },
  { what: 'a response with a prefix that is not declared', body: windows.replace('xmlns:wsmid', 'xmlns:other') },
  { what: 'what is no envelope', body: windows.replaceAll('Envelope', 'Letter') },
  { what: 'an envelope in no namespace of SOAP', body: windows.replace(soap, 'http://example.com/') },
  { what: 'a response outside the body', body: windows.replaceAll('s:Body', 's:Header') },
  {
    what: 'a response in a comment',
    body: windows.replace('<wsmid:IdentifyR', '<!--').replace('</s:Body>', '--></s:Body>'),
  },
  { what: 'a page', body: '<!doctype html><title>wsmid:IdentifyResponse</title>' },
  {
    what: 'an entity of its own',
    body: `<!DOCTYPE x [<!ENTITY v "Microsoft">]>${windows.replace('Microsoft', '&v;')}`,
  },
  { what: 'XML that is cut short', body: windows.slice(0, -1) },
  { what: 'elements nested without an end', body: '<a>'.repeat(20_000) },
  {
    what: 'a body of more than 64 KiB',
    body: windows.replace('<s:Header/>', `<s:Header>${' '.repeat(65_536)}</s:Header>`),
  },
  { what: 'nothing', body: '' },
]) {
  test(`${what} identifies nobody`, () => assert.deepEqual(ok(body), nothing))
}

test('a response under another status than 200 identifies nobody', () => {
  const answer = readWsManAnswer({ status: 500, headers: {}, body: utf8(windows) })
  assert.equal(answer.kind, 'other')
})

test('the reason of a fault is read, in SOAP 1.2 and 1.1', () => {
  const fault = `<s:Envelope xmlns:s="${soap}"><s:Body><s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text xml:lang="en-US">Access is
    denied.</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>`
  const old = `<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body><S:Fault><faultcode>S:Server</faultcode><faultstring>Access is denied.</faultstring></S:Fault></S:Body></S:Envelope>`
  for (const body of [fault, old]) {
    const answer = readWsManAnswer({ status: 500, headers: {}, body: utf8(body) })
    assert.deepEqual(answer, { kind: 'fault', reason: 'Access is denied.' })
  }
  const bare = fault.replace(/<s:Reason>.*<\/s:Reason>/s, '')
  assert.deepEqual(readWsManAnswer({ status: 500, headers: {}, body: utf8(bare) }), { kind: 'fault' })
})

for (const { what, status, headers, answer } of [
  {
    what: '401 of Windows with Negotiate',
    status: 401,
    headers: { server: 'Microsoft-HTTPAPI/2.0', 'www-authenticate': 'Negotiate' },
    answer: { kind: 'asks-for-sign-in', schemes: ['Negotiate'] },
  },
  {
    what: '401 of Windows with several schemes',
    status: 401,
    headers: {
      server: 'Microsoft-HTTPAPI/2.0',
      'www-authenticate': 'Negotiate, Kerberos, CredSSP, Basic realm="WSMAN", Basic',
    },
    answer: { kind: 'asks-for-sign-in', schemes: ['Negotiate', 'Kerberos', 'CredSSP', 'Basic'] },
  },
  {
    what: '401 of Windows with Basic alone',
    status: 401,
    headers: { server: 'Microsoft-HTTPAPI/2.0', 'www-authenticate': 'Basic realm="x"' },
    answer: { kind: 'other', why: 'status 401, and nothing in the answer is of WS-Management' },
  },
  {
    what: '401 of IIS',
    status: 401,
    headers: { server: 'Microsoft-IIS/10.0', 'www-authenticate': 'Negotiate' },
    answer: { kind: 'other', why: 'status 401, and nothing in the answer is of WS-Management' },
  },
  {
    what: '401 of nobody',
    status: 401,
    headers: {},
    answer: { kind: 'other', why: 'status 401, and nothing in the answer is of WS-Management' },
  },
  {
    what: '404 of Windows',
    status: 404,
    headers: { server: 'Microsoft-HTTPAPI/2.0' },
    answer: { kind: 'not-registered', status: 404 },
  },
  {
    what: '503 of Windows',
    status: 503,
    headers: { server: 'Microsoft-HTTPAPI/2.0' },
    answer: { kind: 'not-registered', status: 503 },
  },
  {
    what: '404 of another server',
    status: 404,
    headers: { server: 'nginx' },
    answer: { kind: 'other', why: 'status 404, and nothing in the answer is of WS-Management' },
  },
]) {
  test(`${what}: ${answer.kind}`, () => {
    assert.deepEqual(readWsManAnswer({ status, headers, body: utf8('<h1>no</h1>') }), answer)
  })
}

test('any prefix of a response identifies nobody', () => {
  for (let cut = 0; cut < windows.length; cut += 1) assert.equal(ok(windows.slice(0, cut)).kind, 'other', `${cut}`)
})

test('any body, and any response with an octet changed, gives a value that prints', () => {
  const sound = utf8(windows)
  const changed = fc.tuple(fc.nat(sound.length - 1), fc.nat(255)).map(([at, octet]) => sound.with(at, octet))
  const piece = fc.constantFrom(
    '<',
    '>',
    '/',
    's:',
    'Envelope',
    'Body',
    '"',
    ' ',
    '=',
    'xmlns',
    ':',
    soap,
    '&',
    ';',
    '<!--',
    ']]>',
  )
  const markup = fc.array(piece, { maxLength: 40 }).map((pieces) => utf8(pieces.join('')))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), markup, changed), fc.nat(999), (body, status) => {
      const answer = readWsManAnswer({ status, headers: { server: 'Microsoft-HTTPAPI/2.0' }, body })
      assert.doesNotMatch(Object.values(answer).join(''), /[\p{Cc}\p{Cf}\p{Cs}]/u)
      assert.ok(Object.values(answer).every((value) => typeof value === 'number' || value.length <= 240))
    }),
    { numRuns: 1000 },
  )
})
