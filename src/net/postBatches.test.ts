import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { postBatches } from './postBatches.ts'

/** A server that answers each question as it is told, and keeps what came. */
async function openTaker(t: TestContext, answer: (response: ServerResponse, turn: number) => void) {
  const bodies: string[] = []
  const server = createServer((asked, response) => {
    let body = ''
    asked.on('data', (part: Buffer) => {
      body += part.toString()
    })
    asked.once('end', () => answer(response, bodies.push(body)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, bodies }
}

const usual = (t: TestContext, url: string) => ({
  ...{ url, trust: [], userAgent: 'postern/1.2.3', retryMs: 1, everyMs: 5, signal: t.signal },
  format: (batch: readonly object[]) => JSON.stringify(batch),
})
const things = (count: number): readonly { readonly at: number }[] => Array.from({ length: count }, (_, at) => ({ at }))

test('what is given goes in batches, in its order, and the last one before it ends', async (t) => {
  const { url, bodies } = await openTaker(t, (response) => void response.end('{}'))
  const posted = postBatches({ ...usual(t, url), mostOfBatch: 3 })
  for (const one of things(8)) posted.take(one)
  await posted.close()
  const came = bodies.map((body) => JSON.parse(body) as readonly object[])
  assert.deepEqual(came.flat(), things(8))
  assert.ok(came.every(({ length }) => length <= 3))
  posted.take({ at: 9 })
  assert.equal(bodies.length, came.length)
})

test('what waits has a bound: above it things are left out and counted, and it is said once', async (t) => {
  const held: ServerResponse[] = []
  const { url } = await openTaker(t, (response) => void held.push(response))
  const news: object[] = []
  const posted = postBatches({ ...usual(t, url), mostOfBatch: 2, mostWaiting: 5, onNews: (one) => void news.push(one) })
  for (const one of things(100)) posted.take(one)
  assert.deepEqual(news, [{ leftOut: 1, isWell: false }])
  await posted.close()
})

const refused: readonly [status: number, questions: number][] = [
  [503, 3],
  [429, 3],
  [400, 1],
  [301, 1],
]
for (const [status, questions] of refused) {
  test(`a server that answers ${status} is asked ${questions === 1 ? 'once' : 'three times'}, and its batch left out`, async (t) => {
    const { url, bodies } = await openTaker(t, (response) => void response.writeHead(status, { location: '/' }).end())
    const news: object[] = []
    const posted = postBatches({ ...usual(t, url), onNews: (one) => void news.push(one) })
    posted.take({ at: 1 })
    await posted.close()
    assert.deepEqual([bodies.length, news], [questions, [{ leftOut: 1, isWell: false }]])
  })
}

test('with nobody there it ends all the same, and with its signal at once', async (t) => {
  const { url } = await openTaker(t, () => {})
  const ending = new AbortController()
  const posted = postBatches({ ...usual(t, url), signal: ending.signal })
  posted.take({ at: 1 })
  ending.abort()
  await posted.close()
})
