import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { catalogAsOf, flowRows } from '../catalog/index.ts'
import { check } from '../check/check.ts'
import type { CheckEvent, CheckInput } from '../check/checkOptions.ts'
import type { ResolverAddress } from '../check/resolveNames.ts'
import type { Machine } from '../check/vantageOf.ts'
import { vantageOf } from '../check/vantageOf.ts'
import type { LoadedSite } from '../config/index.ts'
import { visible } from '../config/quoted.ts'
import type { Target } from '../config/target.ts'
import { parseTarget } from '../config/target.ts'
import { unknownWord } from '../config/unknownWord.ts'
import { canonicalAddress, isLoopback, parseAddress, parseHostPort } from '../model/cidr.ts'
import type { Flow } from '../model/flow.ts'
import { commandLine } from '../model/flow.ts'
import type { CheckReport } from '../model/report.ts'
import { noResolver, servedPlace } from '../model/servedPlace.ts'
import type { Site } from '../model/site.ts'
import { createNet } from '../net/createNet.ts'
import { planFlows } from '../plan/planFlows.ts'
import { servedAt } from '../plan/servedAt.ts'
import { captureOf } from './captureOf.ts'
import { imitated } from './imitated.ts'
import { installedConnectBuild } from './installedBuild.ts'
import { dialableFamilies, thisMachine } from './machineOf.ts'
import { proxiesOf, withoutUnspoken } from './proxiesOf.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'
import { siteFrom } from './siteFrom.ts'
import { emptyStore } from './systemPipes.ts'
import { tracePathOf } from './tracePathOf.ts'
import { version } from './version.ts'

/** What a check needs to know of the command line. */
export interface RunOptions {
  readonly site?: string
  readonly from?: string
  readonly flow?: readonly string[]
  readonly timeout: number
  readonly budget: number
  readonly concurrency: number
  /** Ask TLS servers that work what else they take. */
  readonly posture?: boolean
  /** Hold connections for so many seconds, to see whether the path forgets them; the budget does not count these. */
  readonly idle?: number
  /** So many further connections to each open port, one by one. */
  readonly loss?: number
  /** New connections a second to each open port, up to this pace. */
  readonly rate?: number
  /** Every address of a name is asked, and not the first that can be dialled alone. */
  readonly everyAddress?: boolean
  /** Capture packets beside the questions, with a tool of this machine. */
  readonly capture?: boolean
  /** The interface to capture on; default: all. */
  readonly interface?: string
  /** Trace the paths to what stays silent, with the path tool of this machine. */
  readonly trace?: boolean
  /** Hears in words why nothing is captured. */
  readonly onNoCapture?: (says: string) => void
  /** PEM texts that stand for the machine's own store: the small network has an inspector whose root the machine trusts. */
  readonly machineRoots?: readonly string[]
  /** Stands for this machine's addresses and names. */
  readonly machine?: Machine
  /** Stands for Node's word of the system that this is. */
  readonly platform?: string
  /** Hears in words which host the check speaks for, when several hosts of the site match this machine. */
  readonly onChoice?: (says: string) => void
  /** Hears the site file that the flows, or names and trust, are taken from. */
  readonly onSite?: (loaded: LoadedSite) => void
}

/**
 * One check of the site's flows from this machine, or of targets that were named.
 *
 * @throws UsageError when there is nothing that could be checked, with what would be right
 */
export async function runCheck(
  targets: readonly string[],
  options: RunOptions,
  shell: Shell,
  onEvent: (event: CheckEvent) => void,
): Promise<CheckReport> {
  // Targets that are named are few, and are to be fast.
  const asksSteadily = targets.length === 0 ? shell.boundMemory?.() : undefined
  const loaded = await siteOfCheck(targets, options, shell)
  if (loaded !== undefined) options.onSite?.(loaded)
  const planned = targets.length > 0 ? inputOfTargets(targets, loaded, options) : inputOfSite(loaded, options)
  const input = await withInstalledBuild(planned, loaded, options, shell)
  const { places, credentials } = await proxiesOf(loaded, input.flows, shell)
  const net = createNet({
    trust: {
      site: loaded?.trustPem ?? [],
      ...emptyStore(shell.env),
      ...(options.machineRoots !== undefined && { machine: options.machineRoots }),
    },
    userAgent: `postern/${version}`,
    names: loaded?.site.names ?? {},
    proxyCredentials: credentials,
  })
  const { leftOut, ...asked } = input
  const flows = asked.flows.map((flow) => withoutUnspoken(flow, places))
  const made = await check({ ...asked, flows, proxies: places, imitates: imitated(flows) }, net, {
    signal: shell.signal,
    timeoutMs: options.timeout,
    totalBudgetMs: options.budget * 1000,
    concurrency: options.concurrency,
    posture: options.posture === true,
    ...(options.idle !== undefined && { idleMs: options.idle * 1000 }),
    ...(options.loss !== undefined && { lossCount: options.loss }),
    ...(options.rate !== undefined && { ratePerSecond: options.rate }),
    everyAddress: options.everyAddress === true,
    ...(options.capture === true && {
      capture: captureOf(shell, options.interface, (says) => options.onNoCapture?.(says)),
    }),
    ...(options.trace === true && { trace: tracePathOf(shell) }),
    onEvent: (event) => {
      if (event.kind === 'settled') asksSteadily?.(event.done === event.total)
      onEvent(event)
    },
  })
  const report = { ...made, imitates: imitated(flows, made.flows) }
  return leftOut === undefined ? report : { ...report, leftOut }
}

/** A word that is no flow at all, or a flow of the catalog that this site does not need: the remedies are not the same. */
function notPlanned(id: string, ids: readonly string[], file: string): string {
  if (flowRows.some((row) => row.id === id)) {
    return `${id} is not in the plan of ${file}; postern explain ${id} says when it would be`
  }
  const { what, right } = unknownWord('flow', id, ids)
  return `${what} in the plan of ${file}, ${right}`
}

/** What is checked, and how many flows of this machine the command line left out. */
export type Chosen = Omit<CheckInput, 'proxies' | 'imitates'> & Pick<CheckReport, 'leftOut'>

/** Targets need no site file, and take its resolvers, names and trust where there is one. */
async function siteOfCheck(
  targets: readonly string[],
  options: RunOptions,
  shell: Shell,
): Promise<LoadedSite | undefined> {
  const file = options.site ?? './postern.yaml'
  if (options.site === undefined && targets.length > 0 && !existsSync(resolve(shell.cwd, file))) return undefined
  return siteFrom(file, shell, targets.length === 0, '; a TARGET needs none: postern check https://HOST')
}

/**
 * What a check of a site's flows needs, from this machine.
 *
 * @throws UsageError where no host of the site is this machine, or a flow that is named is not its own
 */
export function inputOfSite(
  loaded: LoadedSite | undefined,
  options: Pick<RunOptions, 'from' | 'flow' | 'machine' | 'onChoice'>,
): Chosen {
  if (loaded === undefined) throw new UsageError('postern check: name a site file with --site, or a TARGET')
  const { site } = loaded
  const vantage = vantageOf(site, options.machine ?? thisMachine(), options.from)
  if (!('host' in vantage)) {
    if (options.from === undefined) {
      throw new UsageError(`${loaded.file}:1:1: ${vantage.unknown}, give one with --from: ${firstOf(vantage.hosts)}`)
    }
    const { what, right } = unknownWord('host or network', options.from, vantage.hosts)
    throw new UsageError(`--from: ${what} of the site ${loaded.file}, ${right}`)
  }
  const { host, because, others = [] } = vantage
  if (others.length > 0) {
    options.onChoice?.(
      `speaks for ${visible(host)}, which ${because}; ${firstOf(others)} would fit, too: choose with --from`,
    )
  }
  const plan = planFlows(site)
  const ids = [...new Set(plan.map(({ flow }) => flow))]
  const unknown = (options.flow ?? []).filter((id) => !ids.includes(id))
  if (unknown.length > 0) {
    throw new UsageError(...unknown.map((id) => `--flow: ${notPlanned(id, ids, loaded.file)}`))
  }
  const chosen = plan.filter(({ flow }) => options.flow === undefined || options.flow.includes(flow))
  const own = chosen.filter(({ from }) => from === vantage.host)
  if (options.flow !== undefined && own.length === 0) {
    const openers = firstOf([...new Set(chosen.map(({ from }) => from))])
    throw new UsageError(`--flow: ${options.flow.join(', ')} is opened by ${openers} and not by ${vantage.host}`)
  }
  const leftOut = plan.filter(({ from }) => from === vantage.host).length - own.length
  const common = commonInput(loaded, options)
  return {
    ...common,
    context: { ...common.context, ...connectBuildsOf(site) },
    ...(leftOut > 0 && { leftOut }),
    site: site.site,
    from: vantage.host,
    flows: own,
    elsewhere: chosen.length - own.length,
  }
}

/** The builds that the site file gives; of targets of the command line none is told, for they are asked about themselves. */
function connectBuildsOf({ hosts }: Site): Pick<CheckInput['context'], 'connectBuilds'> {
  const builds = Object.entries(hosts).flatMap(([name, { versions }]) => {
    const build = versions?.['entra-connect']
    return build === undefined ? [] : [[name, build] as const]
  })
  return builds.length === 0 ? {} : { connectBuilds: Object.fromEntries(builds) }
}

/** What is installed here counts before what the site file says of it. */
export async function withInstalledBuild(
  input: Chosen,
  loaded: LoadedSite | undefined,
  { platform = process.platform, machine = thisMachine() }: Pick<RunOptions, 'platform' | 'machine'>,
  { env }: Shell,
): Promise<Chosen> {
  const { context, from } = input
  if (loaded?.site.hosts[from]?.roles.includes('entra-connect') !== true) return input
  // With --from it may speak for another machine.
  const here = vantageOf(loaded.site, machine)
  if (!('host' in here) || here.host !== from) return input
  const build = await installedConnectBuild(platform, env)
  if (build === undefined) return input
  return { ...input, context: { ...context, connectBuilds: { ...context.connectBuilds, [from]: build } } }
}

/** More names than this help nobody in one line. */
const mostNames = 24

function firstOf(names: readonly string[]): string {
  const rest = names.length - mostNames
  return visible(`${names.slice(0, mostNames).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`)
}

function inputOfTargets(targets: readonly string[], loaded: LoadedSite | undefined, options: RunOptions): Chosen {
  if (options.flow !== undefined) {
    throw new UsageError(
      '--flow chooses from the site’s plan: leave it or the TARGETs out, and write several flows as --flow A,B',
    )
  }
  const flows = targets.flatMap((text) => {
    const parsed = parseTarget(text)
    if ('error' in parsed) throw new UsageError(parsed.error)
    // A name server is asked over both transports: one open and the other shut is a fault of its own.
    const transports = parsed.ok.scheme === 'dns' ? (['udp', 'tcp'] as const) : [parsed.ok.transport]
    return transports.map((transport) =>
      flowOfTarget(text, { ...parsed.ok, transport }, options.from ?? 'this-machine', loaded?.site.names ?? {}),
    )
  })
  return {
    ...commonInput(loaded, options),
    site: loaded?.site.site ?? 'targets of the command line',
    from: options.from ?? 'this-machine',
    flows,
    elsewhere: 0,
  }
}

function flowOfTarget(text: string, target: Target, from: string, names: Readonly<Record<string, string>>): Flow {
  const { scheme, host, port, transport, path } = target
  const address = canonicalAddress(host)
  return {
    // The words of the command line tell it from every other target, with its path or zone.
    flow: text,
    from,
    fromRole: 'any',
    fromAddresses: [],
    to: host,
    toRole: 'any',
    target: servedAt(names, {
      ...(address === undefined ? { name: host } : { address }),
      port,
      transport,
      service: scheme,
      ...(path !== undefined && { path }),
    }),
    necessity: 'required',
    expect: 'open',
    direction: 'internal',
    table: 'own',
    purpose: 'asked for on the command line',
    requiredWhen: 'the command line says so',
    features: [],
    unsettled: [],
    notes: [],
    source: commandLine,
  }
}

function commonInput(
  loaded: LoadedSite | undefined,
  options: Pick<RunOptions, 'machine'>,
): Omit<CheckInput, 'site' | 'from' | 'flows' | 'elsewhere' | 'proxies' | 'imitates'> {
  const site: Partial<Site> = loaded?.site ?? {}
  return {
    postern: version,
    context: {
      cloud: site.cloud ?? 'worldwide',
      ...(site.domain !== undefined && { domain: site.domain }),
      trusted: loaded?.trustFingerprints ?? [],
      names: site.names ?? {},
      ...(site.tenant !== undefined && { tenant: site.tenant }),
      ...(site.apps !== undefined && { apps: site.apps }),
    },
    ...(site.forest !== undefined && { forest: site.forest }),
    resolvers: resolversOf(site),
    families: dialableFamilies(options.machine ?? thisMachine()),
    catalogAsOf,
  }
}

/** What stands between this machine and a resolver on it is nothing: then nobody is asked where no resolver is. */
function resolversOf({ resolvers, names = {} }: Partial<Site>): CheckInput['resolvers'] {
  const internal = (resolvers?.internal ?? []).map(resolverOf)
  const control = (resolvers?.control ?? []).map(resolverOf)
  const { name, address, port } = noResolver
  const mapped = servedPlace(names, name, port)
  const isFar = [...internal, ...control].some((resolver) => !isOnThisMachine(resolver.address))
  const nowhere = mapped === undefined ? { address, port } : resolverOf(mapped)
  return { internal, control, ...((isFar || mapped !== undefined) && { nowhere }) }
}

function isOnThisMachine(address: string): boolean {
  const parsed = parseAddress(address)
  return parsed !== undefined && isLoopback(parsed)
}

function resolverOf(text: string): ResolverAddress {
  const parsed = parseHostPort(text)
  return { address: parsed?.host ?? text, port: parsed?.port ?? 53 }
}
