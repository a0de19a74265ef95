import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { brokenBans, roomOf } from './brokenBans.ts'
import { bans, floorOf } from './floors.ts'

const src = fileURLToPath(new URL('../src', import.meta.url))

/** Every source file that is no test, by its path below `src/` with forward slashes. */
function sources(): Readonly<Record<string, string>> {
  const paths = readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(paths.map((path) => [relative(src, path).split(sep).join('/'), readFileSync(path, 'utf8')]))
}

test('the house has only rooms that stand in the table of floors', () => {
  const rooms = new Set(Object.keys(sources()).map((file) => roomOf(file) ?? file))
  const unknown = [...rooms].filter((room) => !(room in floorOf))
  assert.deepEqual(unknown, [], 'add the room with its floor to test/floors.ts, or move the file into a room')
})

test('the house keeps its floors and every ban', () => {
  assert.deepEqual(brokenBans(sources()), [])
})

for (const {
  broken: [file, text],
  why,
} of bans) {
  test(`who writes ${text} in ${file} is told: ${why}`, () => {
    const told = brokenBans({ [file]: `// fetch(Date.now())\n${text}\n` })
    assert.ok(
      told.some((line) => line.startsWith(`src/${file}:2 `) && line.endsWith(`: ${why}`)),
      told.join('\n'),
    )
    assert.ok(told.every((line) => line.startsWith(`src/${file}:2 `)))
  })
}

test('a room that imports a higher floor, or another room of its own, is told both floors', () => {
  assert.deepEqual(
    brokenBans({
      'catalog/names.ts': "import type { Verdict } from '../diagnose/index.ts'",
      'catalog/tls.ts': "export * from '../wire/tls-record.ts'",
      'plan/planFlows.ts': "import { names } from '../catalog/names.ts'\nimport { endsOf } from './endsOf.ts'",
    }),
    [
      'src/catalog/names.ts:1 on floor 1 imports diagnose/index.ts of floor 2: a room imports only lower floors and its own files',
      'src/catalog/tls.ts:1 on floor 1 imports wire/tls-record.ts of floor 1: a room imports only lower floors and its own files',
    ],
  )
})

const ways: readonly [text: string, name: string][] = [
  ['globalThis.fetch(x)', 'fetch'],
  ["globalThis['fetch'](x)", 'fetch'],
  ['export const dial = { fetch }', 'fetch'],
  ['const { now } = Date', 'Date'],
  ['const clock = Date.now', 'Date.now'],
  ['const at = new Date', 'new Date()'],
  ['const at = performance.timeOrigin', 'performance.timeOrigin'],
  ['const { random } = Math', 'Math'],
  ['const id = crypto.randomUUID()', 'crypto.randomUUID'],
  ['const on = typeof process', 'process'],
  ['const all = globalThis', 'globalThis'],
  ['const end = AbortSignal.timeout(10)', 'AbortSignal.timeout'],
]

test('a global is found whichever way it is reached', () => {
  const lines = brokenBans({
    'diagnose/time.ts': ways.map(([text]) => `{ ${text.replace('export ', '')} }`).join('\n'),
  })
  assert.deepEqual(
    lines.map((line) => /^src\/diagnose\/time\.ts:(\d+) uses (\S+(?: \S+\(\))?): /.exec(line)?.slice(1, 3)),
    ways.map(([, name], index) => [String(index + 1), name]),
  )
})

test('what only bears the name of a global is none: a parameter, an import, a member, a type, a string', () => {
  const text = `import { setTimeout } from './timing.ts'
/** Takes Date.now() and process.env. */
export function judge(fetch: (at: number) => Date, row: { process: string; fetch: typeof globalThis.fetch }): Date {
  const { process: name } = row
  setTimeout('Math.random()')
  return row.fetch === undefined ? new Date(0) : fetch(Date.parse(name) + Math.floor(1.5))
}
`
  assert.deepEqual(
    brokenBans({ 'diagnose/time.ts': text, 'diagnose/timing.ts': 'export const setTimeout = String' }),
    [],
  )
})

test('who is given a socket may name its type, and the nouns and readers may not even that', () => {
  const text = "import type { Socket } from 'node:net'"
  assert.deepEqual(brokenBans({ 'check/controls.ts': text }), [])
  assert.equal(brokenBans({ 'wire/dns.ts': text }).length, 1)
})
