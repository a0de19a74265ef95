import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { PacMeans } from './pac.ts'
import { askPac, openPacThread, routesOf } from './pac.ts'

const entra = new URL('https://login.microsoftonline.com/common?secret=1')

function means(names: Readonly<Record<string, string>> = {}): PacMeans {
  return { resolve: async (name) => names[name], ownAddress: '10.1.0.10' }
}

async function ask(script: string, names?: Readonly<Record<string, string>>, timeoutMs = 60_000) {
  return askPac(script, entra, means(names), { signal: new AbortController().signal, timeoutMs })
}

const proxy = { kind: 'proxy', type: 'http', host: 'proxy.corp.example', port: 3128 } as const

test('a script sends by name, and the routes stand in its order', async () => {
  const script = `function FindProxyForURL(url, host) {
    if (shExpMatch(host, "*.microsoftonline.com")) return "PROXY proxy.corp.example:3128; DIRECT";
    return "DIRECT";
  }`
  assert.deepEqual(await ask(script), { kind: 'routes', routes: [proxy, { kind: 'direct' }], resolved: [] })
})

test('what a script resolves is resolved by us and said', async () => {
  const script = `function FindProxyForURL(url, host) {
    return isInNet(host, "10.0.0.0", "255.0.0.0") && isInNet(myIpAddress(), "10.1.0.0", "255.255.0.0") && isResolvable(host)
      && dnsResolve(host) == "10.9.9.9" ? "PROXY proxy.corp.example:3128" : "DIRECT";
  }`
  const answer = await ask(script, { 'login.microsoftonline.com': '10.9.9.9' })
  assert.deepEqual(answer, {
    kind: 'routes',
    routes: [proxy],
    resolved: ['login.microsoftonline.com'],
  })
  const other = await ask(script, {})
  assert.equal(other.kind === 'routes' && other.routes[0]?.kind, 'direct')
})

test('of an https URL the script sees no path, as browsers do it', async () => {
  const script = 'function FindProxyForURL(url) { return url.indexOf("secret") < 0 ? "DIRECT" : "PROXY spy.example:1" }'
  assert.deepEqual(await ask(script), { kind: 'routes', routes: [{ kind: 'direct' }], resolved: [] })
})

const bad = [
  { script: 'function FindProxyForURL() { while (true) {} }', reason: /it loops/, timeoutMs: 500 },
  { script: 'while (true) {}; function FindProxyForURL() { return "DIRECT" }', reason: /it loops/, timeoutMs: 500 },
  {
    script: 'function FindProxyForURL() { var a = []; while (true) a.push(new Array(1e5).join("x")) }',
    reason: /memory|loops/,
    timeoutMs: 500,
  },
  { script: 'function FindProxyForURL() { return FindProxyForURL() + "x" }', reason: /stack|loops|memory/i },
  { script: 'function FindProxyForURL() { throw new Error("no") }', reason: /no/ },
  { script: 'function FindProxyForURL() { return 7 }', reason: /no text/ },
  { script: 'function FindProxyForURL() { return "GOPHER x:70" }', reason: /no route/ },
  { script: '<html>Access denied</html>', reason: /./ },
  { script: 'var x = 1', reason: /FindProxyForURL/ },
  { script: 'function FindProxyForURL() { return process.env.HOME }', reason: /process/ },
  { script: 'function FindProxyForURL() { return require("fs") }', reason: /require/ },
  { script: `//${'x'.repeat(1_048_576)}`, reason: /longer than/ },
]

for (const { script, reason, timeoutMs } of bad) {
  test(`a script that is ${script.slice(0, 60)} fails in words`, async () => {
    const answer = await ask(script, {}, timeoutMs)
    assert.equal(answer.kind, 'failed')
    assert.match(answer.kind === 'failed' ? answer.reason : '', reason)
  })
}

test('an abort ends the wait for a name that never comes', async () => {
  const ending = new AbortController()
  const waiting = askPac(
    'function FindProxyForURL(url, host) { return dnsResolve(host) }',
    entra,
    {
      resolve: () => {
        queueMicrotask(() => ending.abort())
        return new Promise(() => {})
      },
      ownAddress: '10.1.0.10',
    },
    { signal: ending.signal, timeoutMs: 60_000 },
  )
  assert.equal((await waiting).kind, 'failed')
})

test('one script leaves nothing behind for the next', async () => {
  await ask('globalThis.left = "DIRECT"; function FindProxyForURL() { return left }')
  const answer = await ask('function FindProxyForURL() { return typeof left == "undefined" ? "DIRECT" : left }')
  assert.deepEqual(answer, { kind: 'routes', routes: [{ kind: 'direct' }], resolved: [] })
})

test('routes are read as browsers read them', () => {
  assert.deepEqual(routesOf(''), [{ kind: 'direct' }])
  assert.deepEqual(routesOf(' proxy a.example ; SOCKS5 [2001:db8::1]:1080;HTTPS b.example'), [
    { kind: 'proxy', type: 'http', host: 'a.example', port: 80 },
    { kind: 'proxy', type: 'socks', host: '2001:db8::1', port: 1080 },
    { kind: 'proxy', type: 'https', host: 'b.example', port: 443 },
  ])
  assert.equal(routesOf('PROXY a.example:99999'), undefined)
  assert.equal(routesOf('PROXY'), undefined)
})

test('any text gives routes or nothing, and never an empty list', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const routes = routesOf(text)
      assert.ok(routes === undefined || routes.length > 0)
    }),
  )
})

test('one thread is asked again and again, each time in a new interpreter, and one that loops is replaced', async (t) => {
  const thread = openPacThread()
  t.after(() => thread.close())
  const limits = (timeoutMs = 60_000) => ({ signal: new AbortController().signal, timeoutMs })
  const counting = 'var n = (typeof n == "undefined" ? 0 : n) + 1; function FindProxyForURL() { return "PROXY p:" + n }'
  const first = { kind: 'routes', routes: [{ kind: 'proxy', type: 'http', host: 'p', port: 1 }], resolved: [] }
  assert.deepEqual(await thread.ask(counting, entra, means(), limits()), first)
  assert.deepEqual(await thread.ask(counting, entra, means(), limits()), first)
  const loop = await thread.ask('function FindProxyForURL() { while (true) {} }', entra, means(), limits(300))
  assert.match(loop.kind === 'failed' ? loop.reason : '', /it loops/)
  assert.deepEqual(await thread.ask(counting, entra, means(), limits()), first)
})

test('what else a script decides by is heard: its own address, and the day', async () => {
  const heard: string[] = []
  const listening: PacMeans = { ...means(), onAsked: (what) => heard.push(what) }
  const script = `function FindProxyForURL(url, host) {
    if (isInNet(myIpAddress(), "10.0.0.0", "255.0.0.0")) { weekdayRange("MON"); dateRange(1); timeRange(1, 2) }
    return "DIRECT";
  }`
  await askPac(script, entra, listening, { signal: new AbortController().signal, timeoutMs: 60_000 })
  assert.deepEqual(heard, ['own-address', 'time', 'time', 'time'])
})

test('a name that dnsResolve does not find is not looked for as a name of its own', async () => {
  const script = 'function FindProxyForURL(url, host) { isInNet(dnsResolve(host), "10.0.0.0", "255.0.0.0"); return "" }'
  assert.deepEqual(await ask(script), {
    kind: 'routes',
    routes: [{ kind: 'direct' }],
    resolved: ['login.microsoftonline.com'],
  })
})
