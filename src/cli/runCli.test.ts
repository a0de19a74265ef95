import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { caughtShell } from '../../test/caughtShell.ts'
import { runCli } from './runCli.ts'
import { version } from './version.ts'

const examples = fileURLToPath(new URL('../../examples/', import.meta.url))

/** Runs one command line as in a terminal of 80 columns that is none. */
async function said(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { shell, written } = caughtShell(examples)
  const code = await runCli(args, shell)
  return { code, ...written }
}

test('help and version are understood as words too', async () => {
  assert.deepEqual(await said('version'), { code: 0, stdout: `${version}\n`, stderr: '' })
  assert.deepEqual(await said('help'), await said('--help'))
  assert.deepEqual(await said('help', 'check'), await said('check', '--help'))
  assert.equal((await said('help', 'chekc')).code, 2)
})

test('without a word the help is an answer to a mistake: on stderr, with 2', async () => {
  const { code, stdout, stderr } = await said()
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(stderr, /^Usage: postern VERB/)
})

const from = ['check', '--site', 'hq.yaml', '--from', 'connect01']
const wrong: readonly (readonly [args: readonly string[], line: RegExp])[] = [
  [['chekc'], /^unknown verb "chekc", did you mean check\? /],
  [['https://host'], /a TARGET is checked with: postern check https:\/\/host /],
  [['\u001b[31mred'], /^unknown verb "\\u\{1b\}\[31mred", /],
  [['check', '--formt', 'json'], /unknown option '--formt', did you mean --format\? /],
  [['check', '--format', 'jsn'], /^--format: "jsn" is none of text, json, .*, did you mean json\? /],
  [['check', '--format', 'pdf'], /^--format: "pdf" is none of text, json, /],
  [['check', '--fail-on', 'hihg'], /^--fail-on: "hihg" is none of critical, high, .* did you mean high\? /],
  [['check', '--timeout', '1'], /^--timeout: "1" is not a whole number of milliseconds from 50 to 600000 /],
  [['check', '--out'], /option '--out <file>' argument missing /],
  [['check', '--flow', 'a,,b', 'tcp://h:1'], /^--flow: "a,,b" has an empty word, /],
  [['check', '--flow', 'a', 'tcp://h:1'], /^--flow chooses from the site’s plan: leave it or the TARGETs out/],
  [['check', '--watch', '--every', '4', 'tcp://h:1'], /^--every: "4" is not a whole number of seconds from 5 to /],
  [['check', '--every', '30', 'tcp://h:1'], /^--every is the pause of a watched check: add --watch/],
  [['check', '--watch=30', 'tcp://h:1'], /unknown option '--watch=30', did you mean --watch\? /],
  [
    ['check', '--site', 'hq.yaml', '--from', 'conect01'],
    /^--from: unknown host or network "conect01" .* mean connect01\?$/,
  ],
  [
    [...from, '--flow', 't2-https-sync,t2-https-synk'],
    /^--flow: unknown flow "t2-https-synk" .* mean t2-https-sync\?$/,
  ],
  [
    [...from, '--flow', 't1-ldaps'],
    /^--flow: t1-ldaps is not in the plan of .*hq\.yaml; postern explain t1-ldaps says when it would be$/,
  ],
  [[...from, '--flow', 'app-user'], /^--flow: app-user is opened by staff and not by connect01$/],
  [['check', '--out', 'no/folder/report', 'tcp://h:1'], /^--out: "no\/folder\/report" cannot be written: /],
  [['check'], /^\.\/postern\.yaml:1:1: .* postern init; a TARGET needs none: postern check https:\/\/HOST$/],
  [['plan'], /^\.\/postern\.yaml:1:1: .* postern init$/],
  [['lab', 'fault'], /^postern lab fault: say which one \(postern lab list names them\)$/],
  [
    ['lab', 'list', '--jsn'],
    /^postern lab list: unknown option '--jsn', .* \(postern lab list --help shows the options\)$/,
  ],
  [['lab', 'up', 'x'], /^postern lab up: there is no place for: x \(postern lab up --help shows the options\)$/],
  [['plan', 'x'], /^postern plan: there is no place for: x /],
]

for (const [args, line] of wrong) {
  test(`one line and 2: postern ${args.join(' ').replaceAll('\u001b', 'ESC')}`, async () => {
    const { code, stdout, stderr } = await said(...args)
    assert.deepEqual([code, stdout], [2, ''], stderr)
    assert.equal(stderr.split('\n').length, 2, stderr)
    assert.match(stderr.trimEnd(), line)
  })
}
