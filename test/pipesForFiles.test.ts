/** Files of the system that are pipes: the commands that read this machine end, and end at once when they are told to. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { needs, needsRoot } from './needs.ts'
import { ownFolder } from './realProxy.ts'

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const files = ['/etc/resolv.conf', '/etc/nsswitch.conf', '/etc/hosts'].filter((file) => existsSync(file))

for (const words of [
  ['doctor', '--timeout', '500'],
  ['init', '--yes', '--out', '-'],
]) {
  test(`${words[0]} ends where ${files.join(', ')} are pipes`, { timeout: 60_000 }, async (t) => {
    if (process.platform !== 'linux') return t.skip('mounts over files as Linux does')
    const ip = needs(t, 'ip')
    if (ip === undefined || !needsRoot(t)) return
    if (spawnSync('unshare', ['-nm', 'true']).status !== 0) return t.skip('this machine lets nobody have own mounts')
    const pipe = join(await ownFolder(t), 'pipe')
    execFileSync('mkfifo', [pipe])
    const script = `"$1" link set lo up && mount --make-rprivate / || exit 9
for file in ${files.join(' ')}; do mount --bind "$2" $file || exit 9; done
shift 2; exec "$@"`
    const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env
    const mark = randomUUID()
    const env = { ...inherited, POSTERN_TEST_RUN: mark }
    const ran = spawnSync('unshare', ['-nm', 'sh', '-c', script, 'sh', ip, pipe, process.execPath, main, ...words], {
      encoding: 'utf8',
      env,
      timeout: 30_000,
      killSignal: 'SIGKILL',
    })
    assert.equal(ran.signal, null, 'it did not end')
    assert.equal(ran.status, 0, ran.stderr)
    assert.ok(ran.stdout.length > 100)
    assert.deepEqual(await runningWith(mark), [], 'nothing that it started is left')
  })
}

/** The processes that have a word in their environment, once those that were told to go have had the time to. */
async function runningWith(mark: string): Promise<readonly string[]> {
  const found = async (): Promise<readonly string[]> => {
    const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
    const has = await Promise.all(
      ids.map((id) =>
        readFile(`/proc/${id}/environ`, 'latin1').then(
          (text) => text.includes(mark),
          () => false,
        ),
      ),
    )
    return ids.filter((_, at) => has[at])
  }
  for (let tries = 0; tries < 20 && (await found()).length > 0; tries += 1) await sleep(100)
  return found()
}
