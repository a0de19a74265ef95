/** A gate before a backend that keeps every octet, somebody who uses both all the while, and rows of attacks. */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { RecordedEvent } from '../../../src/model/event.ts'
import type { TestGate } from '../openTestGate.ts'
import { openTestGate } from '../openTestGate.ts'
import type { RawAnswer, RawBackend } from '../rawBackend.ts'
import { openRawBackend } from '../rawBackend.ts'
import type { Shot } from './shoot.ts'
import { headOf, openBystander, shootAt } from './shoot.ts'

export interface RangeOptions {
  readonly answer?: RawAnswer
  /** Makes another site file of that with the routes of {@link attackedRoutes}. */
  readonly edit?: (yaml: string) => string
}

export interface Range {
  readonly gate: TestGate
  readonly backend: RawBackend
  /** What stands in the record nowhere, whatever is done with it. */
  readonly poison: string[]
  /** Sends octets over a connection of their own, in which `{host}` stands for what the gate is asked by. */
  shoot(octets: string | Uint8Array): Promise<Shot>
  /** Asks for something open as anybody does, over a connection that lives as long as the range: fails unless it is served. */
  bystander(): Promise<void>
  /** Everything that the gate has recorded; ends it. */
  recorded(): Promise<readonly RecordedEvent[]>
}

/** What is open to whom; nothing else is open at all. */
const attackedRoutes = `  routes:
    - { id: open, path: /open/*, allow: [{ anonymous: true }] }
    - { id: start, path: /, methods: [GET, HEAD], allow: [{ anonymous: true }] }
    - { id: team, path: /team/*, allow: [{ signed-in: true }] }
    - { id: api, path: /api/*, allow: [{ signed-in: true, apps: allowed }] }
    - { id: admin, path: /open/admin/*, allow: [{ roles: [Admin] }] }
    - { id: inside, path: /inside/*, allow: [{ anonymous: true, addresses: [10.0.0.0/8] }] }
    - { id: vault, path: /vault, allow: [{ authentication-context: c1 }] }
  limits: { requests-per-address: 1000000 }
`

/** Another site file: other routes, limits that no attack reaches by its number, and another backend. */
export function attackedSite(yaml: string, backend?: string): string {
  const text = yaml
    .replace(/ {2}routes:\n[\s\S]*$/, attackedRoutes)
    .replace('record: { folder: state/record }', 'record: { folder: state/record, refusals-per-minute: 10000 }')
  return backend === undefined ? text : text.replace(/app: \{ urls: \[[^\]]*\] \}/, `app: { urls: [${backend}] }`)
}

export async function openRange(t: TestContext, { answer, edit = (yaml) => yaml }: RangeOptions = {}): Promise<Range> {
  const backend = await openRawBackend(t, answer)
  const gate = await openTestGate(t, (yaml) => edit(attackedSite(yaml, backend.url)))
  const bystander = await openBystander(gate)
  t.after(() => bystander.end())
  const poison: string[] = [(await readFile(join(gate.scene.folder, 'client-secret'), 'utf8')).trim()]
  return {
    gate,
    backend,
    poison,
    shoot: (octets) => shootAt(gate, octets),
    async bystander() {
      const answer = await bystander.ask()
      assert.match(answer, /^HTTP\/1\.1 200 /)
      assert.doesNotMatch(answer, /POISON/)
    },
    async recorded() {
      bystander.end()
      const events = await gate.recorded()
      await assertUnpoisoned(gate, poison)
      return events
    },
  }
}

/** What an attack is expected to come to. */
export interface Row {
  readonly name: string
  /** Status of each answer of the gate, in order; of HTTP/2 also what ended a stream or the connection. */
  readonly answers: readonly (number | string)[]
  /** Reason of each event of the attack's connection. */
  readonly recorded: readonly string[]
  /** What comes to the backend, as `GET /open/path?query`; default: nothing. */
  readonly reaches?: readonly string[]
  /** Path of its events, where they name the client that a proxy tells and not the connection. */
  readonly recordedAt?: string
}

/** An attack that was played, by whichever version of HTTP. */
type Played = Omit<Shot, 'statuses'> & { readonly statuses: readonly (number | string)[] }

/**
 * Plays each row with somebody else who is served before and after it, and then tests by row what was answered, what came to
 * the backend, and what the record has of it.
 *
 * @param look looks at more than every row has in common
 */
export async function playRows<R extends Row>(
  t: TestContext,
  range: Range,
  rows: readonly R[],
  shoot: (row: R) => Promise<Played>,
  look: (row: R, shot: Played, octets: readonly string[]) => void = () => {},
): Promise<void> {
  const played: { row: R; shot: Played; came: readonly string[]; octets: readonly string[] }[] = []
  for (const row of rows) {
    const before = range.backend.requests.length
    const shot = await shoot(row)
    await range.bystander()
    const all = range.backend.requests.slice(before).filter(({ target }) => target !== '/open/bystander')
    const came = all.map(({ method, target }) => `${method} ${target}`)
    played.push({ row, shot, came, octets: all.map(({ octets }) => octets) })
  }
  const last = await range.shoot(headOf('GET /open/last HTTP/1.1', 'Host: {host}', 'Connection: close'))
  const events = await range.recorded()
  for (const { row, shot, came, octets } of played) {
    await t.test(row.name, () => {
      const { answers, reaches = [] } = row
      const found = { answers: shot.statuses, came, recorded: reasonsOf(events, row.recordedAt ?? shot.port) }
      assert.deepEqual(found, { answers, came: reaches, recorded: row.recorded.toSorted() })
      look(row, shot, octets)
    })
  }
  await t.test(
    `after ${rows.length} attacks the gate serves, and the backend saw what was judged and nothing else`,
    () => {
      assert.deepEqual(last.statuses, [200])
      assertJudged(range, events)
    },
  )
}

/** All that came to the backend was let pass by that method and that path, and what the record says to be well came. */
export function assertJudged({ backend, gate }: Range, events: readonly RecordedEvent[]): void {
  assert.deepEqual(backend.strays, [])
  const whole = backend.requests.map(({ method, target }) => `${method} ${target}`)
  const lines = [...whole, ...backend.cut.map((octets) => octets.split(' HTTP/', 1)[0] ?? '')]
  const came = lines.map((line) => line.split('?', 1)[0] ?? '')
  const passed = events.filter(({ route, kind }) => route !== undefined && kind === 'http_activity')
  const lineOf = ({ http }: RecordedEvent): string => `${http?.method} ${http?.path}`
  assert.deepEqual(withoutAll(came, passed.map(lineOf)), [])
  assert.deepEqual(withoutAll(passed.filter(({ outcome }) => outcome === 'ok').map(lineOf), came), [])
  assert.deepEqual(
    gate.said.filter((line) => line.includes('bug')),
    [],
  )
}

/** What is left of some when each of the others takes one like it away. */
function withoutAll(some: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...some]
  for (const one of others) {
    const at = left.indexOf(one)
    if (at >= 0) left.splice(at, 1)
  }
  return left
}

/** Reasons of what was recorded of a connection besides that it came and went, or of a path. */
export function reasonsOf(events: readonly RecordedEvent[], place: number | string): readonly string[] {
  return events
    .filter(({ src, http }) => (typeof place === 'number' ? src?.port : http?.path) === place)
    .map(({ reason }) => reason)
    .filter((reason) => reason !== 'opened' && reason !== 'closed')
    .toSorted()
}

async function assertUnpoisoned({ scene, said }: TestGate, poison: readonly string[]): Promise<void> {
  const folder = join(scene.folder, 'state/record')
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'latin1')))
  const all = [...texts, ...said].join('\n')
  assert.ok(all.length > 0)
  for (const one of poison) assert.equal(all.includes(one), false, `${one.slice(0, 24)} is in the record`)
}
