import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { bans, floorOf } from './floors.ts'

const src = fileURLToPath(new URL('../src', import.meta.url))

/** Every source file, as a path below `src/` with forward slashes. */
function sourceFiles(): string[] {
  return readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(src, join(entry.parentPath, entry.name)).split(sep).join('/'))
}

/** What a file imports: packages as they are written, own files as paths below `src/`. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8')
  const specifiers = [
    ...text.matchAll(/^\s*(?:import|export)\b[^'"`;]*?\bfrom\s+['"]([^'"]+)['"]/gm),
    ...text.matchAll(/^\s*import\s+['"]([^'"]+)['"]/gm),
    ...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g),
  ].map((match) => match[1] ?? '')
  return specifiers.map((specifier) =>
    specifier.startsWith('.') ? posix.normalize(posix.join(dirname(file), specifier)) : specifier,
  )
}

const files = sourceFiles()
const roomOf = (path: string): string | undefined => (/^[\w@.:-]+\//.test(path) ? path.split('/')[0] : undefined)

test('the house has only rooms that stand in the table of floors', () => {
  const rooms = new Set(files.map((file) => roomOf(file) ?? file))
  const unknown = [...rooms].filter((room) => !(room in floorOf))
  assert.deepEqual(unknown, [], 'add the room with its floor to test/floors.ts, or move the file into a room')
})

test('a room imports only lower floors and its own files', () => {
  const broken: string[] = []
  for (const file of files.filter((path) => !path.endsWith('.test.ts'))) {
    const room = roomOf(file) ?? ''
    for (const imported of importsOf(file)) {
      const other = roomOf(imported)
      if (other === undefined || !(other in floorOf) || other === room) continue
      if ((floorOf[other] ?? 0) >= (floorOf[room] ?? 0)) {
        broken.push(`src/${file} (floor ${floorOf[room]}) imports src/${imported} (floor ${floorOf[other]})`)
      }
    }
  }
  assert.deepEqual(broken, [])
})

for (const ban of bans) {
  test(`no file of ${ban.files} imports ${ban.mayNotImport}: ${ban.why}`, () => {
    const broken = files
      .filter((file) => ban.files.test(file) && !file.endsWith('.test.ts'))
      .flatMap((file) =>
        importsOf(file)
          .filter((specifier) => ban.mayNotImport.test(specifier))
          .map((specifier) => `src/${file} imports ${specifier}: ${ban.why}`),
      )
    assert.deepEqual(broken, [])
  })
}
