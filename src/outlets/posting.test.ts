import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import type { Received } from '../../test/outletRig.ts'
import { anAlert, holdsPoison, openedOutlet, openReceiver, toolsTo } from '../../test/outletRig.ts'
import type { ProxyConduct } from '../lab/servers/proxy.ts'
import { openProxy } from '../lab/servers/proxy.ts'
import type { Delivery } from './outlet.ts'

const kinds: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  slack: { url: 'env:SLACK' },
  teams: { url: 'env:TEAMS' },
  pagerduty: { key: 'env:KEY' },
  opsgenie: { key: 'env:KEY' },
  webhook: {
    url: 'https://alerts.corp.example/postern',
    secret: 'env:HMAC',
    headers: { Authorization: 'env:BEARER' },
  },
  otlp: { url: 'https://collector.corp.example/v1/logs', headers: { Authorization: 'env:BEARER' } },
}

async function sendOne(
  t: TestContext,
  kind: string,
  answer: (response: ServerResponse, asked: Received) => void,
  over: { readonly trusts?: boolean; readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
) {
  const { received, port } = await openReceiver(t, answer)
  const tools = await toolsTo(t, port, over)
  const outlet = await openedOutlet(kind, kinds[kind] ?? {}, tools)
  const { timeoutMs = 5000, signal = t.signal } = over
  const delivery = await outlet.send([{ kind: 'alert', alert: anAlert() }], { timeoutMs, signal })
  assert.equal(holdsPoison(delivery), false, JSON.stringify(delivery))
  return { delivery, received }
}

const answers: readonly {
  readonly when: string
  readonly answer: (response: ServerResponse, asked: Received) => void
  readonly delivery: Delivery
}[] = [
  {
    when: 'takes it',
    answer: (response) => response.writeHead(202).end('ok'),
    delivery: { kind: 'taken', says: 'answers 202: ok' },
  },
  {
    when: 'says that it is wrong',
    answer: (response) => response.writeHead(400).end('invalid_blocks'),
    delivery: { kind: 'refused', says: 'answers 400: invalid_blocks' },
  },
  {
    when: 'says back all that it was told',
    answer: (response, { path, headers, body }) =>
      response.writeHead(403).end(`${path} ${headers.authorization} ${/"routing_key":"[^"]*"/.exec(body)?.[0]}`),
    delivery: { kind: 'refused', says: 'answers 403: ' },
  },
  {
    when: 'has too much to do',
    answer: (response) => response.writeHead(429, { 'retry-after': '17' }).end(),
    delivery: { kind: 'later', says: 'answers 429', afterMs: 17_000 },
  },
  {
    when: 'has too much to do until a time',
    answer: (response) =>
      response.writeHead(503, { 'retry-after': new Date(1_800_000_090_000).toUTCString() }).end('soon'),
    delivery: { kind: 'later', says: 'answers 503: soon', afterMs: 90_000 },
  },
  {
    when: 'wants to be asked in a year',
    answer: (response) => response.writeHead(503, { 'retry-after': '31536000' }).end(),
    delivery: { kind: 'later', says: 'answers 503', afterMs: 3_600_000 },
  },
  {
    when: 'is broken',
    answer: (response) => response.writeHead(500).end('<html>\n<b>oops</b>\u001b[31m'),
    delivery: { kind: 'later', says: 'answers 500: <html> <b>oops</b> [31m' },
  },
  {
    when: 'sends elsewhere',
    answer: (response) => response.writeHead(307, { location: 'https://alerts.corp.example/elsewhere' }).end(),
    delivery: { kind: 'later', says: 'answers 307, and sends elsewhere: that is not followed' },
  },
]

for (const kind of Object.keys(kinds)) {
  for (const { when, answer, delivery: expected } of answers) {
    test(`${kind}: what becomes of it when the other side ${when}`, async (t) => {
      const { delivery, received } = await sendOne(t, kind, answer)
      assert.equal(received.length, 1)
      const { says, ...rest } = delivery
      const { says: begin, ...others } = expected
      assert.deepEqual(rest, others)
      assert.ok(says.startsWith(begin), says)
    })
  }

  test(`${kind}: an answer that is cut or hangs is no answer, and it is sent again later`, async (t) => {
    const cut = await sendOne(t, kind, (response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy())
    })
    const hangs = await sendOne(t, kind, () => {}, { timeoutMs: 150 })
    for (const { delivery } of [cut, hangs]) assert.equal(delivery.kind, 'later')
    assert.match(hangs.delivery.says, /in time/)
  })

  test(`${kind}: nothing is said to who shows a certificate that is not trusted`, async (t) => {
    const { delivery, received } = await sendOne(t, kind, (response) => response.end(), { trusts: false })
    assert.deepEqual([delivery.kind, received], ['later', []])
    assert.match(delivery.says, /certificate/)
  })
}

test('of a long answer the beginning counts: what was taken is not sent again', async (t) => {
  const { delivery } = await sendOne(t, 'webhook', (response) => {
    // It never ends.
    const send = (): void => {
      if (!response.destroyed) response.write(Buffer.alloc(65_536, 'x'), () => setImmediate(send))
    }
    send()
  })
  assert.equal(delivery.kind, 'taken')
})

test('an abort ends what is under way', async (t) => {
  const ending = new AbortController()
  const sending = sendOne(t, 'slack', () => ending.abort(), { signal: ending.signal })
  assert.equal((await sending).delivery.kind, 'later')
})

const unready: readonly (readonly [kind: string, settings: Readonly<Record<string, unknown>>, says: RegExp])[] = [
  ['slack', { url: 'env:NOWHERE' }, /^its address: env:NOWHERE is not set$/],
  ['slack', { url: 'env:KEY' }, /^what env:KEY holds is no https:\/\/ address$/],
  ['pagerduty', { key: 'env:NOWHERE' }, /^its key: env:NOWHERE is not set$/],
  ['webhook', { url: 'https://alerts.corp.example/', headers: { A: 'env:NOWHERE' } }, /^A: env:NOWHERE is not set$/],
  [
    'webhook',
    { url: 'https://alerts.corp.example/', headers: { Host: 'env:KEY' } },
    /^no header field "Host" is sent$/,
  ],
  [
    'webhook',
    { url: 'https://alerts.corp.example/', headers: { 'a b': 'env:KEY' } },
    /^no header field "a b" is sent$/,
  ],
  [
    'otlp',
    { url: 'http://collector.corp.example/', headers: { Authorization: 'env:KEY' } },
    /http:\/\/, over which no/,
  ],
]
for (const [kind, settings, says] of unready) {
  test(`${kind}: what cannot be sent yet waits: ${says.source}`, async (t) => {
    const { received, port } = await openReceiver(t, (response) => void response.end())
    const outlet = await openedOutlet(kind, settings, await toolsTo(t, port))
    const delivery = await outlet.send([{ kind: 'alert', alert: anAlert() }], { timeoutMs: 5000, signal: t.signal })
    assert.deepEqual([delivery.kind, received], ['later', []])
    assert.match(delivery.says, says)
  })
}

/** A proxy that finds every name at a server, which nobody else is led to. */
async function sendThrough(
  t: TestContext,
  conduct: ProxyConduct,
  settings: Readonly<Record<string, unknown>> = {},
  trusts = true,
) {
  const { received, port } = await openReceiver(t, (response) => void response.writeHead(200).end('ok'))
  const proxy = await openProxy({ address: '127.0.0.1', port: 0, find: () => ({ address: '127.0.0.1', port }) })
  t.after(() => proxy.close())
  proxy.conduct(conduct)
  // Straight there is nobody.
  const tools = await toolsTo(t, 1, { trusts })
  const way = { proxy: `http://127.0.0.1:${proxy.port}`, ...settings }
  const outlet = await openedOutlet('slack', { url: 'env:SLACK', ...way }, tools)
  const timeoutMs = conduct.does === 'stay-silent' ? 500 : 5000
  const delivery = await outlet.send([{ kind: 'alert', alert: anAlert() }], { timeoutMs, signal: t.signal })
  assert.equal(holdsPoison(delivery), false, JSON.stringify(delivery))
  return { delivery, received }
}

test('a proxy is gone through, and told who asks where it wants to know', async (t) => {
  const { delivery, received } = await sendThrough(t, { does: 'relay' })
  assert.deepEqual([delivery.kind, received.map(({ host }) => host)], ['taken', ['hooks.slack.com']])
  const known = { does: 'authenticate', schemes: ['Basic'], user: 'postern:POISON-smtp-4711' } as const
  const asked = await sendThrough(t, known, { 'proxy-credentials': 'env:SMTP' })
  assert.equal(asked.delivery.kind, 'taken')
  assert.equal(asked.received[0]?.headers['proxy-authorization'], undefined)
  const nobody = await sendThrough(t, known)
  assert.deepEqual(nobody.delivery, { kind: 'later', says: 'hooks.slack.com: the proxy does not let it through' })
})

test('behind a proxy a certificate is held against the name of the place', async (t) => {
  const { delivery, received } = await sendThrough(t, { does: 'relay' }, {}, false)
  assert.deepEqual([delivery.kind, received], ['later', []])
  assert.match(delivery.says, /certificate/)
  const other = await sendThrough(t, { does: 'relay' }, { url: 'env:OTHER' })
  assert.deepEqual([other.delivery.kind, other.received], ['later', []])
  assert.match(other.delivery.says, /^other\.partner\.example: its certificate/)
})

const unwilling: readonly (readonly [conduct: ProxyConduct, says: RegExp])[] = [
  [{ does: 'deny-names', names: ['slack.com'] }, /the proxy does not let it through$/],
  [{ does: 'fail-to-resolve' }, /the proxy does not let it through$/],
  [{ does: 'stay-silent' }, /in time$/],
]
for (const [conduct, says] of unwilling) {
  test(`what cannot leave by a proxy that is to ${conduct.does} waits`, async (t) => {
    const { delivery, received } = await sendThrough(t, conduct)
    assert.deepEqual([delivery.kind, received], ['later', []])
    assert.match(delivery.says, says)
  })
}
