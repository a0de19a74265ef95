import { setTimeout as pause } from 'node:timers/promises'
import { roundSize } from '../diagnose/crowd.ts'
import type { Observation, TcpConnect } from '../model/observation.ts'
import type { Question } from '../probes/probe.ts'
import type { Means } from './askControls.ts'

/** Until whoever counts connections has noticed that the last round is gone, in milliseconds. */
const lingerMs = 300
/** Places at which a limit is looked for: one that several meet is told at the first. */
export const mostPlaces = 3
/** What each of them costs: twice one connection alone and a round of them at once. */
export const crowdConnections = 2 * (1 + roundSize)

/** One flow with everything that was seen of it, its controls as well. */
export interface Compared {
  readonly question?: Question | undefined
  readonly seen: readonly Observation[]
}

/**
 * Tells a limit of connections from a loss by chance, where a connection failed when everything was asked at once and
 * others at the same place worked: one alone, eight at once, and that again. It comes last, and one place after the other:
 * what else is open counts against a limit too.
 *
 * @param all every flow, in the order in which places are chosen, however quick each was
 * @returns what was seen at the place of a flow; nothing where that was none of the places
 */
export function openCrowds(
  means: Means,
  all: readonly Promise<Compared>[],
): (one: Compared) => Promise<readonly Observation[]> {
  let opened: Promise<Crowds> | undefined
  return async (one) => {
    const place = placeOf(one)
    if (place === undefined) return []
    opened ??= Promise.all(all).then((every) => openAt(every, means))
    return (await opened).get(keyOf(place)) ?? []
  }
}

type Crowds = ReadonlyMap<string, Promise<readonly Observation[]>>

function openAt(all: readonly Compared[], means: Means): Crowds {
  const crowds = new Map<string, Promise<readonly Observation[]>>()
  let last: Promise<unknown> = Promise.resolve()
  for (const one of all) {
    const place = placeOf(one)
    if (place === undefined || crowds.has(keyOf(place)) || crowds.size === mostPlaces) continue
    const made = last.then(() => askCrowd(place, means))
    crowds.set(keyOf(place), made)
    last = made
  }
  return crowds
}

const keyOf = ({ address, port }: Question): string => `${address} ${port}`

/** Where a flow failed and it, or another one at the same place, worked. */
function placeOf({ question, seen }: Compared): Question | undefined {
  if (question === undefined || question.via !== undefined) return undefined
  const here = seen.filter(
    (one): one is TcpConnect =>
      one.kind === 'tcp-connect' &&
      one.address === question.address &&
      one.port === question.port &&
      one.role !== 'control',
  )
  const worksAtTimes =
    here.some(({ outcome }) => failing.has(outcome)) && here.some(({ outcome }) => outcome === 'connected')
  return worksAtTimes ? question : undefined
}

const failing: ReadonlySet<TcpConnect['outcome']> = new Set(['timeout', 'refused', 'reset', 'host-unreachable'])

async function askCrowd(
  { address, port }: Question,
  { net, ledger, limits, slot }: Means,
): Promise<readonly Observation[]> {
  const into: Observation[] = []
  const round = async (count: number, role: 'repeat' | 'control'): Promise<void> => {
    const keep = role === 'repeat' ? ledger.page(into, role) : ledger.page(into, role, 'crowd')
    // Kept in the order in which they were sent: a limit lets the first ones stand.
    const made = await Promise.all(Array.from({ length: count }, () => net.connect({ address, port }, limits)))
    for (const { seen, socket } of made) {
      keep(seen)
      socket?.destroy()
    }
    // An abort cuts the pause short, and whatever is asked after it says so itself.
    await pause(lingerMs, undefined, { signal: limits.signal }).catch(() => {})
  }
  await slot(ledger.page(into, 'control', 'crowd'), async () => {
    for (const _ of [1, 2]) {
      await round(1, 'repeat')
      await round(roundSize, 'control')
    }
  })
  return into
}
