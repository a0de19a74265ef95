import type { PathTrace } from '../model/observation.ts'
import type { PathHop } from '../model/pathHop.ts'
import type { Seen } from './seen.ts'

/** A hop that somebody on the way answered for. */
export type Heard = PathHop & { readonly address: string }

/** What was traced to the address of a flow that failed without an answer. */
export interface Paths {
  readonly failed: readonly { readonly id: string; readonly outcome: string; readonly ms: number }[]
  readonly address: string
  /** To the flow's own port, or by what asks none. */
  readonly own: PathTrace | undefined
  /** To other ports of the same address. */
  readonly others: readonly PathTrace[]
}

export function pathsOf({ stop, kinds, address, flow }: Seen): Paths | undefined {
  if (stop?.phase !== 'connect' && stop?.phase !== 'udp' && stop?.phase !== 'dns') return undefined
  const traces = kinds['path-trace'].filter((one) => one.address === address)
  if (address === undefined || traces.length === 0) return undefined
  const { port, transport } = flow.target
  const own = traces.find((one) => one.port === port && (one.sent === 'udp') === (transport === 'udp'))
  const portless = traces.find((one) => one.port === undefined)
  return {
    failed: stop.failed,
    address,
    own: own ?? portless,
    others: traces.filter((one) => one !== own && one !== portless),
  }
}

/** Who answered on the way, nearest first; this machine's own word is none of the way's. */
export function heardOn({ hops, address }: PathTrace, { kinds }: Seen): readonly Heard[] {
  const here = new Set(kinds['tcp-connect'].flatMap(({ localAddress }) => localAddress ?? []))
  return hops.filter(
    (hop): hop is Heard => hop.address !== undefined && (hop.address === address || !here.has(hop.address)),
  )
}

/** Whether anybody answered on any path that was traced: then packets leave this machine, and some come back. */
export function isAnyHopHeard(seen: Seen): boolean {
  return seen.kinds['path-trace'].some((trace) => heardOn(trace, seen).length > 0)
}

export const isSilent = ({ failed }: Paths): boolean => failed.every(({ outcome }) => outcome === 'timeout')

/** Whether more was asked for behind the last hop that answered: a trace that was cut at a hop has no end that is known. */
export function isAskedToItsEnd({ outcome, hops }: PathTrace): boolean {
  return outcome !== 'cut-short' || hops.at(-1)?.address === undefined
}

/** The last hop that was heard, as the end of a sentence. */
export function lastWords({ ttl, address }: Heard, traces: readonly PathTrace[]): string {
  const isCut = traces.some(({ outcome }) => outcome === 'cut-short')
  return `hop ${ttl}, ${address}, as the last${isCut ? ' in its time' : ''}`
}
