import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { servePages } from './servePages.ts'

const page = (path: string) => ({
  status: path === '/' ? 200 : 404,
  type: 'text/html; charset=utf-8',
  body: `<p>${path}`,
})

async function opened(t: { after(end: () => Promise<void>): void }) {
  const served = await servePages(0, page)
  assert.ok('ok' in served)
  t.after(() => served.ok.close())
  return served.ok
}

function ask(
  url: string,
  options: { method?: string; host?: string },
): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      url,
      { method: options.method ?? 'GET', headers: options.host === undefined ? {} : { host: options.host } },
      (response) => {
        let body = ''
        response.on('data', (part: Buffer) => {
          body += part.toString()
        })
        response.on('end', () => resolve({ status: response.statusCode, body }))
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}

test('a page is served to this machine, without its query in the path', async (t) => {
  const { url } = await opened(t)
  assert.deepEqual(await ask(`${url}/?a=1`, {}), { status: 200, body: '<p>/' })
  assert.equal((await ask(`${url}/other`, {})).status, 404)
})

test('a request that names another host is refused, so that no foreign name leads here', async (t) => {
  const { url } = await opened(t)
  assert.equal((await ask(url, { host: 'attacker.example' })).status, 421)
  assert.equal((await ask(url, { host: 'localhost:1' })).status, 200)
})

test('nothing can be sent: only GET and HEAD are answered', async (t) => {
  const { url } = await opened(t)
  assert.equal((await ask(url, { method: 'POST' })).status, 405)
  assert.deepEqual(await ask(url, { method: 'HEAD' }), { status: 200, body: '' })
})

test('a port that is taken is said, not thrown', async (t) => {
  const { url } = await opened(t)
  assert.deepEqual(await servePages(Number(new URL(url).port), page), { error: 'EADDRINUSE' })
})
