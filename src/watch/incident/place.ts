import type { Suspect } from '../../model/incident.ts'
import { manner } from './causeFamilies.ts'
import { isRemembered, returned } from './damping.ts'
import type { Draft, Loose } from './draft.ts'
import { add, loosen, put, touch } from './draft.ts'
import { itself } from './itself.ts'
import type { Kept } from './kept.ts'
import { isOver, isSettling, liveOf, suspicionsOfIncident } from './kept.ts'
import { loosenRefuted } from './refute.ts'
import type { Trouble } from './trouble.ts'
import { codeOf, isLive, isSoft, suspicionOf, troubleId, troubleOf } from './trouble.ts'
import type { Group } from './weigh.ts'
import { weigh } from './weigh.ts'

/**
 * Finds an incident for everything that fails and stands in none: what falls under a cause that is known joins it in silence,
 * and all else is weighed, together with what is not settled yet.
 *
 * @returns subjects of flows whose next look would tell the most
 */
export function place(draft: Draft): readonly string[] {
  loosenRefuted(draft)
  releaseSoft(draft)
  const isAsking = joinKnown(draft)
  const settling = [...draft.incidents.values()].filter((one) => !isOver(one) && isSettling(one))
  if (draft.loose.size === 0 && !isAsking && !settling.some((one) => isDue(draft, one))) {
    dissolve(draft, new Set())
    return []
  }
  for (const incident of settling) loosen(draft, incident)
  const blocks = [...draft.incidents.values()].flatMap((incident) => {
    if (isOver(incident)) return []
    const troubles = liveOf(incident)
    return troubles.length === 0 ? [] : [{ id: incident.id, troubles }]
  })
  const loose = [...draft.loose.values()].map(({ trouble }) => trouble)
  const failing = new Set([...loose, ...blocks.flatMap(({ troubles }) => troubles)].map(({ subject }) => subject))
  const { standings, places, settings } = draft
  const weighing = { loose, blocks, failing, standings: [...standings.values()], places, settings }
  const { groups, askSoon } = weigh(weighing)
  // Who was told of something is told of another cause only when it had the time to show.
  const isReady = blocks.length === 0 || settling.some((one) => isDue(draft, one))
  assign(draft, isReady ? groups : weigh({ ...weighing, blocks: [] }).groups)
  return askSoon
}

/** A clock that was set back does not keep anybody from hearing. */
export function isDue({ at, settings }: Draft, { course: { settlesAt } }: Kept): boolean {
  return settlesAt !== undefined && (settlesAt <= at || settlesAt > at + settings.settleMs)
}

/** @returns whether something joined what is not settled yet */
function joinKnown(draft: Draft): boolean {
  if (draft.loose.size === 0) return false
  const open = new Map<string, string[]>()
  const past = new Map<string, string[]>()
  const note = (those: Map<string, string[]>, key: string, id: string): void => {
    const ids = those.get(key)
    if (ids === undefined) those.set(key, [id])
    else ids.push(id)
  }
  for (const incident of draft.incidents.values()) {
    if (incident.mergedInto !== undefined || draft.apart.has(incident.id)) continue
    if (!isOver(incident)) for (const key of suspicionsOfIncident(incident)) note(open, key, incident.id)
    for (const one of incident.consequences) if (!isLive(one)) note(past, troubleId(one), incident.id)
  }
  let isAsking = false
  for (const [id, loose] of draft.loose) {
    const home = homeOf(draft, loose.trouble, open, past.get(id) ?? [])
    if (home === undefined) continue
    draft.loose.delete(id)
    if (home.state !== 'open') comeBack(draft, home, loose.trouble)
    add(draft, home.id, loose)
    if (loose.origin !== undefined) draft.apart.set(loose.origin, draft.apart.get(loose.origin) ?? home.id)
    isAsking ||= draft.incidents.get(home.id)?.course.settlesAt !== undefined
  }
  return isAsking
}

function homeOf(
  draft: Draft,
  trouble: Trouble,
  open: ReadonlyMap<string, readonly string[]>,
  past: readonly string[],
): Kept | undefined {
  const known = (ids: readonly string[]): readonly Kept[] => ids.flatMap((id) => draft.incidents.get(id) ?? [])
  const before = known(past).filter((incident) => explains(incident, trouble))
  const returning = before.find((incident) => !isOver(incident))
  if (returning !== undefined) return returning
  for (const suspect of trouble.weighed.suspects) {
    const those = known(open.get(suspicionOf(suspect, trouble)) ?? [])
    const home = those.find((incident) => isOf(suspect, incident, trouble, draft.settings.onsetMs))
    if (home !== undefined) return home
  }
  const failing = isSoft(trouble) ? draft.living.get(trouble.subject) : undefined
  if (failing !== undefined) return draft.incidents.get(failing)
  return before.find((incident) => isOver(incident) && isRemembered(incident.course, draft.at, draft.settings))
}

/** Whether a failure falls under what an incident blames; where that is the flow itself, what fails must be of one manner. */
export function explains(incident: Kept, trouble: Trouble): boolean {
  const blamed = suspicionsOfIncident(incident)
  if (trouble.weighed.suspects.some((suspect) => blamed.includes(suspicionOf(suspect, trouble)))) return true
  const own = itself(trouble)
  const { kind, name } = incident.suspect
  return own.kind === kind && own.name === name && manner(codeOf(incident)) === manner(codeOf(trouble))
}

/** A rule that shut one port does not account for another port days later; what is dead does. */
function isOf({ kind }: Suspect, { since }: Kept, { weighed: { wellAt } }: Trouble, onsetMs: number): boolean {
  return (kind !== 'path' && kind !== 'port') || wellAt === undefined || wellAt <= since + onsetMs
}

/** What had gone away is there again: it stays one incident, and is held open for longer the next time. */
function comeBack(draft: Draft, incident: Kept, trouble: Trouble): void {
  const { until: _, acknowledged, ...rest } = incident
  const course = returned(incident.course, trouble.since)
  const flaps = incident.flaps + 1
  if (incident.state === 'recovering') {
    put(draft, { ...rest, ...(acknowledged === undefined ? {} : { acknowledged }), state: 'open', flaps, course })
    return
  }
  const { isTold: _told, ...untold } = course
  const opened = { ...untold, openedAt: draft.at, settlesAt: draft.at + draft.settings.settleMs }
  put(draft, { ...rest, state: 'open', flaps, severity: 'info', course: opened })
}

/** What only shows over time went with a failure that is over: it is weighed by itself again. */
function releaseSoft(draft: Draft): void {
  for (const incident of draft.incidents.values()) {
    if (isOver(incident) || !draft.touched.has(incident.id) || manner(codeOf(incident)) === 'time') continue
    const live = liveOf(incident)
    if (live.length > 0 && live.every(isSoft)) loosen(draft, incident, false)
  }
}

function assign(draft: Draft, groups: readonly Group[]): void {
  const bySize = groups.toSorted((one, other) => sizeOf(other) - sizeOf(one))
  const used = new Set<string>()
  for (const group of bySize) {
    const members = group.troubles.flatMap((trouble) => draft.loose.get(troubleId(trouble)) ?? [])
    const from = members.flatMap(({ origin }) => (origin === undefined ? [] : [origin]))
    const survivor = survivorOf(draft, group, from, used) ?? newIncident(draft, group, members)
    used.add(survivor)
    settle(draft, survivor, group, from)
    for (const member of members) add(draft, survivor, member)
    for (const id of group.blocks) if (id !== survivor) absorb(draft, survivor, id)
    for (const origin of from) draft.apart.set(origin, draft.apart.get(origin) ?? survivor)
    touch(draft, survivor, group.alternatives)
  }
  draft.loose.clear()
  dissolve(draft, used)
}

/** What was taken apart and does not go on comes under the incident that the first of it went to. */
function dissolve(draft: Draft, goingOn: ReadonlySet<string>): void {
  for (const [id, target] of draft.apart) {
    if (target !== undefined && !goingOn.has(id)) absorb(draft, target, id)
  }
}

function sizeOf({ troubles, blocks }: Group): number {
  return troubles.length + blocks.length
}

/** Who was told of goes on, the oldest of them; else the one that most of it was in. */
function survivorOf(
  draft: Draft,
  group: Group,
  from: readonly string[],
  used: ReadonlySet<string>,
): string | undefined {
  const counts = new Map<string, number>()
  for (const id of from) counts.set(id, (counts.get(id) ?? 0) + 1)
  for (const id of group.blocks) counts.set(id, Number.POSITIVE_INFINITY)
  const those = [...counts].flatMap(([id, count]) => {
    const incident = draft.incidents.get(id)
    return incident === undefined || used.has(id) ? [] : [{ incident, count }]
  })
  const [first] = those.toSorted(
    (one, other) =>
      Number(other.incident.course.isTold ?? false) - Number(one.incident.course.isTold ?? false) ||
      (one.count === other.count ? 0 : other.count - one.count) ||
      one.incident.confirmedAt - other.incident.confirmedAt,
  )
  return first?.incident.id
}

function newIncident(draft: Draft, { suspect, troubles }: Group, members: readonly Loose[]): string {
  const id = draft.newId()
  const [first] = troubles
  const since = Math.min(draft.at, ...troubles.map((trouble) => trouble.since))
  put(draft, {
    id,
    state: 'open',
    suspect,
    cause: first?.cause ?? 'undetermined',
    ...(first?.finding === undefined ? {} : { finding: first.finding }),
    confidence: first?.weighed.confidence ?? 'undetermined',
    severity: 'info',
    owner: first?.weighed.owner ?? 'network',
    says: first?.says ?? '',
    since,
    confirmedAt: draft.at,
    lastSeenAt: since,
    flaps: 0,
    consequences: [],
    confirmedBy: { looks: 0, vantages: [] },
    notes: [],
    told: [],
    course: {
      ...(members.some(({ origin }) => origin === undefined) ? { settlesAt: draft.at + draft.settings.settleMs } : {}),
      openedAt: draft.at,
      penalty: { value: 0, at: draft.at },
      longestQuietMs: 0,
    },
  })
  return id
}

/** What comes together settles when the first of it does, and is settled where anything of it is. */
function settle(draft: Draft, id: string, { suspect, blocks }: Group, from: readonly string[]): void {
  const incident = draft.incidents.get(id)
  if (incident === undefined) return
  const origins = [id, ...from].flatMap((one) => draft.incidents.get(one) ?? [])
  const isSettled = blocks.length > 0 || origins.some((one) => !isSettling(one) || isDue(draft, one))
  const { settlesAt: _, ...settled } = incident.course
  const soonest = Math.min(...origins.map(({ course: { settlesAt } }) => settlesAt ?? draft.at))
  put(draft, { ...incident, suspect, course: isSettled ? settled : { ...settled, settlesAt: soonest } })
}

/** Puts an incident under another one, whose cause it shares. */
function absorb(draft: Draft, into: string, id: string): void {
  const target = draft.incidents.get(into)
  const incident = draft.incidents.get(id)
  if (target === undefined || incident === undefined || into === id) return
  for (const one of incident.consequences) {
    if (!isLive(one)) continue
    const { looks, vantages } = incident.confirmedBy
    add(draft, into, { trouble: troubleOf(one), looks, vantages })
  }
  const joined = draft.incidents.get(into) ?? target
  put(draft, {
    ...joined,
    since: Math.min(joined.since, incident.since),
    confirmedAt: Math.min(joined.confirmedAt, incident.confirmedAt),
    notes: [...joined.notes, ...incident.notes].toSorted((one, other) => one.at - other.at),
    absorbed: [...new Set([...(joined.absorbed ?? []), ...(incident.absorbed ?? []), id])],
  })
  const { settlesAt: _, ...course } = incident.course
  put(draft, { ...incident, state: 'closed', until: draft.at, mergedInto: into, course })
  draft.touched.delete(id)
}
