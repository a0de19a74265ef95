import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { allOutlet, began } from '../../../test/playWatch.ts'
import { lookAt, standingAt, watchedSite } from '../../../test/watchedSite.ts'
import { causeCodes } from '../../model/cause.ts'
import type { Alert, Incident } from '../../model/incident.ts'
import { watchFindings } from '../../model/incident.ts'
import type { ConfirmedNews, Standing } from '../news.ts'
import type { IncidentMeans, IncidentsState } from './index.ts'
import { acknowledge, incidentDefaults, noIncidents, postMortem, restoreIncidents, silence, step } from './index.ts'
import { isLive, troubleId } from './trouble.ts'

const flows = watchedSite.slice(0, 31)
const flowIndex = fc.nat({ max: flows.length - 1 })
const cause = fc.constantFrom(...causeCodes)

/** What happens at one step: how much later (or earlier: clocks are moved), and what is heard. */
const happening = fc.record({
  laterMs: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 90_000 }) },
    fc.integer({ min: -7_200_000, max: 14_400_000 }),
  ),
  isQuiet: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, fc.constant(true)),
  /** Which flows were looked at, and are well. */
  well: fc.array(flowIndex, { maxLength: 12 }),
  heard: fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ what: fc.constant('bad' as const), flow: flowIndex, cause }) },
      { weight: 2, arbitrary: fc.record({ what: fc.constant('changed' as const), flow: flowIndex, cause }) },
      { weight: 5, arbitrary: fc.record({ what: fc.constant('back' as const), flow: flowIndex }) },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('unsteady' as const), flow: flowIndex }) },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('unwatched' as const), flow: flowIndex }) },
      {
        weight: 1,
        arbitrary: fc.record({
          what: fc.constant('found' as const),
          flow: flowIndex,
          code: fc.constantFrom(...watchFindings, 'level-shift' as const, 'lossy-path' as const),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          what: fc.constant('over' as const),
          flow: flowIndex,
          code: fc.constantFrom(...watchFindings, 'level-shift' as const),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          what: fc.constant('burns' as const),
          flow: flowIndex,
          level: fc.constantFrom('page' as const, 'ticket' as const, 'none' as const),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ what: fc.constant('sign-in' as const), flow: flowIndex, isBack: fc.boolean() }),
      },
    ),
    { maxLength: 8 },
  ),
  person: fc.option(fc.constantFrom('acknowledges' as const, 'silences' as const), { nil: undefined, freq: 9 }),
})
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never
type Heard = Happening['heard'][number]

function newsOf(heard: Heard, at: number): ConfirmedNews {
  const flow = flows[heard.flow]
  assert.ok(flow !== undefined)
  const { key, title, on } = flow
  switch (heard.what) {
    case 'bad':
      return { kind: 'went-bad', key, at, since: at - 8_000, looks: 3, report: lookAt(flow, heard.cause) }
    case 'changed':
      return { kind: 'changed-cause', key, at, report: lookAt(flow, heard.cause) }
    case 'back':
      return { kind: 'came-back', key, at, report: lookAt(flow, undefined) }
    case 'unsteady':
      return { kind: 'unsteady', key, at, since: at, looks: 1, report: lookAt(flow, undefined) }
    case 'unwatched':
      return { kind: 'unwatched', subject: key, at }
    case 'found':
      return {
        kind: 'time-finding',
        subject: key,
        title,
        code: heard.code,
        at,
        since: at,
        says: 'shows',
        severity: 'medium',
        confidence: 'likely',
        owner: 'network',
        on,
      }
    case 'over':
      return { kind: 'finding-over', subject: key, code: heard.code, at }
    case 'burns':
      return {
        kind: 'burn-rate',
        subject: key,
        title,
        at,
        since: at,
        level: heard.level,
        says: 'burns',
        necessity: 'required',
        on,
      }
    case 'sign-in':
      if (heard.isBack) return { kind: 'sign-in-back', subject: 'sign-in:daemon', title: 'sign-in daemon', at }
      return {
        kind: 'sign-in-failed',
        subject: 'sign-in:daemon',
        title: 'sign-in daemon',
        at,
        since: at,
        looks: 3,
        told: {
          verdict: 'blocked',
          cause: 'undetermined',
          confidence: 'likely',
          owner: 'cloud',
          says: 'no token',
          necessity: 'required',
        },
        on,
      }
    default:
      return heard satisfies never
  }
}

/** What fails by the news alone, by the ids that incidents have for it. */
function heardOf(failing: Set<string>, news: ConfirmedNews): void {
  switch (news.kind) {
    case 'went-bad':
    case 'changed-cause':
      failing.add(news.key)
      break
    case 'came-back':
      failing.delete(news.key)
      break
    case 'sign-in-failed':
    case 'canary-late':
      failing.add(news.subject)
      break
    case 'sign-in-back':
    case 'canary-back':
      failing.delete(news.subject)
      break
    case 'time-finding':
      failing.add(`${news.subject}#${news.code}`)
      break
    case 'finding-over':
      failing.delete(`${news.subject}#${news.code}`)
      break
    case 'burn-rate':
      if (news.level === 'none') failing.delete(`${news.subject}#burn-rate`)
      else failing.add(`${news.subject}#burn-rate`)
      break
    case 'unwatched':
      for (const id of [...failing]) if (id === news.subject || id.startsWith(`${news.subject}#`)) failing.delete(id)
      break
    case 'unsteady':
      break
    default:
      news satisfies never
  }
}

interface Run {
  readonly alerts: readonly Alert[]
  readonly state: IncidentsState
  readonly kept: ReadonlyMap<string, Incident>
  readonly ever: ReadonlySet<string>
  /** The latest time that the clock ever showed. */
  readonly newest: number
  readonly means: IncidentMeans
  readonly standings: ReadonlyMap<string, Standing>
}

function run(
  happenings: readonly Happening[],
  check: (state: IncidentsState, failing: ReadonlySet<string>, kept: ReadonlyMap<string, Incident>, at: number) => void,
): Run {
  let ids = 0
  const means: IncidentMeans = {
    site: 'hq',
    from: 'connect01',
    settings: incidentDefaults,
    outlets: [allOutlet],
    newId: () => `id-${++ids}`,
  }
  const standings = new Map<string, Standing>(
    flows.map((flow) => [flow.key, standingAt(flow, { isWell: true, at: began, wellAt: began })]),
  )
  const [failing, ever] = [new Set<string>(), new Set<string>()]
  const kept = new Map<string, Incident>()
  const alerts: Alert[] = []
  let state = noIncidents
  let at = began
  let newest = began
  const keep = (changed: readonly Incident[]) => {
    for (const one of changed) {
      const text: Incident = JSON.parse(JSON.stringify(one))
      kept.set(one.id, text)
    }
  }
  for (const { laterMs, heard, well, isQuiet, person } of happenings) {
    at += laterMs
    newest = Math.max(newest, at)
    for (const index of well) {
      const flow = flows[index]
      if (flow !== undefined && !failing.has(flow.key))
        standings.set(flow.key, standingAt(flow, { isWell: true, at, wellAt: at }))
    }
    const news = heard.map((one) => newsOf(one, at))
    for (const one of news) {
      heardOf(failing, one)
      if (one.kind === 'went-bad' || one.kind === 'changed-cause') {
        const was = standings.get(one.key)
        if (was !== undefined) standings.set(one.key, { ...was, isWell: false, at })
      }
    }
    for (const id of failing) ever.add(id)
    for (const one of news) if (one.kind !== 'unsteady') ever.add('key' in one ? one.key : one.subject)
    const next = step(state, news, { at, standings, windows: isQuiet ? [{ name: 'patches' }] : [] }, means)
    state = next.state
    alerts.push(...next.alerts)
    keep(next.changed)
    const [first] = state.incidents.values()
    if (person !== undefined && first !== undefined) {
      const edited =
        person === 'silences'
          ? silence(state, first.id, at + 600_000)
          : acknowledge(state, first.id, { at, by: 'anna' })
      if (edited !== undefined) {
        state = edited.state
        keep(edited.changed)
      }
    }
    check(state, failing, kept, at)
  }
  return { alerts, state, kept, ever, newest, means, standings }
}

const ignore = (): void => undefined
const happenings = fc.array(happening, { maxLength: 40 })

test('whatever is heard, everything that fails stands in exactly one open incident, and nothing else does', () => {
  fc.assert(
    fc.property(happenings, (all) => {
      run(all, (state, failing) => {
        const live = [...state.incidents.values()].flatMap(({ state: is, consequences }) =>
          is === 'closed' ? [] : consequences.filter(isLive).map((one) => troubleId(one)),
        )
        assert.deepEqual(live.toSorted(), [...failing].toSorted())
        for (const { state: is, consequences } of state.incidents.values()) {
          if (is !== 'closed') assert.equal(consequences.some(isLive), is === 'open')
        }
      })
    }),
  )
})

test('at any point what was kept gives the state that is in memory', () => {
  fc.assert(
    fc.property(happenings, (all) => {
      run(all, (state, _, kept, at) => {
        const restored = restoreIncidents([...kept.values()], [], at, incidentDefaults)
        const known = new Map([...restored.incidents].filter(([id]) => state.incidents.has(id)))
        assert.deepEqual(known, state.incidents)
      })
    }),
  )
})

test('of each opening people hear once that it began, at most once that it is over, and nothing after that', () => {
  fc.assert(
    fc.property(happenings, (all) => {
      const { alerts } = run(all, ignore)
      const told = new Map<string, string>()
      for (const { reason, incident } of alerts) told.set(incident.id, `${told.get(incident.id) ?? ''}${reason} `)
      for (const reasons of told.values()) assert.match(reasons, /^(opened ((worse|reminder) )*(recovered |$))+$/)
      assert.equal(new Set(alerts.map(({ id }) => id)).size, alerts.length)
    }),
  )
})

test('nobody hears of what was never sure', () => {
  fc.assert(
    fc.property(happenings, (all) => {
      const { alerts, ever } = run(all, ignore)
      for (const { incident } of alerts) {
        for (const { subject } of incident.consequences) assert.ok(ever.has(subject), subject)
      }
    }),
  )
})

test('what goes on is told of as soon as nothing forbids it, and what is over is closed and said to be', () => {
  fc.assert(
    fc.property(happenings, (all) => {
      const { state, newest, means, standings, alerts } = run(all, ignore)
      // Beyond every silence and window; no new look speaks for or against anybody.
      const later = newest + 900_000
      const settled = step(state, [], { at: later, standings }, means)
      for (const { state: is, course } of settled.state.incidents.values()) {
        if (is === 'open') assert.equal(course.isTold, true)
      }
      const back: ConfirmedNews[] = [...settled.state.incidents.values()].flatMap(({ consequences }) =>
        consequences.filter(isLive).map(({ subject }): ConfirmedNews => ({ kind: 'unwatched', subject, at: later })),
      )
      const mended = step(settled.state, back, { at: later, standings }, means)
      const end = step(mended.state, [], { at: later + incidentDefaults.mostHoldMs, standings }, means)
      for (const { state: is } of end.state.incidents.values()) assert.equal(is, 'closed')
      const everTold = [...alerts, ...settled.alerts, ...mended.alerts, ...end.alerts]
      const merged = new Set(
        [...state.incidents.values(), ...settled.changed, ...mended.changed, ...end.changed].flatMap(
          ({ id, mergedInto }) => (mergedInto === undefined ? [] : [id]),
        ),
      )
      const last = new Map(everTold.map(({ reason, incident }) => [incident.id, reason]))
      for (const [id, reason] of last) {
        const isMerged = merged.has(id) || everTold.some(({ incident }) => incident.absorbed?.includes(id))
        assert.ok(isMerged || reason === 'recovered', `${id} ended with ${reason}`)
      }
    }),
  )
})

test('of any incident there is a page', () => {
  fc.assert(
    fc.property(happenings, fc.string(), (all, name) => {
      for (const incident of run(all, ignore).kept.values()) {
        const page = postMortem(incident, [{ at: incident.since, kind: 'change-start', name }])
        assert.ok(page.startsWith('# '))
        assert.ok(!page.includes('undefined'))
      }
    }),
    { numRuns: 30 },
  )
})
