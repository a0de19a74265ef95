/** The small routed network goes with whoever made it, however that one ends. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { needs, needsRoot } from '../needs.ts'
import { machines } from './places.ts'
import { openRig } from './rig.ts'

const run = promisify(execFile)
const rigFile = new URL('rig.ts', import.meta.url)

async function namespacesOf(ip: string, tag: string): Promise<readonly string[]> {
  const { stdout } = await run(ip, ['netns', 'list'])
  return stdout.split('\n').filter((line) => line.startsWith(tag))
}

/** Processes whose command line names the folder of the network. */
function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || name === String(process.pid)) return false
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').includes(folder)
    } catch {
      return false
    }
  })
}

test('closed, it leaves no namespace, no process and no folder', async (t) => {
  const [ip, nft] = [needs(t, 'ip'), needs(t, 'nft')]
  if (ip === undefined || nft === undefined || !needsRoot(t)) return
  const rig = await openRig({ ip, nft })
  t.after(() => rig.close())
  const { folder, namespaces } = rig
  const tag = namespaces.client.replace(/client$/, '')
  assert.equal((await namespacesOf(ip, tag)).length, Object.keys(namespaces).length)
  assert.equal(processesOf(folder).length, 1)
  await rig.close()
  assert.deepEqual([await namespacesOf(ip, tag), processesOf(folder), existsSync(folder)], [[], [], false])
})

test('a rule that the kernel does not take fails, and leaves nothing either', async (t) => {
  const [ip, nft] = [needs(t, 'ip'), needs(t, 'nft')]
  if (ip === undefined || nft === undefined || !needsRoot(t)) return
  const rig = await openRig({ ip, nft })
  t.after(() => rig.close())
  await assert.rejects(rig.nft('firewall', 'table inet fault { no such thing }'), /syntax error/)
  await assert.rejects(rig.ip('client', 'route add 10.0.0.0/8 via 192.0.2.1'), /ended with/)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} takes it along`, async (t) => {
    const [ip, nft] = [needs(t, 'ip'), needs(t, 'nft')]
    if (ip === undefined || nft === undefined || !needsRoot(t)) return
    const program = `
      import { openRig } from ${JSON.stringify(rigFile.href)}
      const { folder, namespaces } = await openRig(${JSON.stringify({ ip, nft })})
      console.log(JSON.stringify({ folder, tag: namespaces.client.replace(/client$/, '') }))
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.after(() => child.kill('SIGTERM'))
    const [line] = await once(createInterface({ input: child.stdout }), 'line')
    const { folder, tag } = JSON.parse(String(line))
    assert.equal((await namespacesOf(ip, tag)).length, machines.length)
    child.kill(signal)
    const [, ended] = await once(child, 'exit')
    assert.equal(ended, signal)
    assert.deepEqual([await namespacesOf(ip, tag), existsSync(folder)], [[], false])
    // The servers were killed; the kernel may still be about it.
    for (let attempt = 0; attempt < 100 && processesOf(folder).length > 0; attempt += 1) await sleep(20)
    assert.deepEqual(processesOf(folder), [])
  })
}
