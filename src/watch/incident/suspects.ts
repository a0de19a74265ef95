import type { CauseCode } from '../../model/cause.ts'
import type { FindingCode, Suspect, SuspectKind } from '../../model/incident.ts'
import type { Leaning, Standing } from '../news.ts'
import type { CauseFamily } from './causeFamilies.ts'
import { familyOf } from './causeFamilies.ts'
import { networkAround } from './leaningOf.ts'
import { partsOf } from './ways.ts'

/** Who is at which address, by what the flows watched say of it. */
export interface Places {
  /** The host of the site, by its address. */
  readonly hosts: ReadonlyMap<string, string>
  /** The proxy of the site, by `address:port`. */
  readonly proxies: ReadonlyMap<string, string>
}

export function placesOf(leanings: Iterable<Leaning>): Places {
  const hosts = new Map<string, string>()
  const proxies = new Map<string, string>()
  for (const { address, host, isOutside, via, proxyAt } of leanings) {
    if (address !== undefined && !isOutside) hosts.set(address, host)
    if (via !== undefined && proxyAt !== undefined) proxies.set(proxyAt, via)
  }
  return { hosts, proxies }
}

/** One way in which failures can have one cause. */
export interface SuspectRow {
  readonly kind: SuspectKind
  /** Families that it can cause. */
  readonly causes: readonly CauseFamily[]
  /** So many failures must speak for it, and they must concern so many hosts. */
  readonly least: { readonly failures: number; readonly hosts: number }
  /**
   * The names that it would have.
   *
   * @param family of the failure; absent for a flow that is well: then all that it passes
   */
  readonly of: (on: Leaning, places: Places, family: CauseFamily | undefined) => readonly (string | undefined)[]
  readonly why: string
}

const packets: readonly CauseFamily[] = ['reach', 'service', 'time']
/** What also fails where no packet passes: the names and proxies that lie behind. */
const packetsAndWhatIsBehind: readonly CauseFamily[] = [...packets, 'name', 'proxy']
const alone = { failures: 1, hosts: 1 }
const several = { failures: 2, hosts: 1 }
const acrossHosts = { failures: 2, hosts: 2 }

/**
 * Everything that can be to blame for several failures, the nearest first: of two that explain the same, the one that
 * accuses less is chosen.
 */
export const suspectRows: readonly SuspectRow[] = [
  {
    kind: 'certificate',
    causes: ['certificate', 'revocation'],
    least: alone,
    of: ({ certificate }) => [certificate],
    why: 'one certificate is shown by several hosts and ports, and expires for all of them at once',
  },
  {
    kind: 'certificate',
    causes: ['certificate', 'revocation', 'interception'],
    least: several,
    of: ({ issuer }) => [issuer],
    why: 'what a CA, or a proxy that inspects, gets wrong is wrong in all that it signs',
  },
  {
    kind: 'name',
    causes: ['name', 'notice'],
    least: several,
    of: ({ host, via }) => [via === undefined ? host : undefined],
    why: 'a record that is missing or wrong is so for every port of its host',
  },
  {
    kind: 'resolver',
    causes: ['name', 'time'],
    least: several,
    of: ({ resolver }) => [resolver],
    why: 'whoever asks a silent resolver waits, wherever the flow goes',
  },
  {
    kind: 'proxy',
    causes: ['proxy', 'reach', 'name', 'service', 'time', 'interception', 'policy'],
    least: several,
    of: (on, { proxies }) => [on.via, on.address === undefined ? undefined : proxies.get(doorOf(on))],
    why: 'what goes through a proxy ends with it, and a flow to the proxy itself meets the same',
  },
  {
    kind: 'host',
    causes: [...packetsAndWhatIsBehind, 'identity', 'clock'],
    least: several,
    of: hostsOf,
    why: 'a host that is down, or wrong, is so on all of its ports; it takes its resolver or proxy with it',
  },
  {
    kind: 'address',
    causes: [...packets, 'identity'],
    least: several,
    of: ({ address }) => [address],
    why: 'one of several nodes behind one name fails whoever is sent to it',
  },
  {
    kind: 'gateway',
    causes: packets,
    least: several,
    of: ({ stopsAt, hops = [] }, _, family) => (family === undefined ? hops : [stopsAt]),
    why: 'traces that end at one device, or its own word, say where packets stop',
  },
  {
    kind: 'destination',
    causes: packetsAndWhatIsBehind,
    least: acrossHosts,
    of: networksOf,
    why: 'hosts of one network that fail together have one router or link before them',
  },
  {
    kind: 'destination',
    causes: [...packets, 'identity', 'name'],
    least: several,
    of: ({ region }) => [region],
    why: 'what Microsoft serves by one pattern or role stands and falls together',
  },
  {
    kind: 'destination',
    causes: packetsAndWhatIsBehind,
    least: acrossHosts,
    of: ({ isOutside }) => [isOutside ? internet : undefined],
    why: 'when nothing outside answers and everything inside does, the way out is cut',
  },
  {
    kind: 'port',
    causes: ['reach'],
    least: acrossHosts,
    of: ({ port }) => [port],
    why: 'a rule of a firewall speaks of a port, whichever host is behind it',
  },
  {
    kind: 'vantage',
    causes: [...packetsAndWhatIsBehind, 'tool', 'clock'],
    least: { failures: 3, hosts: 2 },
    of: ({ from }) => [from],
    why: 'when nothing at all is well from here, it is here',
  },
  {
    kind: 'path',
    causes: ['reach', 'policy', 'service', 'time'],
    least: several,
    of: ({ from, to, host, isOutside, via }, _, family) => [
      family === 'policy' && via !== undefined ? `${from} through ${via}` : undefined,
      isOutside ? undefined : `${from} -> ${to === '' ? host : to}`,
    ],
    why: 'several ports between two ends that fail alike, while others there are well, are one rule and accuse nobody',
  },
]

/** The name of the suspect that is everything outside of the site. */
export const internet = 'internet'

function doorOf({ address = '', port = '' }: Leaning): string {
  const number = port.split('/')[0] ?? ''
  return address.includes(':') ? `[${address}]:${number}` : `${address}:${number}`
}

/** The host part of `10.1.0.5:53` and of `[2001:db8::1]:53`. */
function addressOf(door: string | undefined): string | undefined {
  return door === undefined ? undefined : /^\[?([^\]]*?)\]?:\d+$/.exec(door)?.[1]
}

function hostsOf(
  { host, resolver, proxyAt }: Leaning,
  { hosts }: Places,
  family: CauseFamily | undefined,
): readonly (string | undefined)[] {
  const target = family === 'name' || family === 'proxy' ? undefined : host
  const ofResolver = family === 'name' || family === undefined ? hosts.get(addressOf(resolver) ?? '') : undefined
  const ofProxy = family === 'proxy' || family === undefined ? hosts.get(addressOf(proxyAt) ?? '') : undefined
  return [target, ofResolver, ofProxy]
}

function networksOf(
  { network, resolver, proxyAt, via }: Leaning,
  _: Places,
  family: CauseFamily | undefined,
): readonly (string | undefined)[] {
  const target = family === 'name' || family === 'proxy' || via !== undefined ? undefined : network
  const around = (door: string | undefined) => networkAround(addressOf(door) ?? '')
  const ofResolver = family === 'name' || family === undefined ? around(resolver) : undefined
  const ofProxy = family === 'proxy' || family === undefined ? around(proxyAt) : undefined
  return [target, ofResolver, ofProxy]
}

/** Everything that may be to blame for a failure, the nearest first. */
export function suspectsOf(on: Leaning | undefined, code: FindingCode, places: Places): readonly Suspect[] {
  if (on === undefined) return []
  const family = familyOf(code)
  const found = new Map<string, Suspect>()
  const named = namedBy(on, code)
  if (named !== undefined) found.set(keyOf(named), named)
  for (const { kind, causes, of } of suspectRows) {
    if (!causes.includes(family)) continue
    for (const name of of(on, places, family)) {
      if (name !== undefined && name !== '') found.set(keyOf({ kind, name }), { kind, name })
    }
  }
  return [...found.values()]
}

const keyOf = ({ kind, name }: Suspect): string => `${kind}\n${name}`

/**
 * Everything that a flow passes, and that it speaks for when it is well: keys as {@link witnessed} gives them.
 *
 * @param kinds of which somebody is suspected; others are left out
 */
export function passedBy({ expect, on }: Standing, places: Places, kinds: ReadonlySet<SuspectKind>): readonly string[] {
  // A door that must be closed, and is, does not show that somebody is behind it.
  if (expect === 'closed') return []
  const keys: string[] = []
  for (const { kind, of } of suspectRows) {
    if (!kinds.has(kind)) continue
    for (const name of of(on, places, undefined)) if (name !== undefined) keys.push(keyOf({ kind, name }))
  }
  return keys
}

/** The kinds whose keys stand in a table. */
export function kindsOf(keys: Iterable<string>): ReadonlySet<SuspectKind> {
  const known = new Set(Array.from(keys, (key) => key.slice(0, key.indexOf('\n'))))
  return new Set(suspectRows.map(({ kind }) => kind).filter((kind) => known.has(kind)))
}

/** By which keys of {@link passedBy} a flow speaks for a suspect of these failures. */
export function witnessed(
  suspect: Suspect,
  failing: readonly { readonly weighed: { readonly suspects: readonly Suspect[] } }[],
): ReadonlySet<string> {
  // Of a flow that is well nobody knows the gateways: whoever is reached in the same network has passed them.
  const networks =
    suspect.kind === 'gateway'
      ? failing.flatMap(({ weighed }) => weighed.suspects.find(({ kind }) => kind === 'destination') ?? [])
      : []
  return new Set([...partsOf(suspect), ...networks].map(keyOf))
}

/** What a cause says by itself of who is to blame: one failure is enough. */
const namings: Readonly<Partial<Record<CauseCode, (on: Leaning) => Suspect | undefined>>> = Object.freeze({
  'no-local-network': vantage,
  'clock-wrong': vantage,
  'proxy-required': vantage,
  'captive-portal': vantage,
  'tool-limit': vantage,
  'wrong-site': vantage,
  'resolver-unreachable': by('resolver', ({ resolver }) => resolver),
  'forwarding-fails': by('resolver', ({ resolver }) => resolver),
  'resolver-slow': by('resolver', ({ resolver }) => resolver),
  'dns-tcp-blocked': by('resolver', ({ resolver }) => resolver),
  'proxy-dead': by('proxy', ({ via }) => via),
  'proxy-auth': by('proxy', ({ via }) => via),
  'interception-trusted': inspector,
  'interception-untrusted': inspector,
  'interception-partial': inspector,
  'cert-expired': by('certificate', ({ certificate }) => certificate),
  'cert-not-yet-valid': by('certificate', ({ certificate }) => certificate),
  'chain-incomplete': by('certificate', ({ certificate }) => certificate),
  'wrong-key-usage': by('certificate', ({ certificate }) => certificate),
  'name-mismatch': by('certificate', ({ certificate }) => certificate),
  revoked: by('certificate', ({ certificate }) => certificate),
  'root-missing': by('certificate', ({ issuer }) => issuer),
  'revocation-unreachable': by('certificate', ({ issuer }) => issuer),
  'crl-stale': by('certificate', ({ issuer }) => issuer),
  'dc-not-ready': by('host', ({ host }) => host),
  'wrong-domain': by('host', ({ host }) => host),
  'stale-record': by('host', ({ host }) => host),
  'not-a-gc': by('host', ({ host }) => host),
  'clock-skew': by('host', ({ host }) => host),
  'clock-unsynchronised': by('host', ({ host }) => host),
  'time-refused': by('host', ({ host }) => host),
  'one-bad-node': by('address', ({ address }) => address),
})

function by(kind: SuspectKind, nameOf: (on: Leaning) => string | undefined): (on: Leaning) => Suspect | undefined {
  return (on) => {
    const name = nameOf(on)
    return name === undefined || name === '' ? undefined : { kind, name }
  }
}

function vantage({ from }: Leaning): Suspect {
  return { kind: 'vantage', name: from }
}

/** Who inspects: the proxy where there is one, else whoever signs. */
function inspector({ via, issuer }: Leaning): Suspect | undefined {
  if (via !== undefined) return { kind: 'proxy', name: via }
  return issuer === undefined ? undefined : { kind: 'certificate', name: issuer }
}

/** Whom a failure's own evidence names. */
export function namedBy(on: Leaning | undefined, code: FindingCode): Suspect | undefined {
  if (on === undefined) return undefined
  const naming = Object.hasOwn(namings, code) ? namings[code as CauseCode] : undefined
  return naming?.(on)
}
