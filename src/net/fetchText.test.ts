import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { makeChain } from '../../test/pki.ts'
import { endless, tcpServer, tlsServer } from '../../test/tcpServer.ts'
import { systemClock } from './clock.ts'
import { createNet } from './createNet.ts'
import type { FetchTools } from './fetchText.ts'
import { fetchText } from './fetchText.ts'
import { findWpad } from './wpad.ts'

const limits = { signal: new AbortController().signal, timeoutMs: 20_000 }

function toolsFor(names: Readonly<Record<string, string>>, site: readonly string[] = []): FetchTools {
  const net = createNet({ trust: { site, machine: [], node: [] }, userAgent: 'postern/test', names })
  return { net, names, clock: systemClock, userAgent: 'postern/test', maxBodyBytes: 100_000 }
}

async function httpServer(t: TestContext, answer: RequestListener): Promise<number> {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

test('a text is fetched where the site file says that its name is served, without what stands before the @', async (t) => {
  const asked: unknown[] = []
  const port = await httpServer(t, (request, response) => {
    asked.push([request.url, request.headers.host, request.headers.authorization])
    response.end('function FindProxyForURL() {}')
  })
  const tools = toolsFor({ 'pac.corp.example': `127.0.0.1:${port}` })
  const fetched = await fetchText(new URL('http://svc:hunter2@pac.corp.example/a.pac?v=1'), tools, limits)
  assert.deepEqual(fetched, { kind: 'text', text: 'function FindProxyForURL() {}' })
  assert.deepEqual(asked, [['/a.pac?v=1', 'pac.corp.example', undefined]])
})

test('a redirect is told and not followed', async (t) => {
  const port = await httpServer(t, (_, response) => {
    response.writeHead(302, { location: 'http://elsewhere.example/' }).end()
  })
  const fetched = await fetchText(new URL(`http://127.0.0.1:${port}/`), toolsFor({}), limits)
  assert.deepEqual(fetched, { kind: 'failed', why: 'the server answered 302' })
})

test('an answer without end is cut, and one that is no HTTP is told', async (t) => {
  const unending = await httpServer(t, (_, response) => {
    const timer = setInterval(() => response.write('x'.repeat(50_000)), 1)
    response.on('close', () => clearInterval(timer))
  })
  const garbage = await tcpServer(t, (socket) => socket.end('220 mail.example ESMTP\r\n'))
  const why = async (port: number) => {
    const fetched = await fetchText(new URL(`http://127.0.0.1:${port}/`), toolsFor({}), limits)
    return fetched.kind === 'failed' ? fetched.why : undefined
  }
  assert.equal(await why(unending), 'no whole answer (too large)')
  assert.equal(await why(garbage.port), 'no whole answer (not http)')
})

test('a server that is silent ends with the time-out, and a port that is shut at once', async (t) => {
  const silent = await tcpServer(t, (socket) => socket.resume())
  const url = new URL(`http://127.0.0.1:${silent.port}/`)
  const fetched = await fetchText(url, toolsFor({}), { ...limits, timeoutMs: 100 })
  assert.match(fetched.kind === 'failed' ? fetched.why : '', /no answer in time/)
  await silent.idle()
  const stopped = await fetchText(url, toolsFor({}), { signal: AbortSignal.abort(), timeoutMs: 100 })
  assert.equal(stopped.kind, 'failed')
})

test('a script that comes in drips is told by how far it came', async (t) => {
  const dripping = await tcpServer(t, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      const drip = setInterval(() => socket.write('/'), 5)
      socket.once('close', () => clearInterval(drip))
    })
  })
  const url = new URL(`http://127.0.0.1:${dripping.port}/proxy.pac`)
  const fetched = await fetchText(url, toolsFor({}), { ...limits, timeoutMs: 200 })
  assert.match(fetched.kind === 'failed' ? fetched.why : '', /^no whole answer in time \(\d+ octets of it came\)$/)
  await dripping.idle()
})

test('a script behind 10 MB of header fields is not waited for', async (t) => {
  const server = await tcpServer(t, endless('HTTP/1.1 200 OK\r\n', Buffer.from(`X-Field: ${'a'.repeat(65_536)}\r\n`)))
  const fetched = await fetchText(new URL(`http://127.0.0.1:${server.port}/`), toolsFor({}), limits)
  assert.deepEqual(fetched, { kind: 'failed', why: 'no whole answer (too large)' })
  await server.idle()
})

test('over TLS only a certificate counts that this machine trusts for the name', async (t) => {
  const { leaf, root, intermediate } = await makeChain({ names: [{ type: 'dns', value: 'pac.corp.example' }] })
  const server = await tlsServer(t, { key: leaf.keyPem, cert: leaf.pem + intermediate.pem }, (socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
  })
  const names = { '*:443': `127.0.0.1:${server.port}` }
  const fetched = (host: string, site: readonly string[]) =>
    fetchText(new URL(`https://${host}/a.pac`), toolsFor(names, site), limits)
  assert.deepEqual(await fetched('pac.corp.example', [root.pem]), { kind: 'text', text: 'ok' })
  const refused = { kind: 'failed', why: 'its certificate is not one that this machine trusts for the name' }
  assert.deepEqual(await fetched('pac.corp.example', []), refused)
  assert.deepEqual(await fetched('other.corp.example', [root.pem]), refused)
})

test('only http and https are fetched', async () => {
  assert.deepEqual(await fetchText(new URL('file:///etc/passwd'), toolsFor({}), limits), {
    kind: 'failed',
    why: 'file: is not fetched',
  })
})

test('WPAD: the script of the domain is found by its name, and no domain above is tried', async (t) => {
  const asked: unknown[] = []
  const port = await httpServer(t, (request, response) => {
    asked.push([request.headers.host, request.url])
    response.end('the script')
  })
  const tools = toolsFor({ 'wpad.corp.example': `127.0.0.1:${port}` })
  assert.deepEqual(await findWpad('corp.example', tools, limits), {
    kind: 'script',
    url: 'http://wpad.corp.example/wpad.dat',
    script: 'the script',
  })
  assert.deepEqual(asked, [['wpad.corp.example', '/wpad.dat']])
})

test('WPAD: no such name is an answer, and a server without the file is another', async (t) => {
  const looked: string[] = []
  const { net, ...tools } = toolsFor({})
  const nothing: FetchTools = {
    ...tools,
    net: {
      ...net,
      async lookup(question) {
        looked.push(question.name)
        return { ...(await net.lookup({ ...question, name: 'localhost' }, limits)), outcome: 'name-error', answers: [] }
      },
    },
  }
  assert.deepEqual(await findWpad('sub.corp.example', nothing, limits), { kind: 'none', name: 'wpad.sub.corp.example' })
  assert.deepEqual(looked, ['wpad.sub.corp.example'])
  const port = await httpServer(t, (_, response) => response.writeHead(404).end())
  assert.deepEqual(await findWpad('corp.example', toolsFor({ 'wpad.corp.example': `127.0.0.1:${port}` }), limits), {
    kind: 'failed',
    url: 'http://wpad.corp.example/wpad.dat',
    why: 'the server answered 404',
  })
})
