import type { CauseCode } from '../src/model/cause.ts'
import type { Play, Played, World } from './playWatch.ts'
import { playWatch } from './playWatch.ts'
import type { WatchedFlow } from './watchedSite.ts'
import { watchedSite } from './watchedSite.ts'

type Hits = (flow: WatchedFlow) => CauseCode | undefined

export const minutes = (count: number): number => count * 60

/** A fault that begins at a second and ends before another. */
export function during(from: number, hits: Hits, until = Number.POSITIVE_INFINITY): World {
  return (flow, second) => (second >= from && second < until ? hits(flow) : undefined)
}

/** The first of several faults that a flow meets. */
export function both(...worlds: readonly World[]): World {
  return (flow, second) => worlds.map((world) => world(flow, second)).find((cause) => cause !== undefined)
}

export function atHost(host: string, cause: CauseCode, ports?: readonly number[]): Hits {
  return ({ on, flow }) =>
    on.host === host && flow.expect === 'open' && (ports === undefined || ports.includes(flow.target.port ?? 0))
      ? cause
      : undefined
}

export function inNetwork(network: string, cause: CauseCode): Hits {
  return ({ on }) => (on.network === network ? cause : undefined)
}

/** The site with some hosts in another network than they are in. */
export function movedTo(network: string, hosts: readonly string[]): readonly WatchedFlow[] {
  return watchedSite.map((one) => (hosts.includes(one.on.host) ? { ...one, on: { ...one.on, network } } : one))
}

/** The site with a router of which each trace that gets no further shows that it ends there. */
export function stoppedAt(gateway: string, flows: readonly WatchedFlow[]): readonly WatchedFlow[] {
  return flows.map((one) => ({ ...one, on: { ...one.on, stopsAt: gateway } }))
}

/** `opened host dc01`, in the order in which it was told. */
export function toldOf({ alerts }: Played): readonly string[] {
  return alerts.map(({ reason, incident: { suspect } }) => `${reason} ${suspect.kind} ${suspect.name}`)
}

export function toldIn(play: Play): readonly string[] {
  return toldOf(playWatch(play))
}
