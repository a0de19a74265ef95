import { serviceOf } from '../../diagnose/wording.ts'
import type { CauseCode } from '../../model/cause.ts'
import type { Flow } from '../../model/flow.ts'
import type { FlowReport } from '../../model/report.ts'
import { lookOf } from './standing.ts'

/** Flows that went to one place and came to the same, as `sharedTargets` gives them. */
export type Shared = readonly [FlowReport, ...FlowReport[]]

/**
 * Puts failures together that read alike but for whom they befell: a resolver that is silent fails every name in the
 * same words, and a portal that takes three names is told at each of them by the other two; one block is enough to mend
 * it. The first stands for all; none is lost.
 */
export function alike(shared: readonly Shared[]): readonly (readonly [Shared, ...Shared[]])[] {
  const groups = new Map<string, Shared[]>()
  const names = new Set(shared.flatMap(([{ target }]) => target.name ?? []))
  for (const one of shared) {
    const key = likenessOf(one[0], names)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  return [...groups.values()].flatMap(([first, ...others]) => (first === undefined ? [] : [[first, ...others]]))
}

/** Whether the fix of the first is to be read anew for each place of its group, since each has its own name in it. */
export function isFixEach([[flow], ...others]: readonly [Shared, ...Shared[]]): boolean {
  return culpritOf(flow) === undefined && others.some(([{ fix }]) => fix !== flow.fix)
}

/**
 * What two flows have in common when only the place and the time differ.
 *
 * @param names what failed as well: which of them a verdict rests on is no difference
 */
function likenessOf(flow: FlowReport, names: ReadonlySet<string>): string {
  if (flow.cause !== undefined && flow.fix !== undefined && ofTheHost.has(flow.cause)) {
    return [lookOf(flow), flow.cause, flow.owner ?? '', flow.confidence, flow.to, flow.fix].join('\n')
  }
  const culprit = culpritOf(flow)
  if (culprit !== undefined) return [lookOf(flow), flow.cause ?? '', flow.owner ?? '', culprit].join('\n')
  const says = flow.says.replace(dotted, (word) => (names.has(word) ? '~' : word))
  return [
    lookOf(flow),
    flow.cause ?? '',
    flow.owner ?? '',
    flow.confidence,
    flow.alternatives.join(),
    ...[says, flow.fix ?? '', flow.nextProbe ?? ''].map((text) => withoutPlace(text, flow)),
  ].join('\n')
}

/** A host that is another one, or not ready, is that on every port: only by which answer it was told differs. */
const ofTheHost: ReadonlySet<string> = new Set<CauseCode>([
  'stale-record',
  'wrong-domain',
  'dc-not-ready',
  'clock-skew',
])

/**
 * What is out of order for every flow that comes by it, wherever the flow goes: a proxy that is dead, a resolver that is
 * silent. How much of it each flow shows differs.
 */
function culpritOf({ cause, via, fix, nextProbe }: FlowReport): string | undefined {
  if (cause === 'proxy-dead' || cause === 'proxy-auth') return via === undefined ? undefined : `${via}\n${fix}`
  return cause === 'resolver-unreachable' || cause === 'forwarding-fails' ? nextProbe : undefined
}

/** What may be a host name: there is a dot in it. */
const dotted = /[\w*-]+(?:\.[\w*-]+)+/g

/** A sentence with the flow's own place and all durations left blank; a part that is said twice counts once. */
function withoutPlace(text: string, { to, target }: Flow): string {
  const { name, pattern, address, port, plannedPort } = target
  const placeless = [name, pattern, address, to, serviceOf(target)]
    // One letter is more often a part of a word than the name of a place.
    .filter((place) => place !== undefined && place.length > 1)
    // A pattern may begin with the name that stands for it.
    .toSorted((one = '', other = '') => other.length - one.length)
    .reduce<string>((left, place = '') => left.replaceAll(wholeWord(place), '~'), text)
  const timeless = placeless.replace(/\b\d+(?:\.\d+)? (?:ms|s|min|days?)\b/g, '~')
  const portless = timeless.replace(/\b\d{1,5}\b/g, (digits) =>
    Number(digits) === port || Number(digits) === plannedPort ? '~' : digits,
  )
  return [...new Set(portless.split(/[,;:] | and /))].join()
}

/** `HTTP` is no place in `WinHTTP`. */
function wholeWord(text: string): RegExp {
  return new RegExp(`(?<!\\w)${text.replace(/[^\w\s]/g, '\\$&')}(?!\\w)`, 'g')
}
