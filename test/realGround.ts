/**
 * The lab's site with servers in it that are not ours: a folder, free ports, processes, and a whole check of the flows
 * that they answer, wired as `postern check` wires it.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { randomInt, randomUUID } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runCheck } from '../src/cli/runCheck.ts'
import { makeSigningKey } from '../src/lab/servers/signingKey.ts'
import { tenantAnswers } from '../src/lab/servers/tenant.ts'
import type { LabPorts } from '../src/lab/site.ts'
import { formatSite, labSite, vantage } from '../src/lab/site.ts'
import type { CheckReport } from '../src/model/report.ts'
import type { Site } from '../src/model/site.ts'
import { planFlows } from '../src/plan/planFlows.ts'
import { silentShell } from './checkLab.ts'

/** A server that was started; ending it waits until it is gone. */
export interface Running {
  readonly child: ChildProcess
  end(): Promise<void>
}

export interface RealGround {
  /** Made for the test file, removed with it. */
  readonly folder: string
  /** A port that nobody has now, and that nobody else here is given. */
  port(): number
  write(name: string, text: string): Promise<string>
  /** Starts a server and waits until `ready`; it ends with the ground at the latest. */
  start(command: string, args: readonly string[], ready: () => Promise<boolean>): Promise<Running>
  /** The metadata of the lab's tenant as plain HTTP, for a real server to stand before. */
  openTenant(): Promise<number>
  close(): Promise<void>
}

/**
 * Ports of TCP and UDP that nobody has, below those that systems give to whoever connects (Linux from 32768 on): a row
 * that starts its server later finds its port as free as before.
 */
async function quietPorts(count: number): Promise<number[]> {
  const found = new Set<number>()
  while (found.size < count) {
    const port = randomInt(10_240, 32_000)
    if (await isFree(port)) found.add(port)
  }
  return [...found]
}

async function isFree(port: number): Promise<boolean> {
  const tcp = createTcpServer()
  const udp = createSocket('udp4')
  try {
    await Promise.all([
      once(tcp.listen(port, '127.0.0.1'), 'listening'),
      once(udp.bind(port, '127.0.0.1'), 'listening'),
    ])
    return true
  } catch {
    return false
  } finally {
    tcp.close()
    udp.close()
  }
}

/** @param ports how many are needed at most */
export async function openGround(ports: number): Promise<RealGround> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-ground-'))
  // Servers that give up their rights read here.
  await chmod(folder, 0o755)
  const free = await quietPorts(ports)
  const closing: (() => Promise<void>)[] = []
  return {
    folder,
    port() {
      const port = free.pop()
      if (port === undefined) throw new Error(`more than ${ports} ports are needed`)
      return port
    },
    async write(name, text) {
      const file = join(folder, name)
      await writeFile(file, text)
      return file
    },
    async start(command, args, ready) {
      const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
      const end = async (): Promise<void> => {
        if (child.exitCode !== null || child.signalCode !== null) return
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      closing.push(end)
      let said = ''
      child.stderr.on('data', (part: Buffer) => {
        said += part.toString()
      })
      for (let attempt = 0; attempt < 500; attempt += 1) {
        if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}: ${said}`)
        if (await ready()) return { child, end }
        await sleep(20)
      }
      throw new Error(`${command} does not answer: ${said}`)
    },
    async openTenant() {
      const key = makeSigningKey(Date.now())
      const server = createServer(tenantAnswers(() => key)).listen(0, '127.0.0.1')
      await once(server, 'listening')
      closing.push(async () => {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      })
      const bound = server.address()
      if (bound === null || typeof bound === 'string') throw new Error('a server of TCP has a port')
      return bound.port
    },
    async close() {
      for (const end of closing.toReversed()) await end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Every part of the lab at one port: a row says which are elsewhere. */
export const labPortsAt = (port: number): LabPorts => ({
  cloud: port,
  web: port,
  app: port,
  closed: port,
  internalDns: port,
  secondDns: port,
  controlDns: port,
  directory: port,
  farm: port,
  time: port,
  live: port,
  proxy: port,
  nowhere: port,
})

/** What of the lab's site is served elsewhere in one row. */
export interface Placed {
  readonly ports: LabPorts
  /** PEM file of the root that the site trusts. */
  readonly root: string
  readonly site?: (site: Site) => Site
  /** PEM texts of roots that this machine trusts besides its own. */
  readonly machineRoots?: readonly string[]
  /** The host of the site that looks; default: the lab's own vantage. */
  readonly from?: string
  readonly posture?: boolean
  /** Longest single wait in milliseconds; default 1500. */
  readonly timeoutMs?: number
  /** Flows that no server of the file answers. */
  readonly without: readonly string[]
}

/** A whole check of the lab's site, but for the flows that are left out. */
export async function checkGround(
  { folder, write }: RealGround,
  {
    ports,
    root,
    site: change = (site) => site,
    machineRoots = [],
    from = vantage,
    posture = false,
    timeoutMs = 1500,
    without,
  }: Placed,
  signal: AbortSignal,
): Promise<CheckReport> {
  const site = change(labSite(ports, join(folder, root)))
  const flows = planFlows(site).filter((flow) => flow.from === from && !without.includes(flow.flow))
  const file = await write(`postern-${randomUUID()}.yaml`, formatSite(site))
  return runCheck(
    [],
    {
      site: file,
      from,
      flow: [...new Set(flows.map(({ flow }) => flow))],
      timeout: timeoutMs,
      budget: 120,
      concurrency: 256,
      posture,
      machineRoots,
      machine: { addresses: ['127.0.0.1', '192.0.2.10'], names: [] },
    },
    silentShell(signal),
    () => {},
  )
}
