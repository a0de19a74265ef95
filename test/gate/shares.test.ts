/** Several backends: by route, and by shares of the callers, of whom each stays where it is. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { runCli } from '../../src/cli/runCli.ts'
import { people } from '../../src/lab/tenant/index.ts'
import { caughtShell } from '../caughtShell.ts'
import { askGate } from './askGate.ts'
import { openTestGate } from './openTestGate.ts'
import { openRawBackend } from './rawBackend.ts'

const answers = (word: string) => (_asked: unknown, socket: { write(text: string): unknown }) =>
  void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${word.length}\r\n\r\n${word}`)

test('a route leads to its backend, or its callers are shared out, and postern explain-access says to which', async (t) => {
  const [app, next] = await Promise.all([openRawBackend(t, answers('app')), openRawBackend(t, answers('next'))])
  const gate = await openTestGate(t, (yaml) =>
    yaml
      .replace(/app: \{ urls: \[[^\]]*\] \}/, `app: { urls: [${app.url}] }\n    next: { urls: [${next.url}] }`)
      .replace(
        / {2}routes:\n[\s\S]*$/,
        `  behind: [127.0.0.1/32]
  routes:
    - { id: old, path: /old, to: app, allow: [{ anonymous: true }] }
    - { id: new, path: /new, to: next, allow: [{ anonymous: true }] }
    - { id: shared, path: /shared/*, shares: { app: 60, next: 40 }, allow: [{ anonymous: true }] }
    - { id: people, path: /people, shares: { app: 50, next: 50 }, allow: [{ signed-in: true }] }
    - { id: nobody, path: /nobody, shares: { app: 0, next: 1 }, allow: [{ anonymous: true }] }
`,
      ),
  )
  const bodyOf = async (path: string, headers: Record<string, string> = {}): Promise<string> =>
    (await askGate(gate, path, { headers })).body
  assert.deepEqual([await bodyOf('/old'), await bodyOf('/new'), await bodyOf('/nobody')], ['app', 'next', 'next'])

  const addresses = Array.from({ length: 30 }, (_, at) => `198.51.100.${at}`)
  const ask = (address: string) => bodyOf('/shared/page', { 'x-forwarded-for': address })
  const first = new Map<string, string>()
  for (const address of addresses) first.set(address, await ask(address))
  assert.deepEqual([...new Set(first.values())].toSorted(), ['app', 'next'])
  for (const [address, came] of first) assert.equal(await ask(address), came, address)

  const { tenant, client } = gate.scene
  const token = await tenant.accessToken({ person: people.ordinary.id, client, api: client })
  const byPerson = new Set<string>()
  for (const address of addresses.slice(0, 8)) {
    byPerson.add(await bodyOf('/people', { authorization: `Bearer ${token}`, 'x-forwarded-for': address }))
  }
  assert.equal(byPerson.size, 1, 'a person stays at one backend, wherever she is')

  for (const [address, came] of [...first].slice(0, 4)) {
    const { shell, written } = caughtShell(gate.scene.folder)
    const url = `${gate.origin}/shared/page`
    const words = ['explain-access', '--site', gate.scene.siteFile, '--address', address, '--json', url]
    assert.equal(await runCli(words, shell), 0, written.stderr)
    assert.equal((JSON.parse(written.stdout) as { backend: string }).backend, came)
  }
  const events = await gate.recorded()
  const recorded = events.find(({ src, http }) => http?.path === '/shared/page' && src?.address === addresses[0])
  assert.equal(recorded?.detail?.['backend'], first.get(addresses[0] ?? ''))
})

const wrong: readonly [shares: string, says: RegExp][] = [
  ['{ app: 90, lost: 10 }', /there is no backend "lost", write one of app/],
  ['{ app: 0 }', /no backend has a share, give one of them 1 or more/],
  ['{ app: 1001 }', /1001.*0 to 1,?000/],
  ['{ app: 1 }, to: app', /the route has both to and shares, give one of them/],
]
for (const [shares, says] of wrong) {
  test(`shares of ${shares} are refused with their place`, async () => {
    const id = randomUUID()
    const yaml = `site: hq\ngate:\n  backends: { app: { urls: ['http://127.0.0.1:1'] } }\n  routes:\n    - { id: all, path: /*, allow: [{ anonymous: true }], shares: ${shares} }\n`
    const { Readable } = await import('node:stream')
    const { shell, written } = caughtShell(`/nowhere/${id}`, { stdin: Readable.from([Buffer.from(yaml)]) as never })
    assert.equal(await runCli(['serve', '--check', '--site', '-'], shell), 2)
    assert.match(written.stderr, /:5:\d+: /)
    assert.match(written.stderr, says)
  })
}
