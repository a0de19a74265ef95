import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import { createConnection } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { LabProxy, ProxyConduct } from './proxy.ts'
import { openProxy } from './proxy.ts'
import { loopback } from './zone.ts'

async function openBoth(t: TestContext): Promise<LabProxy> {
  const web = createHttp((request, response) => response.end(`web answers ${request.url}`))
  web.listen(0, loopback)
  await once(web, 'listening')
  t.after(() => web.close())
  const place = web.address()
  assert.ok(place !== null && typeof place === 'object')
  const proxy = await openProxy({
    address: loopback,
    port: 0,
    find: (name) => (name.endsWith('.example') ? { address: loopback, port: place.port } : undefined),
  })
  t.after(() => proxy.close())
  return proxy
}

/** Sends text, then more once a tunnel stands, and gives all that came until the end. */
async function say(proxy: LabProxy, text: string, inside = ''): Promise<string> {
  const socket = createConnection({ host: proxy.address, port: proxy.port })
  let came = ''
  let said = inside === ''
  socket.on('data', (chunk: Buffer) => {
    came += chunk.toString()
    if (said || !came.startsWith('HTTP/1.1 200')) return
    said = true
    socket.write(inside)
  })
  socket.write(text)
  await once(socket, 'close')
  return came
}

const connect = (authority: string, fields = ''): string =>
  `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${fields}\r\n`
const get = 'GET /x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n'
const getWhole = 'GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n'

test('a tunnel and a whole URL lead to the same server', async (t) => {
  const proxy = await openBoth(t)
  assert.match(
    await say(proxy, connect('a.example:443'), get),
    /established\r\n\r\nHTTP\/1\.1 200 OK.*web answers \/x/s,
  )
  assert.match(await say(proxy, getWhole), /^HTTP\/1\.1 200 OK.*via: .*web answers \/x/s)
})

const conducts: readonly { conduct: ProxyConduct; authority?: string; fields?: string; meets: RegExp }[] = [
  {
    conduct: { does: 'authenticate', schemes: ['Negotiate', 'Basic realm="x"'] },
    meets: /^HTTP\/1\.1 407 .*ERR_CACHE_ACCESS_DENIED.*Authenticate: Negotiate\r\nProxy-Authenticate: Basic/s,
  },
  {
    conduct: { does: 'authenticate', schemes: ['Basic realm="x"'], user: 'svc:right' },
    fields: 'Proxy-Authorization: Basic c3ZjOnJpZ2h0\r\n',
    meets: /established/,
  },
  {
    conduct: { does: 'authenticate', schemes: ['Basic realm="x"'], user: 'svc:right' },
    fields: 'Proxy-Authorization: Basic d3Jvbmc=\r\n',
    meets: /^HTTP\/1\.1 407/,
  },
  { conduct: { does: 'deny-names', names: ['a.example'] }, meets: /^HTTP\/1\.1 403 .*ERR_ACCESS_DENIED/s },
  { conduct: { does: 'deny-names', names: ['b.example'] }, meets: /established/ },
  { conduct: { does: 'allow-ports', ports: [443] }, authority: 'a.example:5671', meets: /^HTTP\/1\.1 403/ },
  { conduct: { does: 'allow-ports', ports: [443] }, meets: /established/ },
  { conduct: { does: 'relay' }, authority: 'nowhere.invalid:443', meets: /^HTTP\/1\.1 503 .*ERR_DNS_FAIL/s },
  { conduct: { does: 'fail-to-resolve' }, meets: /^HTTP\/1\.1 503 .*ERR_DNS_FAIL/s },
  { conduct: { does: 'answer-itself', title: 'Welcome' }, meets: /established.*<title>Welcome/s },
]

for (const { conduct, authority = 'a.example:443', fields, meets } of conducts) {
  test(`a proxy that is to ${conduct.does} answers ${authority} so: ${String(meets).slice(0, 40)}`, async (t) => {
    const proxy = await openBoth(t)
    const undo = proxy.conduct(conduct)
    assert.match(await say(proxy, connect(authority, fields), get), meets)
    undo()
    assert.match(await say(proxy, connect('a.example:443'), get), /web answers/)
  })
}

test('a server that is down is told as one, and not as a tunnel', async (t) => {
  const down = await openBoth(t)
  await down.shut()
  const proxy = await openProxy({ address: loopback, port: 0, find: () => ({ address: loopback, port: down.port }) })
  t.after(() => proxy.close())
  assert.match(await say(proxy, connect('a.example:443')), /^HTTP\/1\.1 503 .*ERR_CONNECT_FAIL/s)
})
