/** What the documents tell people to run is there, and the landing gate runs just that. */
import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'
import manifest from '../package.json' with { type: 'json' }

const root = new URL('../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')

/** Lines of a terminal that shows a page from its beginning. */
const firstScreenLines = 40

test('the landing gate runs the test command that the first screen of the README names', () => {
  const firstScreen = read('README.md').split('\n').slice(0, firstScreenLines).join('\n')
  const [install, ...tests] = /^The tests: `(.+)`\.$/m.exec(firstScreen)?.[1]?.split(' && ') ?? []
  assert.ok(install !== undefined && tests.length > 0, 'the README names how to install and how to test')
  const lines = read('.ci/run').trim().split('\n')
  // How much is told while packages come is no matter of what is run.
  const quiet = new Set([install, `${install} --no-audit --no-fund`])
  const installs = lines.findIndex((line) => quiet.has(line))
  assert.ok(installs >= 0, `.ci/run has no line "${install}"`)
  assert.deepEqual(lines.slice(installs + 1), tests)
})

/** Names of the scripts of `package.json` that a text runs: `npm test`, `npm run -s lint`. */
const scriptsIn = (text: string): readonly string[] =>
  [...text.matchAll(/\bnpm (?:run (?:-\S+ )*([\w:-]+)|(start|test)\b)/g)].flatMap(
    ([, run, short]) => run ?? short ?? [],
  )

for (const document of ['README.md', 'CONTRIBUTING.md', '.ci/run']) {
  test(`every script that ${document} names is there`, () => {
    const text = read(document)
    const named = scriptsIn(text)
    assert.ok(named.includes('test'))
    assert.deepEqual(
      named.filter((name) => !(name in manifest.scripts)),
      [],
    )
    for (const [file] of text.matchAll(/\bscripts\/[\w-]+\.\w+/g))
      assert.ok(statSync(new URL(file, root)).isFile(), file)
  })
}

test('every script of package.json that another one runs is there', () => {
  for (const name of scriptsIn(Object.values(manifest.scripts).join('\n'))) assert.ok(name in manifest.scripts, name)
})
