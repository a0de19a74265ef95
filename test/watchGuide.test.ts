/** Every command of the guide runs, what it shows is what is said, and what it tells of the watcher is what the code has. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { runCli } from '../src/cli/runCli.ts'
import { exitCodes } from '../src/cli/shell.ts'
import { verbs } from '../src/cli/verbs/index.ts'
import { historyFileOf } from '../src/cli/watchHistory.ts'
import { loadSite } from '../src/config/loadSite.ts'
import { usualWatch } from '../src/config/watchSchema.ts'
import { watchFindings } from '../src/model/incident.ts'
import { outlets } from '../src/outlets/index.ts'
import { openHistory } from '../src/store/history/index.ts'
import { caughtShell } from './caughtShell.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const guide = readFileSync(join(root, 'docs/guide/watch.md'), 'utf8')
const example = 'examples/watch.yaml'

let folder: string
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-guide-'))
  cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true })
  // What is copied and judged again is the history of a watcher that has run.
  const loaded = await loadSite(example, folder)
  assert.ok('ok' in loaded)
  const { file: _, ...settings } = usualWatch().history
  const store = openHistory({
    file: historyFileOf(loaded.ok),
    settings,
    now: () => Date.now(),
    pid: process.pid,
    isReader: false,
  })
  assert.ok('close' in store)
  store.close()
})
after(() => rmSync(folder, { recursive: true, force: true }))

const shown = [...guide.matchAll(/^\$ postern (.+)\n((?:(?!```|\$ ).*\n)*)/gm)].map(
  ([, command = '', output = '']) => ({
    command,
    output: output.split('\n').filter((line) => line !== ''),
  }),
)

test('the guide shows each errand of the watcher', () => {
  for (const word of ['plan', '--test-outlet', '--backup', '--rejudge', '--change start', '--change end', 'explain']) {
    assert.ok(
      shown.some(({ command }) => command.includes(word)),
      word,
    )
  }
})

for (const { command, output } of shown) {
  test(`the guide runs: postern ${command}`, async () => {
    const { shell, written } = caughtShell(folder)
    const exitCode = await runCli(command.split(' '), shell)
    assert.equal(exitCode, exitCodes.well, written.stderr)
    const said = new Set(written.stdout.split('\n'))
    assert.deepEqual(
      output.filter((line) => !said.has(line)),
      [],
      written.stdout,
    )
  })
}

test('commands that are named and not run have options that are there', async () => {
  const row = verbs.find(({ name }) => name === 'watch')
  assert.ok(row?.load)
  const command = new Command('watch')
  const { configure } = await row.load()
  configure(command, caughtShell('/').shell, () => {})
  const known = new Set(command.options.map(({ long }) => long))
  const named = [...guide.matchAll(/postern watch( [^`\n]*)/g)].flatMap(
    ([, words = '']) => words.match(/--[a-z-]+/g) ?? [],
  )
  assert.ok(named.length > 8)
  assert.deepEqual(
    named.filter((option) => !known.has(option)),
    [],
  )
})

test('every finding over time has its words, and no other has', () => {
  const [, table = ''] = /\| finding \| what it says \|\n(.*?)\n\n/s.exec(guide) ?? []
  const told = table
    .split('\n')
    .slice(1)
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([\w-]+)`/g)].map(([, code = '']) => code))
  assert.deepEqual(told.toSorted(), watchFindings.toSorted())
})

test('every kind of outlet is named where it is said who is told', () => {
  const [, chapter = ''] = /^## 5\. (.*?)^## /ms.exec(guide) ?? []
  const names: Readonly<Record<string, RegExp>> = { email: /\bmail\b/i, otlp: /OTLP/ }
  for (const kind of Object.keys(outlets)) assert.match(chapter, names[kind] ?? new RegExp(`\\b${kind}\\b`, 'i'), kind)
})

test('numbers of the guide are those that are usual', () => {
  const { everySeconds, confirmations, administrationPort, signIns, canary } = usualWatch()
  assert.match(guide, new RegExp(`\\(\`every-seconds\`, ${everySeconds}\\)`))
  assert.equal(confirmations, 3)
  assert.match(guide, /repeated, three times within ten seconds \(`confirmations`\)/)
  assert.match(guide, new RegExp(`http://127\\.0\\.0\\.1:${administrationPort}\``))
  assert.deepEqual([signIns.length, canary], [0, undefined])
})

test('nowhere is an exclusion from conditional access proposed', () => {
  const texts = [guide, readFileSync(join(root, example), 'utf8')].join('\n')
  const lines = texts.split('\n').filter((line) => /exclu|exempt/i.test(line))
  assert.ok(lines.length > 0)
  for (const line of lines) assert.match(line, /Never exclude|An exclusion is a door/, line)
})

/** The canary of the example as somebody switches it on: without the marks of a comment. */
test('the example is read as it stands, and with its canary switched on', async () => {
  const text = readFileSync(join(root, example), 'utf8')
  const loaded = await loadSite(example, folder)
  assert.ok('ok' in loaded)
  const { watch } = loaded.ok.site
  assert.equal(watch?.canary, undefined)
  assert.equal(watch?.maintenance.length, 2)
  assert.deepEqual(watch.outlets.map(({ kind }) => kind).toSorted(), ['file', 'pagerduty', 'syslog', 'teams'])
  const { parseSite } = await import('../src/config/parseSite.ts')
  const on = text.replace(/^ {2}# canary:/m, '  canary:').replace(/^ {2}# {3}/gm, '    ')
  const parsed = parseSite(on, example)
  assert.ok('site' in parsed, JSON.stringify(parsed))
  assert.equal(parsed.site.watch?.canary?.attribute, 'physicalDeliveryOfficeName')
})
