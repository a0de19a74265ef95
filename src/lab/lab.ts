import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Site } from '../model/site.ts'
import type { Alteration, FaultNeed, Undo } from './fault.ts'
import { type FaultId, faults, type OddityId, oddities } from './faults/index.ts'
import { type Network, openNetwork } from './network.ts'
import type { LabPorts } from './site.ts'
import { appName, cloudNames, formatSite, gateName, labSite, liveName, partnerName } from './site.ts'

export interface LabOptions {
  /** Ends the opening, and later the lab. */
  readonly signal?: AbortSignal
  /** Milliseconds since 1970; the dates of certificates are counted from it. Default: the machine's clock. */
  readonly clock?: () => number
  /** First of thirteen ports in a row, 1024 to 65523; 0, the default, takes any that are free. */
  readonly basePort?: number
  /** Makes the folder of the lab, which removes it. Default: a new one among the temporary files. */
  readonly makeFolder?: () => Promise<string>
}

/** A server of the lab, as a person wants it listed. */
export interface LabServer {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly what: string
}

/** The small network while it runs: everything in this process, on loopback, without rights. */
export interface Lab extends AsyncDisposable {
  /** A whole site file; its certificate lies in {@link folder}. */
  readonly siteYaml: string
  /** The site file on disk. */
  readonly siteFile: string
  /** The lab's own root, which the site file trusts. */
  readonly caPem: string
  /** PEM of the roots that this machine is to trust besides its own while the present fault lasts. */
  readonly machineRoots: readonly string[]
  /**
   * What a check in another process has to be started with to stand on the machine of the present fault: the name and
   * value of each variable of its environment.
   */
  readonly environment: Readonly<Record<string, string>>
  /** Made by the lab, removed when it closes. */
  readonly folder: string
  readonly servers: readonly LabServer[]
  /** The fault that is in place. */
  readonly fault: FaultId | OddityId | undefined
  /**
   * Puts a fault, or an oddity, in place of whatever fault there is, and returns when a plain client has met it.
   *
   * @throws Error when it cannot be had on this machine, or the client did not meet it: then the network is healthy
   */
  inject(id: FaultId | OddityId): Promise<void>
  /** Makes the network healthy again; nothing happens when it is. */
  heal(): Promise<void>
  /** Ends everything; safe to call more than once. Later calls of {@link inject} throw. */
  close(): Promise<void>
}

/** Opens the small network, healthy. */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const { clock = Date.now, basePort = 0, makeFolder = () => mkdtemp(join(tmpdir(), 'postern-lab-')) } = options
  if (!Number.isInteger(basePort) || basePort < 0 || basePort > 65_523 || (basePort > 0 && basePort < 1024)) {
    throw new RangeError(`basePort must be 0 or from 1024 to 65523: ${basePort}`)
  }
  const ending = new AbortController()
  const signal = AbortSignal.any([ending.signal, ...(options.signal ? [options.signal] : [])])
  const network = await openNetwork({ clock, basePort, signal })
  const { folder, siteFile, site, siteYaml } = await layOut(network, makeFolder).catch(async (error) => {
    await network.close()
    throw error
  })
  const removeAll = async (): Promise<void> => {
    // The servers first: taking a folder away needs descriptors, and they may hold the last ones.
    await network.close()
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }

  let present: { readonly id: FaultId | OddityId; readonly undo: Undo } | undefined
  let closing: Promise<void> | undefined
  let turn: Promise<unknown> = Promise.resolve()
  /** One after the other, in the order of the calls, whatever became of the one before. */
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const done = turn.then(task, task)
    turn = done
    return done
  }

  const undo = async (): Promise<void> => {
    const healed = present
    present = undefined
    await healed?.undo()
  }

  const put = async (fault: Alteration<FaultId | OddityId>): Promise<void> => {
    signal.throwIfAborted()
    await undo()
    const undoing = await injected(fault, network)
    const describe = async (yaml: string): Promise<void> => {
      if (fault.site !== undefined) await writeFile(siteFile, yaml)
    }
    present = {
      id: fault.id,
      undo: async () => {
        await undoing()
        await describe(siteYaml)
      },
    }
    let met: string
    try {
      await describe(formatSite(fault.site?.(site, network) ?? site))
      await writeFile(rootsFileOf(folder), [...network.machineRoots].join(''))
      met = await fault.control(network)
    } catch (error) {
      await undo()
      throw error
    }
    if (met === fault.shows) return
    await undo()
    throw new Error(`the fault ${fault.id} is not in place: a plain client meets "${met}", not "${fault.shows}"`)
  }

  const close = (): Promise<void> => {
    ending.abort(new Error('the lab has been closed'))
    options.signal?.removeEventListener('abort', onAbort)
    closing ??= inTurn(async () => {
      try {
        await undo()
      } finally {
        await removeAll()
      }
    })
    return closing
  }
  const onAbort = (): void => void close()
  options.signal?.addEventListener('abort', onAbort)
  if (signal.aborted) {
    await close()
    throw signal.reason
  }

  return {
    siteYaml,
    siteFile,
    caPem: network.pki.rootPem,
    get machineRoots() {
      return [...network.machineRoots]
    },
    get environment() {
      return network.machineRoots.size === 0 ? {} : { NODE_EXTRA_CA_CERTS: rootsFileOf(folder) }
    },
    folder,
    servers: serversOf(network),
    get fault() {
      return present?.id
    },
    inject: (id) =>
      inTurn(async () => {
        const fault = [...faults, ...oddities].find((row) => row.id === id)
        if (fault === undefined) throw new TypeError(`no fault is called ${id}`)
        await put(fault)
      }),
    heal: () => inTurn(undo),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Where the roots lie that this machine is to trust while a fault lasts. */
const rootsFileOf = (folder: string): string => join(folder, 'machine-roots.pem')

/** Says which need of the fault this machine does not meet, when it does not. */
async function injected(fault: Alteration<FaultId | OddityId>, network: Network): Promise<Undo> {
  try {
    return await fault.inject(network)
  } catch (cause) {
    network.signal.throwIfAborted()
    if (fault.needs === undefined) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`the fault ${fault.id} needs ${needOf[fault.needs]}: ${reason}`, { cause })
  }
}

const needOf: Readonly<Record<FaultNeed, string>> = {
  'linux-loopback': 'a machine to which all of 127.0.0.0/8 belongs, such as Linux',
  'accept-queue': 'a system that drops a SYN when the queue of a listener is full, such as Linux',
}

/** Writes the site file and the certificate that it trusts into a new folder. */
async function layOut(
  network: Network,
  makeFolder: () => Promise<string>,
): Promise<{ folder: string; siteFile: string; site: Site; siteYaml: string }> {
  const folder = await makeFolder()
  const certificate = join(folder, 'lab-root.pem')
  const siteFile = join(folder, 'postern.yaml')
  const site = labSite(portsOf(network), certificate)
  const siteYaml = formatSite(site)
  try {
    await Promise.all([
      writeFile(certificate, network.pki.rootPem),
      writeFile(siteFile, siteYaml),
      network.cloud.prepare(cloudNames(site)),
      network.app.prepare([appName, gateName, partnerName]),
      network.live.prepare([liveName]),
    ])
    return { folder, siteFile, site, siteYaml }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

function portsOf(network: Network): LabPorts {
  const { cloud, web, app, closed, internal, second, control, directory, farm, proxy, time, live, nowhere } = network
  return {
    cloud: cloud.door.port,
    web: web.port,
    app: app.door.port,
    closed: closed.port,
    internalDns: internal.port,
    secondDns: second.port,
    directory: directory.door.port,
    farm: farm.door.port,
    controlDns: control.port,
    proxy: proxy.port,
    time: time.port,
    live: live.door.port,
    nowhere: nowhere.port,
  }
}

function serversOf(network: Network): readonly LabServer[] {
  const { cloud, web, app, closed, internal, second, control, directory, farm, proxy, time, live } = network
  const server = (name: string, { address, port }: { address: string; port: number }, what: string): LabServer => ({
    name,
    address,
    port,
    what,
  })
  return [
    server('cloud', cloud.door, 'HTTPS: Microsoft’s names, with the metadata and keys of a tenant'),
    server('revocation', web, 'HTTP: revocation lists and issuers of the lab’s CA'),
    server('app', app.door, 'HTTPS: the published app'),
    server('closed', closed, 'a port on which nobody listens'),
    server('internal resolver', internal, 'DNS over UDP and TCP, with the zone of the site'),
    server('time', time, 'NTP over UDP'),
    server('live', live.door, 'WebSocket over TLS: the live view of an app'),
    server('proxy', proxy, 'HTTP proxy: the only way out of conn02'),
    server('second resolver', second, 'DNS over UDP and TCP, with the same zone'),
    server('directory', directory.door, 'TLS: the domain controller'),
    server('farm', farm.door, 'TLS: the federation service, where it asks for a certificate of the client'),
    server('control resolver', control, 'DNS over UDP and TCP, as seen from outside'),
  ]
}
