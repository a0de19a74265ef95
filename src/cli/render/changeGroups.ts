import type { FlowChange, FlowReport } from '../../model/report.ts'
import type { Shared } from './alike.ts'
import { alike, isFixEach } from './alike.ts'
import { isTrouble } from './compareWords.ts'
import { sharedTargets } from './sharedTargets.ts'

/** Changes that are one fact to a reader: the first is told whole, the others by their places. */
export interface ChangeGroup {
  readonly first: FlowChange
  readonly others: readonly FlowChange[]
  /** The fix of the first has its own place in it, and is to be read anew for each of the others. */
  readonly isFixEach: boolean
}

/**
 * Puts changes of one kind together that have one cause at one host, or that read alike but for their places: a host that
 * is away breaks thirteen flows, and is one thing to mend. What broke or appeared is held by what it is now, what is mended
 * by what it was; the rest stands alone. The order stays, and none is lost.
 */
export function changeGroups(changes: readonly FlowChange[]): readonly ChangeGroup[] {
  const judged = new Map<FlowReport, FlowChange>()
  for (const change of changes) {
    const flow = causedFlow(change)
    if (flow !== undefined) judged.set(flow, change)
  }
  const groups = new Map<FlowChange, { readonly shared: Shared[]; readonly changes: FlowChange[] }>()
  const leaders = new Map<string, FlowChange>()
  for (const [kind, flows] of Map.groupBy(judged.keys(), (flow) => judged.get(flow)?.change)) {
    for (const group of alike(sharedTargets(flows))) {
      const keys = group.flat().flatMap((flow) => keyOf(kind, flow) ?? [])
      const known = keys.map((key) => leaders.get(key)).find((leader) => leader !== undefined)
      const leader = known ?? judged.get(group[0][0])
      if (leader === undefined) continue
      for (const key of keys) leaders.set(key, leaders.get(key) ?? leader)
      const into = groups.get(leader) ?? { shared: [], changes: [] }
      into.shared.push(...group)
      into.changes.push(...group.flat().flatMap((flow) => judged.get(flow) ?? []))
      groups.set(leader, into)
    }
  }
  const grouped = new Set([...groups.values()].flatMap((group) => group.changes))
  return changes.flatMap((change): readonly ChangeGroup[] => {
    const own = groups.get(change)
    if (own === undefined) return grouped.has(change) ? [] : [{ first: change, others: [], isFixEach: false }]
    const [head, ...rest] = own.shared
    const others = own.changes.filter((other) => other !== change)
    return [{ first: change, others, isFixEach: head !== undefined && isFixEach([head, ...rest]) }]
  })
}

/** The side of a change that has the cause by which it is told. */
function causedFlow(change: FlowChange): FlowReport | undefined {
  const flow = isTrouble(change) ? change.after : change.change === 'mended' ? change.before : undefined
  return flow?.cause === undefined ? undefined : flow
}

/** The cause at its host; what is undetermined at two ports may be two things. */
function keyOf(change: FlowChange['change'] | undefined, flow: FlowReport): string | undefined {
  const { cause, owner, to, target } = flow
  if (cause === 'undetermined') return undefined
  return [change, cause, owner, target.name ?? target.address ?? to].join('\n')
}
