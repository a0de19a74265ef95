/** `postern listen` and `postern check` as two processes on either side of a path, which is loopback here. */
import assert from 'node:assert/strict'
import type { ChildProcessByStdio } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { listenReportSchema } from '../src/config/listenSchema.ts'
import type { Observation } from '../src/model/observation.ts'
import type { Service } from '../src/model/service.ts'
import { readListenBanner } from '../src/wire/listenBanner.ts'
import { flowNamed, reportOf, runCheckCommand } from './checkCommand.ts'
import { freePorts, listens } from './freePorts.ts'

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
const posix = { skip: process.platform === 'win32' && 'a process there has no signal to be stopped by' }

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-listening-'))
})
after(() => rm(folder, { recursive: true, force: true }))

interface FlowOf {
  readonly id: string
  readonly service: Service
  readonly port: number
  readonly transport?: 'tcp' | 'udp'
}

const siteOf = (flows: readonly FlowOf[]): string => `site: hq
domain: corp.example
hosts:
  here: { roles: [], addresses: [127.0.0.1] }
  dc01: { roles: [], addresses: [127.0.0.1] }
flows:
${flows
  .map(
    ({ id, service, port, transport = 'tcp' }) =>
      `  - { id: ${id}, from: here, to: dc01, ports: [${port}], transport: [${transport}], service: ${service} }`,
  )
  .join('\n')}
`

interface Listener {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  /** Waits until a line has been said on either output, and fails when the process ends first. */
  said(pattern: RegExp): Promise<void>
  /** Ctrl-C, and what there was in all. */
  stop(): Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }>
}

async function listener(t: TestContext, site: string, ...words: readonly string[]): Promise<Listener> {
  return listenerBy(t, [process.execPath], site, words)
}

/** @param by what starts it: the program, and words before its own */
async function listenerBy(
  t: TestContext,
  [program, ...before]: readonly [string, ...string[]],
  site: string,
  words: readonly string[] = [],
): Promise<Listener> {
  const file = join(folder, 'far.yaml')
  await writeFile(file, site)
  const child = spawn(program, [...before, main, 'listen', '--site', file, '--as', 'dc01', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => child.kill('SIGKILL'))
  const ended = once(child, 'close')
  const text = { stdout: '', stderr: '' }
  let wake = (): void => {}
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (part: string) => {
      text[name] += part
      wake()
    })
  }
  child.once('close', () => wake())
  const said = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(text.stdout + text.stderr)) {
      if (child.exitCode !== null) assert.fail(`ended without ${pattern}: ${text.stdout}${text.stderr}`)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  await said(/On the near side now/)
  return {
    child,
    said,
    async stop() {
      child.kill('SIGINT')
      const [code] = await ended
      return { code, ...text }
    },
  }
}

/** The banner as far as the check has kept it. */
function bannerOf(observations: readonly Observation[]): string | undefined {
  return observations
    .flatMap((one) => [
      'firstOctets' in one ? one.firstOctets : undefined,
      'listener' in one ? one.listener : undefined,
    ])
    .find((words) => words !== undefined && readListenBanner(words) !== undefined)
}

test('every probe that meets a listener keeps its banner, and the listener knows every flow', posix, async (t) => {
  const services: readonly (readonly [Service, 'tcp' | 'udp'])[] = [
    ['ldap', 'tcp'],
    ['ldaps', 'tcp'],
    ['cldap', 'udp'],
    ['kerberos', 'tcp'],
    ['kerberos', 'udp'],
    ['kpasswd', 'tcp'],
    ['kpasswd', 'udp'],
    ['epm', 'tcp'],
    ['smb', 'tcp'],
    ['dns', 'tcp'],
    ['dns', 'udp'],
    ['ntp', 'udp'],
    ['adws', 'tcp'],
    ['amqps', 'tcp'],
    ['mssql', 'tcp'],
    ['winrm', 'tcp'],
    ['https', 'tcp'],
    ['http', 'tcp'],
    ['ws', 'tcp'],
    ['tls', 'tcp'],
  ]
  const ports = await freePorts(services.length)
  const flows = services.map(([service, transport], at) => ({
    id: `${service}-${transport}`,
    service,
    transport,
    port: ports[at] ?? 0,
  }))
  const far = await listener(t, siteOf(flows), '--json')
  const near = reportOf(await runCheckCommand(folder, siteOf(flows), { timeoutMs: 1000 }))
  const { code, stdout } = await far.stop()
  assert.equal(code, 130)
  const seen = listenReportSchema.parse(JSON.parse(stdout))
  for (const { id, transport, port } of flows) {
    const { evidence } = flowNamed(near, id)
    const words = bannerOf(evidence)
    assert.ok(words, `${id} keeps no banner: ${JSON.stringify(evidence)}`)
    assert.equal(readListenBanner(words)?.host, 'dc01', words)
    assert.equal(readListenBanner(words)?.place, `${port}/${transport}`, words)
    const told = seen.flows.find(({ flow }) => flow === id)
    assert.equal(told?.seen, transport === 'tcp' ? 'connected' : 'arrived', id)
    assert.equal(told?.spoke, true, id)
  }
  assert.equal(seen.summary.notSeen, 0)
})

test('Ctrl-C ends it with 130 and a summary, and its ports are free again', posix, async (t) => {
  const [port = 0, silent = 0] = await freePorts(2)
  const far = await listener(
    t,
    siteOf([
      { id: 'web', service: 'https', port },
      { id: 'never', service: 'https', port: silent },
    ]),
  )
  const socket = connect(port, '127.0.0.1')
  const [line] = await once(socket, 'data')
  assert.match(
    String(line),
    new RegExp(`^postern listen \\S+ dc01 ${port}/tcp; you are 127\\.0\\.0\\.1:${socket.localPort}\\r\\n$`),
  )
  await far.said(/connected to \d+\/tcp, and said nothing; web from here/)
  const { code, stdout, stderr } = await far.stop()
  assert.deepEqual([code, stderr], [130, ''])
  assert.match(stdout, /^1 both ways, 1 not seen$/m)
  assert.match(stdout, new RegExp(`not seen +${silent}/tcp +here +never; nobody asked`))
  assert.equal(await listens(port), false)
})

test(
  'a port that another program has stays with it, is told, and does not keep the rest from being opened',
  posix,
  async (t) => {
    const holder = createServer((socket) => socket.end('mine\r\n'))
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    t.after(() => holder.close())
    const address = holder.address()
    const taken = typeof address === 'object' ? (address?.port ?? 0) : 0
    const [free = 0] = await freePorts(1)
    const far = await listener(
      t,
      siteOf([
        { id: 'held', service: 'ldap', port: taken },
        { id: 'ours', service: 'ldap', port: free },
      ]),
    )
    assert.equal(await listens(free), true)
    const [line] = await once(connect(taken, '127.0.0.1'), 'data')
    assert.equal(String(line), 'mine\r\n')
    const { stdout } = await far.stop()
    assert.match(stdout, new RegExp(`^ {2}${taken}/tcp: another program has it and keeps it`, 'm'))
    assert.match(stdout, /1 not open here/)
  },
)

test('a flood of datagrams is answered with less than it brings, and told in few lines', posix, async (t) => {
  const [port = 0] = await freePorts(1)
  const far = await listener(t, siteOf([{ id: 'ask', service: 'ntp', port, transport: 'udp' }]))
  const client = createSocket('udp4')
  t.after(() => client.close())
  let [sent, answered, octetsBack] = [0, 0, 0]
  client.on('message', (answer) => {
    answered += 1
    octetsBack += answer.length
    assert.ok(answer.length <= 48)
  })
  for (; sent < 1000; sent += 1) {
    await new Promise<void>((resolve) => {
      client.send(Buffer.alloc(48, 0x23), port, '127.0.0.1', () => resolve())
    })
  }
  await far.said(/100 times by now/)
  const { stdout } = await far.stop()
  assert.ok(answered >= 1 && answered < sent / 2, `${answered} answers`)
  assert.ok(octetsBack < (sent * 48) / 2)
  assert.ok(stdout.split('datagram').length < 10, stdout)
})

test('with no files left for more connections it says so once, ends them in order and goes on', {
  skip: process.platform !== 'linux' && 'how many files a process may have open is read on Linux',
}, async (t) => {
  const [port = 0] = await freePorts(1)
  const site = siteOf([{ id: 'directory', service: 'ldap', port }])
  const few = ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath] as const
  const { said, stop } = await listenerBy(t, few, site)
  const heard = (socket: Socket): Promise<string> =>
    new Promise((resolve, reject) => {
      let text = ''
      socket.on('data', (part: Buffer) => {
        text += part.toString()
      })
      socket.once('error', reject)
      socket.once('end', () => resolve(text))
    })
  const all = Array.from({ length: 60 }, () => heard(connect(port, '127.0.0.1')))
  const answers = await Promise.all(all)
  assert.ok(answers.includes(''))
  assert.ok(answers.some((text) => text.startsWith('postern listen')))
  await said(/no more files open/)
  // The ends of the first ones may still be on their way to it.
  let answer = ''
  while (answer === '') answer = await heard(connect(port, '127.0.0.1'))
  assert.match(answer, /^postern listen/)
  const { stdout } = await stop()
  assert.equal(stdout.match(/no more files open \(ulimit -n: 64\)/g)?.length, 1)
})

test('nothing of what is sent to it is ever shown', posix, async (t) => {
  const [port = 0] = await freePorts(1)
  const far = await listener(t, siteOf([{ id: 'web', service: 'https', port }]), '--json')
  const socket = connect(port, '127.0.0.1')
  socket.write('hunter2 \u001b[31m and a password')
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve()).resume()
  })
  await far.said(/octets came/)
  const { stdout, stderr } = await far.stop()
  assert.doesNotMatch(stdout + stderr, /hunter2|password/)
})
