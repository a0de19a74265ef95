import { isHostName } from '../catalog/index.ts'
import { canonicalAddress } from '../model/cidr.ts'
import { hostPort } from '../model/hostPort.ts'
import type { Limits } from '../net/net.ts'
import type { PacRoute } from '../net/pac.ts'
import type { ScriptMeans, SettledWay } from '../net/proxySettings.ts'
import { askedWay, settleWays, shownUrl } from '../net/proxySettings.ts'
import { environmentProxy } from '../wire/environmentProxy.ts'
import { machineConfigProxy } from '../wire/machineConfigProxy.ts'
import type { Destination, ProxyPlace, ProxySetting } from '../wire/proxySetting.ts'
import { winHttpAdvancedProxy, winHttpProxy } from '../wire/winHttpProxy.ts'
import type { Found, Look } from './look.ts'
import { limits as limited, ok } from './look.ts'
import type { FoundSetting, GivenScript, Means } from './means.ts'
import { ownDomain } from './ownDomain.ts'

/** What stands for all: the sign-in, and a revocation list, which other programs fetch than the ones that sign in. */
const destinations: readonly Destination[] = [
  { scheme: 'https', host: 'login.microsoftonline.com', port: 443 },
  { scheme: 'http', host: 'crl.microsoft.com', port: 80 },
]

/** Who goes by which source. */
export const followers = {
  environment: 'curl, git, Python, Go, .NET on Linux',
  winHttp: 'services of Windows, fetching of revocation lists',
  machineConfig: 'the Entra Connect wizard and sync service',
  script: 'browsers, and what is given this script',
  wpad: 'browsers and WinHTTP with detection on',
} as const

const machineConfigPath = 'C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Config\\machine.config'

/** One source with the way of each destination. */
interface Source {
  readonly from: string
  readonly followedBy: string
  readonly ways: readonly SettledWay[]
}

/** Every source of proxy settings side by side, their scripts fetched and run. */
export const proxies: Look = {
  id: 'proxies',
  group: 'ways-out',
  title: 'proxies',
  async look(means, asked, bounds) {
    // A script is fetched, then asked: each has half of the time, so that one that loops is told apart.
    const half = { signal: bounds.signal, timeoutMs: Math.max(1, Math.floor(bounds.timeoutMs / 2)) }
    const scripts = await scriptMeansOf(means, half)
    const own = await ownSettings(means, bounds)
    const environment = own.settings.some(({ followedBy }) => followedBy === followers.environment)
    const found: readonly FoundSetting[] = [
      ...(environment ? [] : [{ setting: unset, followedBy: followers.environment }]),
      ...own.settings,
      ...asked.settings,
    ]
    const detection = asked.wpad || asked.site?.facts.wpad === true || found.some(({ setting }) => setting.detects)
    const domain = detection ? (asked.site?.domain ?? (await ownDomain(means, half))?.domain) : undefined
    // Asked once, however many sources leave the choice to it.
    const detected = domain === undefined ? undefined : means.findWpad(domain, half)
    const detecting = detected === undefined ? scripts : { ...scripts, detect: () => detected }
    const sources = await Promise.all([
      ...found.map(async ({ setting, followedBy }) => ({
        from: setting.script === undefined ? setting.from : `${setting.from}, script ${shownUrl(setting.script)}`,
        followedBy,
        ways: await settleWays(setting, destinations, detecting, half),
      })),
      ...(asked.script === undefined ? [] : [givenSource(asked.script, scripts, half)]),
      ...(domain === undefined ? [] : [detectedSource(domain, detecting, half)]),
    ])
    const notes = [...own.notes, ...asked.notes, ...(detection && domain === undefined ? [noDomain] : [])]
    return judge(sources, found, notes)
  },
}

const noDomain = 'detection (WPAD) could not be asked: no domain is known, name it in the site file'

const unset: ProxySetting = {
  from: 'environment variables (none set)',
  proxies: {},
  bypass: [],
  detects: false,
  holdsCredentials: false,
  unread: [],
}

function judge(sources: readonly Source[], found: readonly FoundSetting[], notes: readonly string[]): Found {
  const table = {
    columns: ['source', 'followed by', ...destinations.map(({ host, port }) => `${host}:${port}`)],
    rows: sources.map(({ from, followedBy, ways }) => [from, followedBy, ...ways.map(wayWords)]),
  }
  const exposed = found.filter(({ setting }) => setting.holdsCredentials).map(({ setting }) => setting.from)
  const unread = found.flatMap(({ setting }) => setting.unread.map((what) => `${setting.from}: ${what}`))
  const unsettled = sources.filter(({ ways }) => ways.some(({ kind }) => kind === 'unknown')).map(({ from }) => from)
  const differing = destinations.flatMap((to, at) => {
    const groups = Map.groupBy(
      sources.flatMap((source) => {
        const way = source.ways[at]
        const key = way === undefined ? undefined : firstWords(way)
        return key === undefined ? [] : [{ key, source }]
      }),
      ({ key }) => key,
    )
    return groups.size < 2 ? [] : [{ to, groups }]
  })
  const figures = {
    sources: sources.map(({ from }) => from),
    differ: differing.map(({ to }) => `${to.host}:${to.port}`),
    holdCredentials: exposed,
    unread,
  }
  const says = [
    ...differing.slice(0, 1).map(({ to, groups }) => `the sources differ for ${to.host}: ${groupWords(groups)}`),
    ...(exposed.length === 0
      ? []
      : [`${exposed.join(', ')} holds a user name or password that other programs can read`]),
    ...unread,
    ...(unsettled.length === 0 ? [] : [`not known which way: ${unsettled.join(', ')}`]),
    ...notes,
  ]
  if (says.length === 0) {
    const way = sources[0]?.ways[0]
    const all =
      way === undefined || way.kind === 'direct'
        ? 'no proxy is set: requests go straight out'
        : `all go by ${wayWords(way)}`
    const only = sources.length === 1 && way?.kind === 'direct'
    const rest = only ? { figures } : { table, figures }
    return ok(sources.length > 1 && way?.kind !== 'direct' ? `${sources.length} sources agree: ${all}` : all, rest)
  }
  const next =
    differing.length > 0
      ? 'set the proxy alike in each source that a program of yours follows, or open the way that each takes'
      : exposed.length > 0
        ? 'take the password out of the setting, and give it where only its program reads it'
        : unread.length > 0
          ? 'write the proxy as http://name:port'
          : 'see that the script can be fetched from here, or give it with --pac FILE'
  return limited(says.join('; '), next, { table, figures })
}

function groupWords(groups: ReadonlyMap<string, readonly { readonly source: Source }[]>): string {
  return [...groups].map(([way, of]) => `${way} (${of.map(({ source }) => source.from).join('; ')})`).join(', ')
}

async function givenSource(given: GivenScript, means: ScriptMeans, limits: Limits): Promise<Source> {
  const followedBy = followers.script
  if ('url' in given) {
    const setting = { ...unset, from: shownUrl(given.url.href), script: given.url.href }
    return { from: setting.from, followedBy, ways: await settleWays(setting, destinations, means, limits) }
  }
  const ways = await Promise.all(destinations.map((to) => askedWay(given, to, means, limits)))
  return { from: given.from, followedBy, ways }
}

async function detectedSource(domain: string, means: ScriptMeans, limits: Limits): Promise<Source> {
  const setting = { ...unset, from: `WPAD of ${domain}`, detects: true }
  return {
    from: setting.from,
    followedBy: followers.wpad,
    ways: await settleWays(setting, destinations, means, limits),
  }
}

/** The settings that this machine itself has, the environment's first; none of them holds a secret. */
export async function ownSettings(
  means: Pick<Means, 'platform' | 'environment' | 'run' | 'readText'>,
  limits: Limits,
): Promise<{ readonly settings: readonly FoundSetting[]; readonly notes: readonly string[] }> {
  const environment = environmentProxy(means.environment)
  const windows = means.platform === 'win32' ? await windowsSettings(means, limits) : { settings: [], notes: [] }
  const settings = environment === undefined ? [] : [{ setting: environment, followedBy: followers.environment }]
  return { settings: [...settings, ...windows.settings], notes: windows.notes }
}

/** What `netsh` and .NET's own file say on Windows. */
async function windowsSettings(
  { run, readText }: Pick<Means, 'run' | 'readText'>,
  limits: Limits,
): Promise<{ readonly settings: readonly FoundSetting[]; readonly notes: readonly string[] }> {
  const [advanced, plain, config] = await Promise.all([
    run('netsh', ['winhttp', 'show', 'advproxy'], limits),
    run('netsh', ['winhttp', 'show', 'proxy'], limits),
    readText(machineConfigPath),
  ])
  const newer = advanced.kind === 'ran' && advanced.exitCode === 0 ? winHttpAdvancedProxy(advanced.stdout) : undefined
  const setting = newer ?? (plain.kind === 'ran' && plain.exitCode === 0 ? winHttpProxy(plain.stdout) : undefined)
  const read = config === undefined ? undefined : machineConfigFound(config, machineConfigPath)
  return {
    settings: [
      ...(setting === undefined ? [] : [{ setting, followedBy: followers.winHttp }]),
      ...(read !== undefined && 'setting' in read ? [read] : []),
    ],
    notes: [
      ...(setting === undefined ? ['netsh winhttp could not be run'] : []),
      ...(read !== undefined && 'note' in read && read.note !== undefined ? [read.note] : []),
    ],
  }
}

/** A machine.config as a source; one that says nothing of proxies is none, and .NET then goes by the system's setting. */
export function machineConfigFound(text: string, path: string): FoundSetting | { readonly note?: string } {
  const read = machineConfigProxy(text, path)
  switch (read.kind) {
    case 'setting':
      return { setting: read.setting, followedBy: followers.machineConfig }
    case 'nothing':
      return {}
    case 'unreadable':
      return { note: `${path} is not read as XML` }
    default:
      return read satisfies never
  }
}

async function scriptMeansOf(means: Means, limits: Limits): Promise<ScriptMeans> {
  const route = await means.routeTo('20.190.128.1', limits)
  const own = means.addresses.find(({ address }) => !address.includes(':') && !address.startsWith('127.'))?.address
  return {
    ownAddress: route.kind === 'route' ? route.localAddress : (own ?? '127.0.0.1'),
    fetch: (url, within) => means.fetchText(url, within),
    async resolve(name, signal) {
      const seen = await means.net.lookup(
        { name, type: 'A', resolver: 'system', resolverRole: 'system', transport: 'udp' },
        { signal, timeoutMs: limits.timeoutMs },
      )
      return seen.answers[0]
    },
  }
}

function wayWords(way: SettledWay): string {
  switch (way.kind) {
    case 'direct':
      return straight
    case 'proxy':
      return placeWords(way.proxy)
    case 'script': {
      const routes = way.routes.map(routeWords).join(', then ')
      // With another resolver the script may say otherwise.
      const resolved = way.resolved.length === 0 ? '' : ', after it resolved a name'
      return `${routes}${resolved}`
    }
    case 'unknown':
      return `not known: ${way.why}`
    default:
      return way satisfies never
  }
}

/** The way that is tried first, by which sources are compared; undefined where it is not known. */
function firstWords(way: SettledWay): string | undefined {
  if (way.kind === 'unknown') return undefined
  if (way.kind === 'script') return way.routes[0] === undefined ? undefined : routeWords(way.routes[0])
  return wayWords(way)
}

const straight = 'straight out'

function routeWords(route: PacRoute): string {
  return route.kind === 'direct' ? straight : placeWords({ ...route, scheme: route.type })
}

const schemeWords = { http: 'proxy', https: 'TLS proxy', socks: 'SOCKS proxy' } as const

/** A place whose name is none is not repeated: what was written there may be a password. */
export function placeWords({ scheme, host, port }: ProxyPlace): string {
  const isName = canonicalAddress(host) !== undefined || isHostName(host)
  return `${schemeWords[scheme]} ${hostPort(isName ? host : '(a host whose name is none)', port)}`
}
