import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import fc from 'fast-check'
import { makeChain } from '../pki.ts'
import { said } from './said.ts'
import type { WinrmOptions } from './winrm.ts'
import { openWinrm } from './winrm.ts'

async function winrm(t: TestContext, options: WinrmOptions = {}): Promise<number> {
  const standIn = await openWinrm({ address: '127.0.0.1', port: 0 }, options)
  t.after(() => standIn.close())
  return standIn.port
}

/** Identify as DSP0226 §11 writes it. */
const identify = `<?xml version="1.0"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
    xmlns:wsmid="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd">
  <s:Header/>
  <s:Body><wsmid:Identify/></s:Body>
</s:Envelope>`

interface Asked {
  readonly method?: string
  readonly path?: string
  readonly fields?: readonly string[]
  readonly body?: string
}

const usual = ['Content-Type: application/soap+xml;charset=UTF-8', 'WSMANIDENTIFY: unauthenticated']

function request({ method = 'POST', path = '/wsman', fields = usual, body = identify }: Asked = {}): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, 'Host: dc1.corp.example:5985', 'Connection: close', ...fields]
  return Buffer.from([...head, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'))
}

interface Heard {
  readonly status: number
  readonly fields: readonly string[]
  readonly body: string
}

function heardIn(octets: Buffer): Heard {
  const [head = '', ...rest] = octets.toString('utf8').split('\r\n\r\n')
  const [first = '', ...fields] = head.split('\r\n')
  return { status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]), fields, body: rest.join('\r\n\r\n') }
}

/** No answer has so many octets: all is heard until the server ends the connection. */
const all = { awaits: 1_000_000 }
const ask = async (port: number, asked: Asked = {}): Promise<Heard> => heardIn(await said(port, request(asked), all))

function assertIdentified({ status, fields, body }: Heard): void {
  assert.equal(status, 200)
  assert.ok(fields.includes('Server: Microsoft-HTTPAPI/2.0'))
  assert.ok(fields.includes('Content-Type: application/soap+xml;charset=UTF-8'))
  assert.match(body, /^<s:Envelope [^>]*xmlns:s="http:\/\/www\.w3\.org\/2003\/05\/soap-envelope"/)
  assert.match(body, /<wsmid:ProductVendor>Microsoft Corporation<\/wsmid:ProductVendor>/)
  assert.match(body, /<wsmid:ProductVersion>OS: 0\.0\.0 SP: 0\.0 Stack: 3\.0<\/wsmid:ProductVersion>/)
}

test('who says that no sign-in follows is told the product, and zeros for its version', async (t) => {
  const port = await winrm(t)
  assertIdentified(await ask(port))
  assertIdentified(await ask(port, { path: '/WSMAN?x' }))
  assertIdentified(heardIn(await said(port, request(), { ...all, piece: 7 })))
  const otherPrefixes = identify.replaceAll('wsmid', 'i').replaceAll(/(<\/?|xmlns:)s\b/g, '$1e')
  assertIdentified(await ask(port, { body: otherPrefixes }))
})

test('inside TLS the same is answered', async (t) => {
  const { root, intermediate, leaf } = await makeChain()
  const port = await winrm(t, { certificate: { cert: leaf.pem + intermediate.pem, key: leaf.keyPem } })
  const tls = { ca: root.pem, name: 'localhost' }
  assertIdentified(heardIn(await said(port, request(), { ...all, tls })))
  assert.deepEqual(heardIn(await said(port, request(), all)).status, Number.NaN)
})

const elsewhere = 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd'
for (const { what, asked, status, field } of [
  { what: 'another path', asked: { path: '/' }, status: 404 },
  { what: 'a path that only begins so', asked: { path: '/wsmanager' }, status: 404 },
  { what: 'GET', asked: { method: 'GET', body: '' }, status: 405, field: 'Allow: POST' },
  { what: 'nothing of Identify in the header', asked: { fields: usual.slice(0, 1) }, status: 401 },
  { what: 'Identify with a sign-in', asked: { fields: [usual[0] ?? '', 'WSMANIDENTIFY: x'] }, status: 401 },
  { what: 'another type', asked: { fields: ['Content-Type: text/xml', usual[1] ?? ''] }, status: 415 },
  { what: 'another question', asked: { body: identify.replace('<wsmid:Identify/>', '<wsmid:Get/>') }, status: 401 },
  { what: 'two questions', asked: { body: identify.replace('<wsmid:', '<wsmid:Get/><wsmid:') }, status: 401 },
  {
    what: 'Identify of another namespace',
    asked: { body: identify.replace(/http:.*dmtf[^"]*/, elsewhere) },
    status: 401,
  },
  { what: 'SOAP 1.1', asked: { body: identify.replace('www.w3.org/2003/05', 'schemas.xmlsoap.org') }, status: 401 },
  { what: 'no XML', asked: { body: 'identify!' }, status: 401 },
  { what: 'elements nested without an end', asked: { body: '<a>'.repeat(15_000) }, status: 401 },
  { what: 'a body of more than 64 KiB', asked: { body: identify.padEnd(70_000) }, status: 413 },
] as const) {
  test(`${what} is met with ${status} of Windows' own HTTP service`, async (t) => {
    const heard = await ask(await winrm(t), asked)
    assert.equal(heard.status, status)
    assert.ok(heard.fields.includes('Server: Microsoft-HTTPAPI/2.0'))
    if (status === 401) assert.ok(heard.fields.includes('WWW-Authenticate: Negotiate'))
    if (field !== undefined) assert.ok(heard.fields.includes(field))
    assert.doesNotMatch(heard.body, /IdentifyResponse/)
  })
}

for (const { conduct, path, status, server } of [
  { conduct: 'only-sign-in', path: '/wsman', status: 401, server: 'Microsoft-HTTPAPI/2.0' },
  { conduct: 'only-sign-in', path: '/', status: 404, server: 'Microsoft-HTTPAPI/2.0' },
  { conduct: 'not-registered', path: '/wsman', status: 404, server: 'Microsoft-HTTPAPI/2.0' },
  { conduct: 'stopped', path: '/wsman', status: 503, server: 'Microsoft-HTTPAPI/2.0' },
  { conduct: 'another-web-server', path: '/wsman', status: 405, server: 'nginx' },
  { conduct: 'captive-page', path: '/wsman', status: 200, server: undefined },
] as const) {
  test(`what is told to be ${conduct} answers ${path} with ${status}`, async (t) => {
    const heard = await ask(await winrm(t, { conduct }), { path })
    assert.equal(heard.status, status)
    const named = heard.fields.find((field) => field.startsWith('Server: '))
    assert.equal(named, server && `Server: ${server}`)
    assert.doesNotMatch(heard.body, /IdentifyResponse/)
  })
}

test('any octets and any body are met with HTTP or the end, and the next one is answered', async (t) => {
  const port = await winrm(t)
  const posted = fc.string({ maxLength: 300 }).map((body) => request({ body }))
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), posted), async (octets) => {
      const heard = (await said(port, octets)).toString('latin1')
      assert.ok(heard === '' || /^HTTP\/1\.1 4\d\d /.test(heard), heard)
    }),
    { numRuns: 60 },
  )
  assertIdentified(await ask(port))
})
