import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { catalogAsOf } from '../catalog/index.ts'
import type { CheckEvent, CheckInput } from '../check/check.ts'
import { check } from '../check/check.ts'
import type { ResolverAddress } from '../check/resolveNames.ts'
import { vantageOf } from '../check/vantageOf.ts'
import type { LoadedSite } from '../config/index.ts'
import type { Target } from '../config/target.ts'
import { parseTarget } from '../config/target.ts'
import { canonicalAddress, parseHostPort } from '../model/cidr.ts'
import type { Flow } from '../model/flow.ts'
import type { CheckReport } from '../model/report.ts'
import type { Site } from '../model/site.ts'
import { createNet } from '../net/createNet.ts'
import { planFlows } from '../plan/planFlows.ts'
import { servedAt } from '../plan/servedAt.ts'
import { dialableFamilies, thisMachine } from './machineOf.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'
import { siteFrom } from './siteFrom.ts'
import { version } from './version.ts'

/** What a check needs to know of the command line. */
export interface RunOptions {
  readonly site?: string
  readonly from?: string
  readonly flow?: readonly string[]
  readonly timeout: number
  readonly budget: number
  readonly concurrency: number
  /** PEM texts that stand for the machine's own store: the small network has an inspector whose root the machine trusts. */
  readonly machineRoots?: readonly string[]
}

/** Which client the probes look like from the outside: said in every report. */
export const imitates = 'TLS 1.2 and 1.3 with X25519, P-256 and P-384 (no post-quantum share), HTTP/1.1, no proxy'

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
  const loaded = await siteOfCheck(targets, options, shell)
  const input = targets.length > 0 ? inputOfTargets(targets, loaded, options) : inputOfSite(loaded, options)
  const net = createNet({
    trust: {
      site: loaded?.trustPem ?? [],
      ...(options.machineRoots !== undefined && { machine: options.machineRoots }),
    },
    userAgent: `postern/${version}`,
    names: loaded?.site.names ?? {},
  })
  return check(input, net, {
    signal: shell.signal,
    timeoutMs: options.timeout,
    totalBudgetMs: options.budget * 1000,
    concurrency: options.concurrency,
    onEvent,
  })
}

/** Targets need no site file, and take its resolvers, names and trust where there is one. */
async function siteOfCheck(
  targets: readonly string[],
  options: RunOptions,
  shell: Shell,
): Promise<LoadedSite | undefined> {
  const file = options.site ?? './postern.yaml'
  if (options.site === undefined && targets.length > 0 && !existsSync(resolve(shell.cwd, file))) return undefined
  return siteFrom(file, shell)
}

function inputOfSite(loaded: LoadedSite | undefined, options: RunOptions): CheckInput {
  if (loaded === undefined) throw new UsageError('postern check: name a site file with --site, or a TARGET')
  const { site } = loaded
  const machine = thisMachine()
  const vantage = vantageOf(site, machine, options.from)
  if (!('host' in vantage)) {
    throw new UsageError(`${loaded.file}:1:1: ${vantage.unknown}, give one with --from: ${vantage.hosts.join(', ')}`)
  }
  const plan = planFlows(site)
  const unknown = (options.flow ?? []).filter((id) => !plan.some(({ flow }) => flow === id))
  if (unknown.length > 0) {
    const known = [...new Set(plan.map(({ flow }) => flow))].join(', ')
    throw new UsageError(`--flow: the plan of this site has no ${unknown.join(', ')}; it has ${known}`)
  }
  const chosen = plan.filter(({ flow }) => options.flow === undefined || options.flow.includes(flow))
  const own = chosen.filter(({ from }) => from === vantage.host)
  if (options.flow !== undefined && own.length === 0) {
    const openers = [...new Set(chosen.map(({ from }) => from))].join(', ')
    throw new UsageError(`--flow: ${options.flow.join(', ')} is opened by ${openers} and not by ${vantage.host}`)
  }
  return {
    ...commonInput(loaded),
    site: site.site,
    from: vantage.host,
    flows: own.map((flow) => throughProxy(site, flow)),
    elsewhere: chosen.length - own.length,
  }
}

/**
 * What a host reaches by a proxy cannot be proven by dialling it: where the proxy is the only way out, every direct
 * failure would accuse a path that nobody uses.
 */
function throughProxy(site: Site, flow: Flow): Flow {
  const proxy = Object.entries(site.proxies).find(([, { usedBy }]) => usedBy.includes(flow.from))
  if (proxy === undefined || flow.direction !== 'outbound-internet' || flow.expect === 'closed') return flow
  if (flow.target.undialled !== undefined) return flow
  const undialled = `no probe yet: ${flow.from} goes out by the proxy ${proxy[0]}, and probes through a proxy come later`
  return { ...flow, target: { ...flow.target, undialled } }
}

function inputOfTargets(targets: readonly string[], loaded: LoadedSite | undefined, options: RunOptions): CheckInput {
  if (options.flow !== undefined)
    throw new UsageError('--flow chooses from the site’s plan: leave it or the TARGETs out')
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
    ...commonInput(loaded),
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
    source: 'the command line',
    asOf: '',
  }
}

function commonInput(loaded: LoadedSite | undefined): Omit<CheckInput, 'site' | 'from' | 'flows' | 'elsewhere'> {
  const site: Partial<Site> = loaded?.site ?? {}
  return {
    postern: version,
    context: {
      cloud: site.cloud ?? 'worldwide',
      ...(site.domain !== undefined && { domain: site.domain }),
      trusted: loaded?.trustFingerprints ?? [],
      names: site.names ?? {},
    },
    ...(site.forest !== undefined && { forest: site.forest }),
    resolvers: {
      internal: (site.resolvers?.internal ?? []).map(resolverOf),
      control: (site.resolvers?.control ?? []).map(resolverOf),
    },
    families: dialableFamilies(thisMachine()),
    catalogAsOf,
    imitates,
  }
}

function resolverOf(text: string): ResolverAddress {
  const parsed = parseHostPort(text)
  return { address: parsed?.host ?? text, port: parsed?.port ?? 53 }
}
