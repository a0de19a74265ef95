import { hostPort } from '../model/hostPort.ts'
import type { TcpConnect } from '../model/observation.ts'
import { isAnswered, resolverAddress } from './lookups.ts'
import { isLocal } from './neighbours.ts'
import { ofKind } from './observations.ts'
import { resolverOf } from './resolverAnswers.ts'
import type { Match } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { duration, listed } from './wording.ts'

/**
 * A proxy that refuses its port says so by itself; one that stays silent is not there as far as its clients are concerned,
 * where something else shows that their network works.
 */
export function proxyNotReached(seen: Seen): Match | undefined {
  const { stop, flow, from, otherWay } = seen
  if (stop?.phase !== 'proxy' || !stop.failed.every(({ outcome }) => isAbsence[outcome])) return undefined
  const stated = stop.failed.every(({ outcome }) => outcome === 'refused' || outcome === 'reset')
  const reached = ofKind(otherWay, 'tcp-connect').filter(({ outcome }) => outcome === 'connected')
  const others = othersHeard(seen, stop.failed)
  // Without an answer of the proxy's host it may be this machine's own network: something else has to answer.
  if (!stated && reached.length + others.ids.length === 0) return undefined
  const beside = reached.length > 0 ? '; straight from here the target is reached' : stated ? '' : others.says
  return {
    confidence: stated ? 'certain' : 'likely',
    says: `the proxy ${flow.via} is not there: ${unreached(stop.failed)}${beside}`,
    // Who answers nothing may be there, behind a rule.
    fix: `bring the proxy up, ${stated ? '' : `allow ${listed(stop.failed.map(({ address, port }) => `tcp ${from} -> ${hostPort(address, port)}`))}, `}or give this machine one that works: proxies: of the site file, WinHTTP, machine.config`,
    alternatives: stated ? [] : others.isOfHost ? ['filtered-silently'] : ['filtered-silently', 'no-route'],
    nextProbe: `run the check on another machine that uses ${flow.via}`,
    decidedBy: idsOf(stop.failed, reached, stated ? [] : others.ids),
  }
}

interface Heard {
  readonly ids: readonly { readonly id: string }[]
  /** Whether the proxy's own host answers, at another port: then there is a way to it. */
  readonly isOfHost: boolean
  readonly says: string
}

/** What shows that the network of this machine works where a proxy stays silent: its host, another one, or a resolver. */
function othersHeard(
  { kinds, elsewhereAnswers, lookups, otherLookups, controlLookups }: Seen,
  failed: readonly TcpConnect[],
): Heard {
  const [first] = failed
  const host = kinds['tcp-connect'].filter(
    (one) => one.proxy === undefined && one.address === first?.address && isAnswer.has(one.outcome),
  )
  if (host.length > 0) {
    const ports = [...new Set(host.map(({ port }) => String(port)))]
    return { ids: host, isOfHost: true, says: `; its host answers on ${listed(ports)}` }
  }
  const resolvers = [...lookups.worked, ...otherLookups, ...controlLookups].filter((one) => {
    const address = resolverAddress(one)
    return (
      isAnswered(one) &&
      address !== undefined &&
      address !== first?.address &&
      isLocal(address) === isLocal(first?.address)
    )
  })
  const says = [
    ...elsewhereAnswers.map(({ address, port }) => hostPort(address, port)),
    ...new Set(resolvers.map(resolverOf)),
  ]
  return {
    ids: [...elsewhereAnswers, ...resolvers],
    isOfHost: false,
    says: says.length === 0 ? '' : `; ${listed(says.slice(0, 2))} answered this machine`,
  }
}

const isAnswer: ReadonlySet<TcpConnect['outcome']> = new Set(['connected', 'refused', 'reset'])

/** How a connection to a proxy fails that is not there; the others speak of this machine, or of what stands between. */
const isAbsence: Readonly<Record<TcpConnect['outcome'], boolean>> = {
  refused: true,
  reset: true,
  timeout: true,
  'host-unreachable': true,
  'net-unreachable': true,
  connected: false,
  'admin-prohibited': false,
  'no-local-network': false,
  'tool-limit': false,
  aborted: false,
  error: false,
}

function unreached(failed: readonly TcpConnect[]): string {
  const [first] = failed
  if (first === undefined) return 'it was not asked'
  const where = hostPort(first.address, first.port)
  return first.outcome === 'timeout'
    ? `${where} does not answer within ${duration(first.ms)}`
    : `${where} answers ${listed(failed.map(({ code, outcome }) => code ?? outcome))}`
}
