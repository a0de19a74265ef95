import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeLabFolder } from './labFolder.ts'

test('a folder whose process is no more is taken away by the next lab; others stay', async (t) => {
  const within = await mkdtemp(join(tmpdir(), 'postern-labs-'))
  t.after(() => rm(within, { recursive: true }))
  const living = await makeLabFolder(within)
  const owner = await readFile(join(living, 'owner'), 'utf8')
  // Ended and waited for: its id is free.
  const { pid } = spawnSync(process.execPath, ['--version'])
  const dead = owner.replace(/^\d+/, String(pid))
  const lay = async (name: string, text?: string): Promise<string> => {
    const folder = join(within, name)
    await mkdir(folder)
    await writeFile(join(folder, 'postern.yaml'), 'site: lab\n')
    if (text !== undefined) await writeFile(join(folder, 'owner'), text)
    return folder
  }
  const killed = await lay('postern-lab-killed', dead)
  const stays = [
    living,
    await lay('postern-lab-making'),
    await lay('postern-lab-elsewhere', `${pid} another-machine\n`),
    await lay('postern-lab-odd', 'nobody\n'),
    await lay('another-killed', dead),
  ]
  await makeLabFolder(within)
  assert.equal(existsSync(killed), false)
  for (const folder of stays) assert.ok(existsSync(folder), folder)
})
