import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Ran } from '../../../test/caughtShell.ts'
import { caughtShell } from '../../../test/caughtShell.ts'
import { sampleCheck } from '../../../test/reports.ts'
import { json } from '../render/json.ts'
import { runCli } from '../runCli.ts'
import { exitCodes } from '../shell.ts'

let folder: string
const report = json(sampleCheck)
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-check-'))
  await writeFile(join(folder, 'before.json'), report)
  // Every machine has these addresses, and what a host must never be reached on is asked of nobody else.
  await writeFile(
    join(folder, 'postern.yaml'),
    `site: hq
hosts:
  connect01: { roles: [domain-member], addresses: [127.0.0.1] }
  dc01:      { roles: [domain-member], addresses: [127.0.0.1] }
flows:
  - { id: own, from: connect01, to: dc01, ports: [1], transport: [tcp] }
`,
  )
})
after(() => rm(folder, { recursive: true, force: true }))

async function check(...words: readonly string[]): Promise<Ran> {
  const { shell, written } = caughtShell(folder)
  const exitCode = await runCli(['check', ...words], shell)
  return { exitCode, ...written }
}

const overwriting: readonly (readonly [option: string, words: readonly string[], kept: string])[] = [
  ['--read', ['--read', 'before.json', '--out', './before.json'], 'before.json'],
  ['--compare', ['--compare', 'before.json', '--out', 'before.json'], 'before.json'],
  ['--site', ['--site', 'postern.yaml', '--out', 'postern.yaml'], 'postern.yaml'],
  ['--site', ['--out', 'postern.yaml'], 'postern.yaml'],
]

for (const [option, words, kept] of overwriting) {
  test(`check ${words.join(' ')} is refused, and what it reads stays`, async () => {
    const stood = await readFile(join(folder, kept), 'utf8')
    const { exitCode, stdout, stderr } = await check(...words)
    assert.deepEqual([exitCode, stdout], [exitCodes.usage, ''])
    assert.match(stderr, new RegExp(`^--out: "[^"]+" is the file that ${option} reads, name another one[^\\n]+\\n$`))
    assert.equal(await readFile(join(folder, kept), 'utf8'), stood)
  })
}

test('a machine that several hosts of the site could be is told for which of them it speaks, in one line', async () => {
  const { stderr } = await check('--flow', 'own')
  const [said, ...others] = stderr.split('\n').filter((line) => line.startsWith('postern:'))
  assert.equal(
    said,
    'postern: speaks for connect01, which has a loopback address; dc01 would fit, too: choose with --from',
  )
  assert.deepEqual(others, [])
  for (const words of [['--from', 'connect01'], ['--quiet']]) {
    const told = await check('--flow', 'own', ...words)
    assert.doesNotMatch(told.stderr, /speaks for/)
  }
})
