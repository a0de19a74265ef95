/** The domain controller of the routed network goes with whoever started it, and two of them do not meet. */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { needs, needsRoot } from '../needs.ts'
import type { DirectoryTools } from './directory.ts'
import { dc, machines } from './places.ts'

const run = promisify(execFile)
const plainClient = fileURLToPath(new URL('plainClient.ts', import.meta.url))

function programsFor(t: TestContext): DirectoryTools | undefined {
  const [ip, nft] = [needs(t, 'ip'), needs(t, 'nft')]
  const [samba, chronyd] = [needs(t, 'samba'), needs(t, 'chronyd')]
  if (!ip || !nft || !samba || !chronyd || !needsRoot(t)) return undefined
  return { ip, nft, samba, chronyd }
}

/** A network with its controller that another process has made. */
interface Made {
  readonly child: ChildProcess
  readonly folder: string
  readonly tag: string
  /** Processes in the controller's machine, by their ids here. */
  readonly pids: readonly string[]
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}

/** The processes in a namespace; none where it is gone. */
async function processesIn(ip: string, namespace: string): Promise<readonly string[]> {
  const { stdout } = await run(ip, ['netns', 'pids', namespace]).catch(() => ({ stdout: '' }))
  return stdout.split('\n').filter((pid) => pid !== '')
}

/** Makes a network with its controller in a process that closes it on a line, and waits for the signal otherwise. */
async function makeElsewhere(t: TestContext, programs: DirectoryTools): Promise<Made> {
  const program = `
    import { once } from 'node:events'
    import { openDirectory } from ${JSON.stringify(new URL('directory.ts', import.meta.url).href)}
    const rig = await openDirectory(${JSON.stringify(programs)})
    console.log(JSON.stringify({ folder: rig.folder, tag: rig.namespaces.dc.replace(/dc$/, '') }))
    await once(process.stdin, 'data')
    await rig.close()
    process.exit()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), once(child, 'exit')])
  const { folder, tag } = JSON.parse(String(line))
  t.after(async () => {
    child.kill('SIGKILL')
    // What a test has found to stay does not stay.
    for (const pid of await processesIn(programs.ip, `${tag}dc`)) kill(Number(pid))
    for (const machine of machines) await run(programs.ip, ['netns', 'del', `${tag}${machine}`]).catch(() => {})
    await rm(folder, { recursive: true, force: true })
  })
  return { child, folder, tag, pids: await processesIn(programs.ip, `${tag}dc`) }
}

/** Of some processes those that still run: one that has ended and was not waited for yet has no command line. */
const running = (pids: readonly string[]): readonly string[] =>
  pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== ''
    } catch {
      return false
    }
  })

async function namespacesOf(ip: string, tag: string): Promise<readonly string[]> {
  const { stdout } = await run(ip, ['netns', 'list'])
  return stdout.split('\n').filter((line) => line.startsWith(tag))
}

const knockFrom = async (ip: string, { tag }: Made): Promise<string> => {
  const knock = [`knock:${dc.address}:389`, `knock:${dc.address}:88`]
  const { stdout } = await run(ip, ['netns', 'exec', `${tag}client`, process.execPath, plainClient, ...knock])
  return stdout
}

test('two at a time serve at the same address, and one that is closed leaves nothing, nor touches the other', async (t) => {
  const programs = programsFor(t)
  if (programs === undefined) return
  const { ip } = programs
  const [one, other] = await Promise.all([makeElsewhere(t, programs), makeElsewhere(t, programs)])
  assert.ok(one.pids.length > 10, 'Samba is many processes')
  assert.deepEqual(await Promise.all([knockFrom(ip, one), knockFrom(ip, other)]), [
    'connected, connected',
    'connected, connected',
  ])
  one.child.stdin?.end('close\n')
  await once(one.child, 'exit')
  assert.deepEqual([running(one.pids), await namespacesOf(ip, one.tag), existsSync(one.folder)], [[], [], false])
  assert.equal(running(other.pids).length > 10, true)
  assert.equal(await knockFrom(ip, other), 'connected, connected')
  assert.doesNotMatch(await readFile('/proc/mounts', 'utf8'), /^postern-/m)
})

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`${signal} to who started it ends every process of it`, async (t) => {
    const programs = programsFor(t)
    if (programs === undefined) return
    const { child, folder, tag, pids } = await makeElsewhere(t, programs)
    assert.equal(running(pids).length > 10, true)
    child.kill(signal)
    await once(child, 'exit')
    // They are killed; the kernel may still be about it.
    for (let attempt = 0; attempt < 250 && running(pids).length > 0; attempt += 1) await sleep(20)
    assert.deepEqual(running(pids), [])
    // Nobody can clear up behind a process that is killed without a word.
    if (signal !== 'SIGKILL') assert.deepEqual([await namespacesOf(programs.ip, tag), existsSync(folder)], [[], false])
  })
}
