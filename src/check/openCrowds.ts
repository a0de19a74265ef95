import type { Observation, TcpConnect } from '../model/observation.ts'
import { wait } from '../net/wait.ts'
import type { Question } from '../probes/probe.ts'
import type { Means } from './askControls.ts'

/** Connections of one round, all held until the last has come out. */
const crowdSize = 8
/** Until whoever counts connections has noticed that the last round is gone, in milliseconds. */
const lingerMs = 300
/** Places at which a limit is looked for: one that several meet is told at the first. */
const mostPlaces = 3

/**
 * Tells a limit of connections from a loss by chance, where a connection failed when everything was asked at once and
 * worked when it was asked again: one alone, eight at once, and that again. It comes last, and one place after the other:
 * what else is open counts against a limit too.
 *
 * @param others what has to be over before
 */
export function openCrowds(
  means: Means,
  others: () => Iterable<Promise<unknown>>,
): (question: Question | undefined, seen: readonly Observation[]) => Promise<readonly Observation[]> {
  const places = new Map<string, Promise<readonly Observation[]>>()
  let last: Promise<unknown> | undefined
  return async (question, seen) => {
    if (question === undefined || !worksAtTimes(seen, question)) return []
    const key = `${question.address} ${question.port}`
    const known = places.get(key)
    if (known !== undefined) return known
    if (places.size === mostPlaces) return []
    last ??= Promise.all(others())
    const made = last.then(() => askCrowd(question, means))
    last = made
    places.set(key, made)
    return made
  }
}

function worksAtTimes(seen: readonly Observation[], { address, port, via }: Question): boolean {
  if (via !== undefined) return false
  const own = seen.filter(
    (one): one is TcpConnect =>
      one.kind === 'tcp-connect' &&
      one.address === address &&
      one.port === port &&
      (one.role === 'probe' || one.role === 'repeat'),
  )
  return own.some(({ outcome }) => failing.has(outcome)) && own.some(({ outcome }) => outcome === 'connected')
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
    await wait(
      { ...limits, timeoutMs: lingerMs },
      () => () => {},
      () => {},
    )
  }
  await slot(ledger.page(into, 'control', 'crowd'), async () => {
    for (const _ of [1, 2]) {
      await round(1, 'repeat')
      await round(crowdSize, 'control')
    }
  })
  return into
}
