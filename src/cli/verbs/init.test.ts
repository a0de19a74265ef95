import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseSite } from '../../config/parseSite.ts'
import { exitCodes } from '../shell.ts'

function init(
  cwd: string,
  words: readonly string[],
): Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }> {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url))
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, 'init', ...words], { cwd }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    )
    child.stdin?.end()
  })
}

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-init-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('the command writes a file that is read, says what it does not know, and ends with the next command', async (t) => {
  const cwd = await folderFor(t)
  const { code, stdout, stderr } = await init(cwd, ['--role', 'entra-connect'])
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(
    stdout,
    /^wrote \.\/postern\.yaml: site \S+, this machine is \S+ \(.*entra-connect.*\); \d+ flows planned/,
  )
  assert.match(stdout, /\nnot known, and said in the file:\n {2}the cloud of the tenant/)
  assert.match(stdout, /\nnext: postern plan\n$/)
  assert.deepEqual(await readdir(cwd), ['postern.yaml'])
  assert.ok('site' in parseSite(await readFile(join(cwd, 'postern.yaml'), 'utf8'), 'postern.yaml'))
})

const refused: readonly (readonly [words: readonly string[], says: RegExp])[] = [
  [['--role', 'entra-conect'], /^--role: unknown role "entra-conect", did you mean entra-connect\? /],
  [['--feature', 'sso'], /^--feature: unknown feature "sso", did you mean seamless-sso\? /],
  [['--cloud', 'chna'], /^--cloud: unknown cloud "chna", did you mean china\? /],
  [['--tenant', 'con toso'], /^--tenant: "con toso" is no tenant, /],
  [['--domain', '10.1.0.5'], /^--domain: "10\.1\.0\.5" is an address and no name, /],
  [['--out', 'no/folder/x.yaml'], /^--out: "no\/folder\/x\.yaml" cannot be written: its folder does not exist/],
]

for (const [words, says] of refused) {
  test(`init ${words.join(' ')} ends with 2 and writes nothing`, async (t) => {
    const cwd = await folderFor(t)
    const { code, stdout, stderr } = await init(cwd, ['--yes', ...words])
    assert.deepEqual([code, stdout, stderr.split('\n').length], [exitCodes.usage, '', 2])
    assert.match(stderr, says)
    assert.deepEqual(await readdir(cwd), [])
  })
}
