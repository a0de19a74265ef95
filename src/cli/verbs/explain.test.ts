import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Ran } from '../../../test/caughtShell.ts'
import { caughtShell } from '../../../test/caughtShell.ts'
import { vendorRows } from '../../firewall/vendors/index.ts'
import { eventReasons } from '../eventReasons.ts'
import type { ExplainReport } from '../render/explainReport.ts'
import { reportWords } from '../render/reportWords.ts'
import { runCli } from '../runCli.ts'
import { exitCodes } from '../shell.ts'
import { verbs } from './index.ts'

interface Given {
  readonly columns?: number
  readonly isTerminal?: boolean
  readonly cwd?: string
  readonly program?: string
}

async function explain(
  words: readonly string[],
  { columns = 80, isTerminal = false, cwd = '/', program }: Given = {},
): Promise<Ran> {
  const over = { isTerminal, columns, ...(program !== undefined && { program }) }
  const { shell, written } = caughtShell(cwd, over)
  const exitCode = await runCli(['explain', ...words], shell)
  return { exitCode, ...written }
}

test('words are one question, and the answer is on stdout alone', async () => {
  const { exitCode, stdout, stderr } = await explain(['The', 'remote', 'name', 'could', 'not', 'be', 'resolved'])
  assert.equal(exitCode, exitCodes.well)
  assert.match(stdout, /^The remote name could not be resolved: DNS\n/)
  assert.equal(stderr, '')
})

test('no word lists what can be asked', async () => {
  const { exitCode, stdout } = await explain([])
  assert.equal(exitCode, exitCodes.well)
  assert.match(stdout, /^postern explain WORD answers for \d+ causes/)
})

test('what is not known ends with 2, nothing on stdout and one line on stderr', async () => {
  assert.deepEqual(await explain(['nonsense']), {
    exitCode: exitCodes.usage,
    stdout: '',
    stderr: 'postern: nothing is known of "nonsense"; no word is near; postern explain alone lists what can be asked\n',
  })
  const { exitCode, stdout, stderr } = await explain(['--json', 'sni-filtr'])
  assert.equal(exitCode, exitCodes.usage)
  assert.equal(stdout, '')
  assert.match(stderr, /^postern: nothing is known of "sni-filtr"; nearest: sni-filter; [^\n]+\n$/)
})

test('every vendor is explained: what is read of it, and whether rules are written for it', async () => {
  for (const { vendor, forms, says } of vendorRows) {
    const { exitCode, stdout } = await explain([vendor], { columns: Infinity })
    assert.equal(exitCode, exitCodes.well, vendor)
    assert.ok(stdout.includes(forms[0] ?? vendor), stdout)
    assert.equal(stdout.includes(`plan --for ${vendor} writes`), says !== undefined, vendor)
  }
  assert.match((await explain(['fortigte'])).stderr, /nearest: fortigate;/)
})

test('every reason of the record is explained, in each of its senses, and a slip is told the nearest', async () => {
  for (const { reason } of eventReasons) {
    const { exitCode, stdout } = await explain([reason, '--json'])
    assert.equal(exitCode, exitCodes.well, reason)
    const { parts } = JSON.parse(stdout) as ExplainReport
    const found = parts.find((part) => part.kind === 'reason')
    const senses = eventReasons.filter((row) => row.reason === reason).map(({ reason: _, ...sense }) => sense)
    assert.deepEqual(found?.senses, senses, reason)
  }
  const { stdout } = await explain(['scope-missing'])
  assert.match(
    stdout,
    /^scope-missing: [^\n]+\n {2}events +authorization that ended denied\n {2}asked by +the rule scopes/,
  )
  const { stderr } = await explain(['scope-mising'])
  assert.match(stderr, /nearest: scope-missing/)
})

test('every verb and every option is explained, and the commands that an answer names are there', async () => {
  const names = verbs.map(({ name }) => name)
  for (const { name, load } of verbs) {
    const { exitCode, stdout } = await explain([name])
    assert.equal(exitCode, exitCodes.well, name)
    assert.ok(stdout.startsWith(`${name}: `), stdout)
    assert.match(stdout, load === undefined ? /\n {2}state +planned/ : /\n {2}example +postern [^\n]*\n/, name)
    assert.match(stdout, /\n {2}reference +docs\/reference\/commands\.md/)
    const named = [...stdout.matchAll(/\bpostern ([a-z]+)\b(?! and)/g)].map(([, verb = '']) => verb)
    assert.deepEqual(
      named.filter((verb) => !names.includes(verb)),
      [],
    )
  }
  for (const words of [['--flow'], ['--capture'], ['posture'], ['--of-range'], ['postern', 'check']]) {
    const { exitCode, stdout } = await explain(words)
    assert.equal(exitCode, exitCodes.well, words.join(' '))
    assert.match(stdout, /\nnext: postern [a-z]+ --help\n/)
  }
  const { stdout: flow } = await explain(['flow'])
  assert.match(flow, /^flow: one connection [\s\S]*\n\n--flow: an option of plan, check, audit\n/)
})

test('a mistyped verb, option or word of a report is answered with the nearest', async () => {
  for (const [typed, meant] of [
    ['lisen', 'listen'],
    ['--strct', '--strict'],
    ['confidense', 'confidence'],
  ] as const) {
    const { exitCode, stderr } = await explain([typed])
    assert.equal(exitCode, exitCodes.usage)
    assert.ok(stderr.includes(`nearest: ${meant}`), stderr)
  }
})

test('words that reports are written in are explained, and so is what each names besides', async () => {
  for (const [word, { see }] of Object.entries(reportWords)) {
    for (const one of [word, ...see]) {
      const { exitCode, stderr } = await explain([one])
      assert.equal(exitCode, exitCodes.well, `${word}: ${stderr}`)
    }
  }
  const { stdout } = await explain(['tier'])
  assert.match(stdout, /^rights: /)
})

test('an address is no word: the line says what is answered instead, and what asks the address', async () => {
  for (const [word, target] of [
    ['10.1.0.5', 'tcp://10.1.0.5:443'],
    ['10.1.0.5:636', 'tcp://10.1.0.5:443'],
    ['2001:DB8::5', 'tcp://[2001:db8::5]:443'],
  ] as const) {
    const { exitCode, stderr } = await explain([word])
    assert.equal(exitCode, exitCodes.usage)
    assert.match(stderr, /^postern: nothing is known of the address [^\n]+ the host name that has it[^\n]+\n$/)
    assert.ok(stderr.includes(`postern check ${target} asks`), stderr)
  }
})

test('what was pasted is shown in one short line that moves no cursor', async () => {
  const { stderr } = await explain([`\u001b[2Jgone\n${'x'.repeat(5000)}`])
  assert.match(stderr, /^postern: nothing is known of "\\x1b\[2Jgone x+\.\.\.x+"; [^\n]+\n$/)
  assert.ok(stderr.length < 200)
})

test('--json is the documented object and nothing else', async () => {
  const { exitCode, stdout, stderr } = await explain(['--json', 'sni-filter'])
  assert.equal(exitCode, exitCodes.well)
  assert.equal(stderr, '')
  const { postern, kind, term, catalog, parts } = JSON.parse(stdout)
  assert.match(postern, /^\d+\.\d+\.\d+/)
  assert.deepEqual({ kind, term, catalog }, { kind: 'explain', term: 'sni-filter', catalog: { asOf: '2025-04-09' } })
  assert.equal(parts.length, 1)
  assert.deepEqual(
    { kind: parts[0].kind, code: parts[0].code, layer: parts[0].layer, verdict: parts[0].verdict },
    { kind: 'cause', code: 'sni-filter', layer: 'tls', verdict: 'blocked' },
  )
})

test('a terminal gets its width and its colour, unless it is told not to', async () => {
  const narrow = await explain(['8443'], { columns: 60, isTerminal: true })
  assert.ok(narrow.stdout.startsWith('\u001b[1m'))
  const plain = await explain(['--no-color', '8443'], { columns: 60, isTerminal: true })
  assert.ok(!plain.stdout.includes('\u001b'))
  assert.ok(plain.stdout.split('\n').every((line) => line.length <= 60))
})

test('in a checkout every command that an answer names is one that can be typed there', async () => {
  const program = 'npm run -s postern --'
  for (const words of [
    [],
    ['t1-ldaps'],
    ['seamless-sso'],
    ['50011'],
    ['EHOSTUNREACH'],
    ['login.microsoftonline.com'],
  ]) {
    const { stdout } = await explain(words, { program })
    const bare = stdout.match(/(?<!-s )\bpostern (?:explain|plan|check|doctor|lab)\b/g)
    assert.equal(bare, null, words.join(' '))
    assert.ok(stdout.includes(`${program} `), words.join(' '))
  }
})

test('--out writes the whole answer to a file and leaves nothing beside it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'postern-explain-'))
  t.after(() => rm(folder, { recursive: true }))
  const { exitCode, stdout } = await explain(['--out', 'answer.txt', '808'], { cwd: folder })
  assert.deepEqual([exitCode, stdout], [exitCodes.well, ''])
  assert.deepEqual(await readdir(folder), ['answer.txt'])
  assert.match(await readFile(join(folder, 'answer.txt'), 'utf8'), /^port 808: it stays on the host/)
})
