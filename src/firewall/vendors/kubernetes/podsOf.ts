import type { Addresses, AddressRange } from '../../addresses.ts'
import { commonRanges, mergedRanges, rangesWithout } from '../../addresses.ts'
import type { ReadingHints } from '../../reader.ts'
import type { Unknown } from '../../unknown.ts'
import type { Cluster, Pod } from './cluster.ts'
import { labelsOfNamespace, podSpace, unsaidNamespace } from './cluster.ts'
import type { Selector, Selects } from './selectors.ts'
import { demanded, selectorText, selects } from './selectors.ts'

/** Pods of namespaces: `in` names one, a selector chooses among all. */
export interface PodQuery {
  readonly namespaces: { readonly in: string } | Selector
  readonly pods: Selector
}

/** Pods that a query selects, those of the files one by one. */
export interface SelectedPods {
  readonly addresses: Addresses
  readonly pods: readonly { readonly pod: Pod; readonly isSure: boolean }[]
  /** Whether there can be others that no file shows. */
  readonly isWhole: boolean
}

/** Answers queries about the pods of one cluster. */
export type PodFinder = (query: PodQuery) => SelectedPods

/**
 * Finds the pods of queries: from the files, from `hints.places` by `namespace/label=value` (or `namespace/` for all its
 * pods), and unknown where nobody says. A namespace of which the files have a pod is taken as shown whole. Policies ask
 * the same over and over, so answers are kept.
 */
export function podFinder(cluster: Cluster, hints: ReadingHints): PodFinder {
  const known: Known = {
    cluster,
    hints,
    space: podSpace(cluster, hints),
    shown: mergedRanges(cluster.pods.flatMap(({ addresses }) => addresses)),
    shownNamespaces: new Set(cluster.pods.filter(({ hasSpec }) => hasSpec).map(({ namespace }) => namespace)),
  }
  const answers = new Map<string, SelectedPods>()
  return (query) => {
    const key = JSON.stringify(query)
    const answer = answers.get(key) ?? podsOf(query, known)
    answers.set(key, answer)
    return answer
  }
}

interface Known {
  readonly cluster: Cluster
  readonly hints: ReadingHints
  readonly space: ReturnType<typeof podSpace>
  readonly shown: readonly AddressRange[]
  readonly shownNamespaces: ReadonlySet<string>
}

function podsOf(query: PodQuery, { cluster, hints, space, shown, shownNamespaces }: Known): SelectedPods {
  const found: { pod: Pod; isSure: boolean }[] = []
  const possible: AddressRange[] = []
  for (const pod of cluster.pods) {
    const answer = both(namespaceSelects(query.namespaces, pod.namespace, cluster), selects(query.pods, pod.labels))
    if (answer === 'no') continue
    found.push({ pod, isSure: answer === 'yes' })
    if (answer === 'unknown') for (const range of pod.addresses) possible.push(range)
  }
  const what = wordsOf(query)
  const because: Unknown = { kind: 'place', what: `where ${what} are` }
  const sure = found.filter(({ isSure }) => isSure).flatMap(({ pod }) => pod.addresses)
  const hinted = hintedPods(query, hints)
  if (hinted?.isWhole === true) {
    const all = mergedRanges([...sure, ...hinted.ranges])
    return { addresses: { sure: all, possible: possiblePart(possible, all, because) }, pods: found, isWhole: false }
  }
  const isAll = query.pods.requirements.length === 0 && query.pods.unread === undefined
  const isEverywhere = 'requirements' in query.namespaces && query.namespaces.requirements.length === 0
  if (isAll && isEverywhere && space.isKnown) {
    const all = mergedRanges([...sure, ...space.ranges])
    return { addresses: { sure: all, possible: [] }, pods: found, isWhole: false }
  }
  const isWhole = areShown(query.namespaces, cluster, shownNamespaces)
  const elsewhere = isWhole ? [] : rangesWithout(hinted?.ranges ?? space.ranges, shown)
  const all = mergedRanges(sure)
  return {
    addresses: { sure: all, possible: possiblePart([...possible, ...elsewhere], all, because) },
    pods: found,
    isWhole,
  }
}

function possiblePart(ranges: readonly AddressRange[], sure: readonly AddressRange[], because: Unknown) {
  const within = rangesWithout(mergedRanges(ranges), sure)
  return within.length === 0 ? [] : [{ within, because }]
}

function namespaceSelects(namespaces: PodQuery['namespaces'], name: string, cluster: Cluster): Selects {
  if ('in' in namespaces) {
    if (namespaces.in === name) return 'yes'
    return namespaces.in === unsaidNamespace || name === unsaidNamespace ? 'unknown' : 'no'
  }
  return selects(namespaces, labelsOfNamespace(name, cluster))
}

/** Whether every pod of the namespaces meant is in the files. */
function areShown(namespaces: PodQuery['namespaces'], cluster: Cluster, shown: ReadonlySet<string>): boolean {
  // A manifest without a namespace may be for any.
  if (shown.has(unsaidNamespace)) return false
  if ('in' in namespaces) return namespaces.in !== unsaidNamespace && shown.has(namespaces.in)
  const named = demanded(namespaces, 'kubernetes.io/metadata.name')
  if (named !== undefined) return named.every((name) => shown.has(name))
  // Every cluster has these two: a list without them is not the list of all namespaces.
  const isListWhole = cluster.namespaces.has('kube-system') && cluster.namespaces.has('default')
  return (
    isListWhole &&
    shown.has('kube-system') &&
    [...cluster.namespaces].every(([name, labels]) => shown.has(name) || selects(namespaces, labels) === 'no')
  )
}

/** What the user says of the pods; not whole where it bounds them and does not settle them. */
function hintedPods(
  query: PodQuery,
  hints: ReadingHints,
): { ranges: readonly AddressRange[]; isWhole: boolean } | undefined {
  const names =
    'in' in query.namespaces ? [query.namespaces.in] : demanded(query.namespaces, 'kubernetes.io/metadata.name')
  if (names === undefined) return undefined
  const isNamedAlone = 'in' in query.namespaces || query.namespaces.requirements.length === 1
  const found = names.map((namespace) => {
    const all = hints.places[`${namespace}/`] ?? hints.places[namespace]
    const parts = query.pods.requirements.map(({ key, operator, values }) => {
      if (operator !== 'In') return undefined
      const hinted = values.map((value) => hints.places[`${namespace}/${key}=${value}`])
      const known = hinted.filter((ranges) => ranges !== undefined)
      return known.length < hinted.length ? undefined : mergedRanges(known.flat())
    })
    const known = [all, ...parts].filter((ranges) => ranges !== undefined).map(mergedRanges)
    const ranges = known.length === 0 ? undefined : known.reduce(commonRanges)
    const isSettled = query.pods.requirements.length === 0 ? all !== undefined : !parts.includes(undefined)
    return { ranges, isWhole: isSettled && query.pods.unread === undefined && isNamedAlone }
  })
  if (found.some(({ ranges }) => ranges === undefined)) return undefined
  return {
    ranges: mergedRanges(found.flatMap(({ ranges }) => ranges ?? [])),
    isWhole: found.every(({ isWhole }) => isWhole),
  }
}

function both(one: Selects, other: Selects): Selects {
  if (one === 'no' || other === 'no') return 'no'
  return one === 'yes' && other === 'yes' ? 'yes' : 'unknown'
}

/** `the pods app=connector of the namespace identity`. */
export function wordsOf({ namespaces, pods }: PodQuery): string {
  const which = selectorText(pods)
  const where =
    'in' in namespaces
      ? namespaces.in === unsaidNamespace
        ? 'of the namespace that the policy is applied to'
        : `of the namespace ${namespaces.in}`
      : namespaces.requirements.length === 0
        ? 'of all namespaces'
        : `of the namespaces ${selectorText(namespaces)}`
  return `the pods ${which === '' ? '' : `${which} `}${where}`
}
