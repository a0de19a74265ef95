import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttp, request as httpRequest } from 'node:http'
import { connect as connectHttp2, constants, createServer as createHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { backendOf, openFront, recordingServer } from '../../../test/backendRig.ts'
import type { ListenedRequest, ListenedResponse } from '../listened.ts'

for (const protocol of ['http/1.1', 'h2'] as const) {
  test(`a client of ${protocol} that left before its request is sent on costs no server anything`, async (t) => {
    const app = await recordingServer(t, () => {})
    const { backends } = await openFront(t, backendOf([app.url]))
    const taken = Promise.withResolvers<readonly [ListenedRequest, ListenedResponse]>()
    const take = (request: ListenedRequest, response: ListenedResponse): void => taken.resolve([request, response])
    const server = protocol === 'h2' ? createHttp2(take) : createHttp(take)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => void server.close())
    const { port } = server.address() as AddressInfo
    const leave = clientOf(protocol, port, t.signal)
    const [request, response] = await taken.promise
    const closed = once(response, 'close')
    leave()
    await closed
    const plan = { backend: 'app', method: 'GET', path: '/', headers: [], signal: t.signal }
    const went = await backends.forward({ ...plan, bodyLimits: { octets: 0, idleSeconds: 1 } }, request, response)
    assert.deepEqual([went.reason, went.status, app.came.join('')], ['client-gone', undefined, ''])
  })
}

/** Asks once; returns what has the client leave. */
function clientOf(protocol: 'http/1.1' | 'h2', port: number, signal: AbortSignal): () => void {
  if (protocol === 'http/1.1') {
    const request = httpRequest({ port, host: '127.0.0.1', signal })
    request.on('error', () => {}).end()
    return () => void request.destroy()
  }
  const client = connectHttp2(`http://127.0.0.1:${port}`)
  client.on('error', () => {})
  const stream = client.request({ ':path': '/' }, { signal })
  stream.on('error', () => {})
  return () => {
    stream.close(constants.NGHTTP2_CANCEL)
    stream.once('close', () => client.close())
  }
}
