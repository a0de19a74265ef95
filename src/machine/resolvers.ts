import { canonicalAddress, parseHostPort } from '../model/cidr.ts'
import type { NameLookup, Unfiled } from '../model/observation.ts'
import type { LookupQuestion } from '../net/net.ts'
import { endWords } from '../net/placeOf.ts'
import type { Look } from './look.ts'
import { limits as limited, ok, unknown } from './look.ts'
import type { Asked, Means } from './means.ts'

interface Server {
  readonly text: string
  readonly address: string
  readonly port: number
  readonly role: 'system' | 'internal' | 'control'
}

const publicName = 'login.microsoftonline.com'
/** An answer that takes longer than this is felt at every sign-in. */
const slowMs = 500

/** Whether the name servers of this machine and of the site answer, over UDP and over TCP, and how fast. */
export const resolvers: Look = {
  id: 'resolvers',
  group: 'names',
  title: 'resolvers',
  async look(means, asked, bounds) {
    const servers = serversOf(means, asked)
    const [own, ...asks] = await Promise.all([
      means.net.lookup(
        { name: publicName, type: 'A', resolver: 'system', resolverRole: 'system', transport: 'udp' },
        bounds,
      ),
      ...servers.map(async (server) => ({
        server,
        udp: await means.net.lookup(questionFor(server, asked, 'udp'), bounds),
        tcp: await means.net.lookup(questionFor(server, asked, 'tcp'), bounds),
      })),
    ])
    const rows = [
      ['this machine’s own resolution', `${publicName} A`, lookupWords(own), ''],
      ...asks.map(({ server, udp, tcp }) => [
        `${server.text} (${roleWords[server.role]})`,
        `${udp.name} ${udp.type}`,
        lookupWords(udp),
        lookupWords(tcp),
      ]),
    ]
    const table = { columns: ['who is asked', 'for', 'over UDP', 'over TCP'], rows }
    const silentOver = (transport: 'udp' | 'tcp') =>
      asks.filter((ask) => !isAnswer(ask[transport])).map(({ server }) => server.text)
    const [overUdp, overTcp] = [silentOver('udp'), silentOver('tcp')]
    const answering = asks.length - new Set([...overUdp, ...overTcp]).size
    const rest = {
      table,
      figures: { asked: asks.length, silentOverUdp: overUdp, silentOverTcp: overTcp, ownResolution: own.outcome },
    }
    const trouble = [
      ...(own.outcome === 'answer'
        ? []
        : [`this machine does not resolve ${publicName} (${endWords(own.outcome)}): only a proxy can lead there`]),
      ...(overUdp.length === 0 ? [] : [`no answer over UDP from ${overUdp.join(', ')}`]),
      ...(overTcp.length === 0 ? [] : [`no answer over TCP from ${overTcp.join(', ')}`]),
    ]
    if (trouble.length > 0) {
      const next =
        overUdp.length + overTcp.length > 0
          ? 'postern check dns://ADDRESS/DOMAIN says why; answers that do not fit UDP need TCP 53'
          : 'nothing, where a proxy resolves for all; else ask whoever runs the name servers'
      return limited(trouble.join('; '), next, rest)
    }
    if (asks.length === 0) {
      return unknown('names are resolved, and which servers do it is not told: none was asked by itself', {
        ...rest,
        next: 'name them in the site file under resolvers:',
      })
    }
    const slow = asks.filter(({ udp }) => udp.ms > slowMs).map(({ server }) => server.text)
    if (slow.length > 0) {
      return limited(`slower than ${slowMs} ms: ${slow.join(', ')}`, 'ask who runs them; postern check counts it', rest)
    }
    return ok(
      `${answering === 1 ? 'the one name server answers' : `all ${answering} name servers answer`} over UDP and TCP`,
      rest,
    )
  },
}

const roleWords = { system: 'of this machine', internal: 'of the site', control: 'outside' } as const

/** Servers that stand in several lists are asked once, as what the site calls them. */
function serversOf({ nameServers }: Means, { site }: Asked): readonly Server[] {
  const listed = [
    ...(site?.resolvers.internal ?? []).map((text) => serverOf(text, 'internal')),
    ...(site?.resolvers.control ?? []).map((text) => serverOf(text, 'control')),
    ...nameServers.map((text) => serverOf(text, 'system')),
  ].filter((server) => server !== undefined)
  return [...Map.groupBy(listed, ({ address, port }) => `${address} ${port}`).values()].flatMap(
    ([first]) => first ?? [],
  )
}

function serverOf(text: string, role: Server['role']): Server | undefined {
  // A zone belongs to this machine; the question is put without it, and told so by its failure.
  const parsed = parseHostPort(text.replace(/%[^\]]*/, ''))
  const address = parsed === undefined ? undefined : canonicalAddress(parsed.host)
  return address === undefined ? undefined : { text, address, port: parsed?.port ?? 53, role }
}

/** The site's own servers need not know names outside: they are asked for the domain. */
function questionFor({ address, port, role }: Server, { site }: Asked, transport: 'udp' | 'tcp'): LookupQuestion {
  const common = { resolver: { address, port }, resolverRole: role, transport }
  return role === 'internal' && site?.domain !== undefined
    ? { ...common, name: site.domain, type: 'SOA' }
    : { ...common, name: publicName, type: 'A' }
}

/** A server that says no is one that answers. */
function isAnswer({ outcome }: Unfiled<NameLookup>): boolean {
  return ['answer', 'no-data', 'name-error'].includes(outcome)
}

function lookupWords(seen: Unfiled<NameLookup>): string {
  return isAnswer(seen) ? `${outcomeWords(seen)} in ${Math.round(seen.ms)} ms` : endWords(seen.outcome)
}

function outcomeWords({ outcome }: Unfiled<NameLookup>): string {
  return outcome === 'answer' ? 'an answer' : outcome === 'no-data' ? 'no such record' : 'no such name'
}
