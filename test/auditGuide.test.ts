/** Every command of the guide runs, and what the guide shows of its answer is what it says. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runCli } from '../src/cli/runCli.ts'
import { exitCodes } from '../src/cli/shell.ts'
import { loadSite } from '../src/config/loadSite.ts'
import { caughtShell } from './caughtShell.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const guide = readFileSync(join(root, 'docs/guide/audit.md'), 'utf8')

let folder: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-guide-'))
  cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true })
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** Words of a command line, single quotes undone. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '')
}

const shown = [...guide.matchAll(/^\$ postern (.+)\n((?:(?!```|\$ ).*\n)*)/gm)].map(
  ([, command = '', output = '']) => ({
    command,
    output: output.split('\n').filter((line) => line !== ''),
  }),
)

test('the guide shows questions, a site, and every format of a pull request', () => {
  assert.ok(shown.length >= 9)
  for (const word of ['--flow', '--site', '--names', 'sarif', 'junit', 'markdown', 'html']) {
    assert.ok(
      shown.some(({ command }) => command.includes(word)),
      word,
    )
  }
})

for (const { command, output } of shown) {
  test(`the guide runs: postern ${command}`, async () => {
    const { shell, written } = caughtShell(folder)
    const exitCode = await runCli(wordsOf(command), shell)
    assert.notEqual(exitCode, exitCodes.usage, written.stderr)
    const said = new Set(written.stdout.split('\n'))
    assert.deepEqual(
      output.filter((line) => !said.has(line)),
      [],
      written.stdout,
    )
  })
}

test('the devices and paths that the guide shows are those of the example', async () => {
  const read = async (file: string) => {
    const loaded = await loadSite(file, folder)
    if (!('ok' in loaded)) assert.fail(JSON.stringify(loaded))
    return loaded.ok.site
  }
  const { devices, paths } = await read('examples/audit.yaml')
  const block = /```yaml\n(devices:\n[\s\S]*?)```/.exec(guide)?.[1] ?? ''
  for (const [name, { vendor, files }] of Object.entries(devices)) {
    assert.match(block, new RegExp(`^ {2}${name}: \\{ vendor: ${vendor}, files: \\[${files.join(', ')}\\]`, 'm'))
  }
  const lines = [...block.matchAll(/\{ from: (\w+), to: (\w+), through: \[(.*)\] \}/g)]
  assert.equal(lines.length, 2)
  for (const [, from, to, through] of lines) {
    assert.ok(paths.some((path) => path.from === from && path.to === to && path.through.join(', ') === through))
  }
})

test('the example of a head office is well', async () => {
  const { shell, written } = caughtShell(folder)
  assert.equal(await runCli(['audit', '--site', 'examples/hq.yaml'], shell), exitCodes.well, written.stdout)
  assert.match(written.stdout, /^hq: nothing is denied; all \d+ required flows allowed\n/)
})
