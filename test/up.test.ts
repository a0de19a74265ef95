/** `npm start` as people use it: the command on its documented port, ended by Ctrl-C. */
import assert from 'node:assert/strict'
import type { ChildProcessByStdio } from 'node:child_process'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { get } from 'node:https'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePorts } from './freePorts.ts'
import { needs, needsRoot } from './needs.ts'

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const manifest = fileURLToPath(new URL('../package.json', import.meta.url))
const posix = { skip: process.platform === 'win32' && 'a process there has no signal to be stopped by' }

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-start-'))
})
after(() => rm(folder, { recursive: true, force: true }))

interface Started {
  readonly child: ChildProcessByStdio<null, Readable, null>
  /** Waits until a line has been said, and gives its match. Fails when the process ends first. */
  line(pattern: RegExp): Promise<RegExpExecArray>
  /** Ctrl-C, and what was said in all. */
  stop(): Promise<{ readonly code: unknown; readonly said: string }>
}

/** Starts a command that takes its temporary files from a folder of its own; it goes with the test. */
function start(t: TestContext, temporary: string, command: string, ...args: readonly string[]): Started {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = once(child, 'close')
  t.after(() => child.kill('SIGKILL'))
  let said = ''
  let wake = (): void => {}
  child.stdout.on('data', (part: Buffer) => {
    said += part.toString()
    wake()
  })
  child.once('close', () => wake())
  return {
    child,
    async line(pattern) {
      for (;;) {
        const found = pattern.exec(said)
        if (found !== null) return found
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`ended without ${pattern}: ${said}`)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    async stop() {
      child.kill('SIGINT')
      const [code] = await ended
      return { code, said }
    },
  }
}

/** Holds a port for the length of a test; whoever else has it holds it as well. */
async function hold(t: TestContext, port: number): Promise<void> {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  const held = await Promise.race([once(server, 'listening').then(() => true), once(server, 'error').then(() => false)])
  if (held) t.after(() => server.close())
}

test('npm start is postern up', async () => {
  const { scripts } = JSON.parse(await readFile(manifest, 'utf8'))
  assert.equal(scripts.start, 'node src/cli/main.ts up')
})

test(
  '8480 and 8481 taken: one line says where the report is, it is there, and Ctrl-C leaves nothing',
  posix,
  async (t) => {
    const temporary = await mkdtemp(join(folder, 'taken-'))
    await hold(t, 8480)
    await hold(t, 8481)
    const up = start(t, temporary, process.execPath, main, 'up', '--quiet')
    const [, url = ''] = await up.line(
      /^Port 8480 is taken: the report is at (http:\/\/127\.0\.0\.1:\d+\/?) instead\.$/m,
    )
    assert.ok(!['8480', '8481'].includes(new URL(url).port), url)
    await up.line(/^1\. As it should be\.$/m)
    const page = await fetch(url)
    assert.equal(page.status, 200)
    assert.match(await page.text(), /^<!doctype html>/i)
    const sites = await readdir(temporary)
    assert.deepEqual(
      sites.map((name) => name.replace(/-[^-]+$/, '')).toSorted(),
      ['postern-gate', 'postern-lab'],
      'the small network has one folder, and the gate one',
    )
    const { code, said } = await up.stop()
    assert.equal(code, 130)
    assert.match(said, /\nStopped; nothing is left running\.\n$/)
    assert.equal(said.match(/is taken/g)?.length, 1)
    assert.deepEqual(await readdir(temporary), [])
    await assert.rejects(fetch(url))
  },
)

test(
  'a fault that comes and goes by itself is one incident with all that suffers from it, and over once',
  posix,
  async (t) => {
    const temporary = await mkdtemp(join(folder, 'watched-'))
    const words = ['up', '--quiet', '--no-gate', '--port', '0', '--every', '1']
    const up = start(t, temporary, process.execPath, main, ...words)
    const [, url = ''] = await up.line(/^The report: (http:\S+)$/m)
    const asked = async (path: string): Promise<Response> => fetch(new URL(path, url))
    assert.equal((await asked('/api/v1/status')).status, 404)
    await up.line(/^\d\d:\d\d:\d\dZ {2}broken {4}TLS inspection, not trusted here$/m)
    const [, told = ''] = await up.line(
      /^\S+Z {2}incident {2}(\d+) flows, one cause: interception-untrusted \(high, proxy\)$/m,
    )
    const { incidents } = JSON.parse(await (await asked('/api/v1/incidents')).text())
    assert.equal(incidents.length, 1)
    const [{ id, state, suspect }] = incidents
    assert.deepEqual([state, suspect.kind], ['open', 'certificate'])
    const { consequences } = JSON.parse(await (await asked(`/api/v1/incidents/${id}`)).text())
    assert.ok(Number(told) > 10 && consequences.length >= Number(told))
    assert.match(await (await asked('/metrics')).text(), /^postern_watch_open_incidents\{severity="high"\} 1$/m)
    const page = await asked('/')
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
    assert.match(await page.text(), /interception-untrusted/)
    await up.line(/^\d\d:\d\d:\d\dZ {2}mended {4}TLS inspection, not trusted here$/m)
    await up.line(/^\d\d:\d\d:\d\dZ {2}over {6}certificate .*: \d+ flows well again, after \d+ s$/m)
    assert.doesNotMatch(await (await asked('/')).text(), /interception-untrusted/)
    const { code, said } = await up.stop()
    assert.equal(code, 130)
    assert.equal(said.match(/^\S+Z {2}incident /gm)?.length, 1)
    assert.doesNotMatch(said, /could not be ended/)
    assert.deepEqual(await readdir(temporary), [])
  },
)

test(
  'the gate is open from the first minute: with its token a program gets through, without it does not',
  posix,
  async (t) => {
    const temporary = await mkdtemp(join(folder, 'gate-'))
    const [port] = await freePorts(1)
    const up = start(t, temporary, process.execPath, main, 'up', '--quiet', '--port', '0', '--gate-port', String(port))
    const [, ca = '', header = '', url = ''] = await up.line(/curl --cacert (\S+) -H @(\S+) (https:\S+)$/m)
    const [name = '', value = ''] = (await readFile(header, 'utf8')).trim().split(': ')
    const trusted = await readFile(ca, 'utf8')
    const statusWith = (headers: Readonly<Record<string, string>>): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const asked = get(url, { ca: trusted, headers, agent: false }, (answer) => {
          answer.resume()
          resolve(answer.statusCode)
        })
        asked.on('error', reject)
      })
    assert.deepEqual([await statusWith({ [name]: value }), await statusWith({})], [200, 401])
    assert.equal((await stat(header)).mode & 0o077, 0, 'the token is the owner’s alone')
    const { code } = await up.stop()
    assert.equal(code, 130)
    assert.deepEqual(await readdir(temporary), [])
  },
)

test('a machine without IPv6 is told so in one line, and everything is shown by IPv4', posix, async (t) => {
  const [ip, unshare] = [needs(t, 'ip'), needs(t, 'unshare')]
  if (ip === undefined || unshare === undefined || !needsRoot(t)) return
  const temporary = await mkdtemp(join(folder, 'alone-'))
  // A namespace of its own has the loopback interface and nothing else; IPv6 is switched off in it.
  const prepare = `${ip} link set lo up && (echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 || true) && exec "$0" "$@"`
  const up = start(t, temporary, unshare, '-n', '/bin/sh', '-c', prepare, process.execPath, main, 'up', '--quiet')
  const [line] = await up.line(/^.*IPv6.*$/m)
  assert.match(line, /^This machine has no IPv6\b.*\.$/)
  await up.line(/^The report: http:\/\/127\.0\.0\.1:8480\/?$/m)
  await up.line(/^3\. It is mended\.$/m)
  const { code, said } = await up.stop()
  assert.equal(code, 130)
  assert.equal(said.match(/IPv6/g)?.length, 1)
  assert.deepEqual(await readdir(temporary), [])
})

/** Options of `setpriv` for a user who is in no group and has no capability, nor ever gets one. */
const rightless = (user: number): readonly string[] => [
  ...[`--reuid=${user}`, `--regid=${user}`, '--clear-groups'],
  ...['--inh-caps=-all', '--bounding-set=-all', '--no-new-privs'],
]

/** Nobody; where nobody may read the files of this project, their owner. */
async function userOf(setpriv: string): Promise<number> {
  const nobody = 65534
  const { uid: owner } = await stat(main)
  return new Promise((resolve) => {
    const args = [...rightless(nobody), process.execPath, '--check', main]
    execFile(setpriv, args, (error) => resolve(error === null ? nobody : owner))
  })
}

test('without any right, and without a network, everything is shown', posix, async (t) => {
  const [ip, unshare, setpriv] = [needs(t, 'ip'), needs(t, 'unshare'), needs(t, 'setpriv')]
  if (ip === undefined || unshare === undefined || setpriv === undefined || !needsRoot(t)) return
  const user = await userOf(setpriv)
  const temporary = await mkdtemp(join(folder, 'rightless-'))
  await chmod(folder, 0o711)
  await chown(temporary, user, user)
  const prepare = `${ip} link set lo up && exec ${setpriv} ${rightless(user).join(' ')} "$0" "$@"`
  const up = start(t, temporary, unshare, '-n', '/bin/sh', '-c', prepare, process.execPath, main, 'up')
  await up.line(/^The report: http:\/\/127\.0\.0\.1:8480\/?$/m)
  const status = await readFile(`/proc/${up.child.pid}/status`, 'utf8')
  assert.deepEqual(/^Uid:\s+(.*)$/m.exec(status)?.[1]?.split('\t'), Array(4).fill(String(user)))
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
    assert.match(status, new RegExp(`^${set}:\\s+0+$`, 'm'))
  }
  await up.line(/^1\. As it should be\.$/m)
  await up.line(/^2\. Something breaks\./m)
  await up.line(/^3\. It is mended\.$/m)
  const { code, said } = await up.stop()
  assert.equal(code, 130)
  assert.match(said, /\nStopped; nothing is left running\.\n$/)
  assert.deepEqual(await readdir(temporary), [])
})
