import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { makeCertificate } from '../../test/pki.ts'
import type { BoundedFetchOptions, FetchFailure } from './boundedFetch.ts'
import { createBoundedFetch, FetchFailed } from './boundedFetch.ts'

const host = 'login.corp.example'
const poison = 'POISON-4711'
const root = await makeCertificate({ subject: 'CN=Test Root', ca: true })
const leaf = await makeCertificate({
  subject: `CN=${host}`,
  issuer: root,
  servesTls: true,
  names: [{ type: 'dns', value: host }],
})

/** A server for the host, and a fetch that is led to it. */
async function serve(t: TestContext, answer: RequestListener, over: Partial<BoundedFetchOptions> = {}) {
  const asked: string[] = []
  const server = createServer({ key: leaf.keyPem, cert: leaf.pem }, (request, response) => {
    asked.push(`${request.method} ${request.headers.host} ${request.url}`)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening', { signal: t.signal })
  const { port } = server.address() as AddressInfo
  const ending = new AbortController()
  const fetcher = createBoundedFetch({
    hosts: [host],
    names: { [host]: `127.0.0.1:${port}`, 'other.corp.example': `127.0.0.1:${port}` },
    trust: [root.pem],
    userAgent: 'postern/test',
    signal: ending.signal,
    ...over,
  })
  t.after(async () => {
    await fetcher.close()
    server.closeAllConnections()
    server.close()
  })
  return { fetcher, asked, port, ending }
}

async function whyNot(question: Promise<unknown>): Promise<FetchFailure | 'answered'> {
  try {
    await question
    return 'answered'
  } catch (error) {
    assert.ok(error instanceof FetchFailed, String(error))
    assert.equal(`${error.message} ${error.stack} ${JSON.stringify(error)} ${error.cause}`.includes(poison), false)
    return error.why
  }
}

test('a place is asked where the site says that it is served, by its own name, with what is to be sent', async (t) => {
  const { fetcher, asked } = await serve(t, (request, response) => {
    request.setEncoding('utf8')
    request.on('data', (body) => response.writeHead(201, { 'x-got': request.headers['user-agent'] }).end(`${body}!`))
  })
  const answer = await fetcher.fetch(`https://${host}/token`, { method: 'POST', body: 'a=b' })
  assert.deepEqual([answer.status, answer.headers.get('x-got'), await answer.text()], [201, 'postern/test', 'a=b!'])
  assert.deepEqual(asked, [`POST ${host} /token`])
})

test('a redirect is not followed', async (t) => {
  const { fetcher, asked } = await serve(t, (_request, response) => {
    response.writeHead(302, { location: `https://${host}/elsewhere` }).end()
  })
  assert.equal((await fetcher.fetch(`https://${host}/`)).status, 302)
  assert.equal(await whyNot(fetcher.fetchJson(`https://${host}/`)), 'not-json')
  assert.equal(asked.length, 2)
})

test('10 MB are not read, whether they are announced or not', async (t) => {
  const { fetcher } = await serve(t, (request, response) => {
    if (request.url === '/announced') response.setHeader('content-length', 10_485_760)
    const send = (left: number): void => {
      if (left === 0 || response.destroyed) response.end()
      else response.write(Buffer.alloc(65_536, 'x'), () => send(left - 1))
    }
    send(160)
  })
  for (const path of ['announced', 'streamed']) {
    assert.equal(await whyNot(fetcher.fetch(`https://${host}/${path}`)), 'too-large', path)
  }
})

test('what hangs before its head or within its body ends by the time-out', async (t) => {
  const { fetcher } = await serve(
    t,
    (request, response) => {
      if (request.url === '/body') response.writeHead(200).write('{')
    },
    { timeoutMs: 150 },
  )
  assert.equal(await whyNot(fetcher.fetch(`https://${host}/head?code=${poison}`)), 'timed-out')
  assert.equal(await whyNot(fetcher.fetch(`https://${host}/body`)), 'timed-out')
})

test('a question ends with its own signal, and with that of all', async (t) => {
  const { fetcher, ending } = await serve(t, () => {})
  const own = new AbortController()
  const asking = whyNot(fetcher.fetch(`https://${host}/`, { signal: own.signal }))
  own.abort()
  assert.equal(await asking, 'aborted')
  const another = whyNot(fetcher.fetch(`https://${host}/`))
  ending.abort()
  assert.equal(await another, 'aborted')
})

test('only the places that are listed are asked, over TLS', async (t) => {
  const { fetcher, asked, port } = await serve(t, (_request, response) => response.end('{}'))
  for (const url of [
    `http://${host}/`,
    'https://other.corp.example/',
    `https://${host}:${port}/`,
    `https://user:${poison}@${host}/`,
    `https://${host}.evil.example/`,
    'file:///etc/passwd',
    'nonsense',
  ]) {
    assert.equal(await whyNot(fetcher.fetch(url)), 'not-allowed', url)
  }
  assert.deepEqual(asked, [])
})

test('a certificate of another name, and one of a CA that nobody trusts, ends the question before it is sent', async (t) => {
  const wrongName = await serve(t, (_request, response) => response.end('{}'), { hosts: ['other.corp.example'] })
  assert.equal(await whyNot(wrongName.fetcher.fetch(`https://other.corp.example/?code=${poison}`)), 'untrusted')
  const untrusted = await serve(t, (_request, response) => response.end('{}'), { trust: [] })
  assert.equal(await whyNot(untrusted.fetcher.fetch(`https://${host}/`)), 'untrusted')
  assert.deepEqual([...wrongName.asked, ...untrusted.asked], [])
})

test('JSON is what is whole, JSON, and a 200', async (t) => {
  const { fetcher } = await serve(t, ({ url }, response) => {
    if (url === '/good') response.end('{"a":1}')
    else if (url === '/500') response.writeHead(500).end('{}')
    else if (url === '/cut') response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy())
    else response.end(`<html>${poison}`)
  })
  assert.deepEqual(await fetcher.fetchJson(`https://${host}/good`), { a: 1 })
  assert.equal(await whyNot(fetcher.fetchJson(`https://${host}/500`)), 'not-json')
  assert.equal(await whyNot(fetcher.fetchJson(`https://${host}/html`)), 'not-json')
  assert.equal(await whyNot(fetcher.fetchJson(`https://${host}/cut`)), 'unreachable')
})

test('where whoever asks says where, TLS is still asked for unless it is said otherwise, and no user is sent along', async (t) => {
  const anywhere = await serve(t, (_request, response) => response.end('{}'), { hosts: 'any' })
  assert.equal((await anywhere.fetcher.fetch(`https://${host}/`)).status, 200)
  assert.equal(await whyNot(anywhere.fetcher.fetch(`http://${host}/`)), 'not-allowed')
  assert.equal(await whyNot(anywhere.fetcher.fetch(`https://user:${poison}@${host}/`)), 'not-allowed')
})

test('a question has its own time-out below that of all, also before there is a connection', async (t) => {
  const silent = createTcpServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening', { signal: t.signal })
  t.after(() => silent.close())
  const { port } = silent.address() as AddressInfo
  const { fetcher } = await serve(t, () => {}, { names: { [host]: `127.0.0.1:${port}` }, timeoutMs: 60_000 })
  assert.equal(await whyNot(fetcher.fetch(`https://${host}/`, { timeoutMs: 150 })), 'timed-out')
})

test('of a body that is longer than is read the beginning counts where it is said so', async (t) => {
  const { fetcher } = await serve(t, (_request, response) => response.end('x'.repeat(100_000)), {
    ...{ mostOctets: 1000, cutsLong: true },
  })
  const answer = await fetcher.fetch(`https://${host}/`)
  assert.deepEqual([answer.status, (await answer.text()).length], [200, 1000])
})
