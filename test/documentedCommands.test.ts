/** What the documents tell people to run is there, and the landing gate runs just that. */
import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { Command } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { verbs } from '../src/cli/verbs/index.ts'
import { causeRows } from '../src/diagnose/causes.ts'
import { caughtShell } from './caughtShell.ts'

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

/** What keeps a command that people are told to run from running: a verb or an option that is not there, or comes later. */
async function wrongIn(words: string): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const call of words.split(/\bpostern (?=[a-z])/).slice(1)) {
    const [sentence = ''] = call.split(/[.;]\s/)
    const [name = ''] = sentence.match(/^[a-z-]+/) ?? []
    const load = verbs.find((verb) => verb.name === name)?.load
    if (load === undefined) {
      wrong.push(`postern ${name}`)
      continue
    }
    const command = new Command(name)
    const { configure } = await load()
    configure(command, caughtShell('/').shell, () => {})
    for (const [option] of sentence.matchAll(/--[a-z][a-z-]*/g)) {
      const described = command.options.find(({ long }) => long === option)?.description
      if (described === undefined || described.startsWith('(planned)')) wrong.push(`postern ${name} ${option}`)
    }
  }
  return wrong
}

test('no cause tells to run what is not part of this version', async () => {
  const named: string[] = []
  for (const [cause, { toldApartBy, fix, next }] of Object.entries(causeRows)) {
    const words = [toldApartBy, fix, next].join('\n')
    if (words.includes('postern ')) named.push(cause)
    assert.deepEqual(await wrongIn(words), [], cause)
  }
  assert.ok(named.length > 20, `${named.length} causes name a command`)
  assert.deepEqual(await wrongIn('postern plan --for squid, or postern agent, or postern check --nothing'), [
    'postern agent',
    'postern check --nothing',
  ])
})
