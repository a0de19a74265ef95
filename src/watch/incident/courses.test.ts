import assert from 'node:assert/strict'
import test from 'node:test'
import type { Play } from '../../../test/playWatch.ts'
import { allOutlet, began, playWatch } from '../../../test/playWatch.ts'
import { flowTo, lookAt } from '../../../test/watchedSite.ts'
import { atHost, both, during, inNetwork, minutes, toldIn, toldOf } from '../../../test/watchWorlds.ts'
import { acknowledge, incidentDefaults, noIncidents, silence, step } from './index.ts'

const dc01Dies = during(100, atHost('dc01', 'no-route'))

/** A host that is down for some of each period. */
const flapping =
  (periodSec: number, downSec: number, until: number): Play['world'] =>
  (flow, second) =>
    second >= 100 && second < until && (second - 100) % periodSec < downSec
      ? atHost('dc01', 'no-route')(flow)
      : undefined

test('a link that flaps every eight minutes is one incident, told once as begun and once as over', () => {
  const played = playWatch({ world: flapping(480, 180, minutes(90)), seconds: minutes(300) })
  assert.deepEqual(toldOf(played), ['opened host dc01', 'recovered host dc01'])
  const [incident, ...others] = played.incidents
  assert.deepEqual(others, [])
  assert.ok((incident?.flaps ?? 0) >= 9)
  assert.equal(incident?.state, 'closed')
})

test('one that comes back every forty minutes stays one incident, and soon nobody hears of each return', () => {
  const played = playWatch({ world: flapping(2400, 300, minutes(600)), seconds: minutes(800) })
  assert.equal(new Set(played.alerts.map(({ incident }) => incident.id)).size, 1)
  assert.deepEqual(toldOf(played), [
    'opened host dc01',
    'recovered host dc01',
    'opened host dc01',
    'recovered host dc01',
  ])
})

test('what fails twice in a day is two incidents', () => {
  const world = both(
    during(100, atHost('dc01', 'no-route'), 700),
    during(minutes(600), atHost('dc01', 'no-route'), minutes(610)),
  )
  const played = playWatch({ world, seconds: minutes(700) })
  assert.equal(new Set(played.alerts.map(({ incident }) => incident.id)).size, 2)
  assert.equal(played.alerts.length, 4)
})

test('a recovery that goes flow by flow is said once, when the last of them has been well for a while', () => {
  const ports = [88, 135, 389, 445, 636, 3269]
  const world = both(...ports.map((port, index) => during(100, atHost('dc01', 'no-route', [port]), 700 + index * 240)))
  const played = playWatch({ world, seconds: minutes(90) })
  assert.deepEqual(toldOf(played), ['opened host dc01', 'recovered host dc01'])
  const recovered = played.alerts.at(-1)
  assert.ok((recovered?.at ?? 0) > began + (700 + 5 * 240) * 1000)
})

test('a failure that joins later falls under what is known to be dead, and nobody hears of it; one beside a rule does not', () => {
  const world = both(
    during(100, atHost('dc01', 'no-route', [88, 389, 445, 135, 636])),
    during(minutes(20), atHost('dc01', 'no-route')),
  )
  const played = playWatch({ world, seconds: minutes(40) })
  assert.deepEqual(toldOf(played), ['opened path connect01 -> dc01', 'opened flow f3269 connect01 -> dc01:3269/tcp'])
  const later = playWatch({
    world: both(
      dc01Dies,
      during(minutes(20), ({ on }) => (on.certificate === 'leaf-dc01' ? 'refused-by-host' : undefined)),
    ),
    seconds: minutes(40),
  })
  assert.deepEqual(toldOf(later), ['opened host dc01'])
})

test('a consequence whose cause becomes another is an incident of its own', () => {
  const world = both(
    during(minutes(20), ({ on }) => (on.certificate === 'leaf-dc01' ? 'cert-expired' : undefined)),
    dc01Dies,
  )
  const played = playWatch({ world, seconds: minutes(40) })
  assert.deepEqual(toldOf(played), ['opened host dc01', 'opened certificate leaf-dc01'])
  const host = played.incidents.find(({ suspect }) => suspect.kind === 'host')
  assert.equal(host?.consequences.filter(({ ended }) => ended === 'other-cause').length, 2)
})

test('a second host behind one router puts the first one under it, and that is said once', () => {
  const world = both(during(100, atHost('dc03', 'no-route')), during(200, inNetwork('10.9.0.0/24', 'no-route')))
  const played = playWatch({ world, seconds: minutes(30) })
  assert.deepEqual(toldOf(played), ['opened host dc03', 'worse destination 10.9.0.0/24'])
  const open = played.incidents.filter(({ state }) => state === 'open')
  assert.equal(open.length, 1)
  assert.equal(open[0]?.consequences.filter(({ until }) => until === undefined).length, 13)
})

test('two hosts that were told of are put under one cause when the third one shows it', () => {
  const world = both(
    during(100, atHost('dc03', 'no-route')),
    during(150, atHost('dc04', 'no-route')),
    during(205, inNetwork('10.9.0.0/24', 'no-route')),
  )
  const played = playWatch({ world, seconds: minutes(30) })
  const told = toldOf(played)
  assert.equal(told.at(-1), 'worse destination 10.9.0.0/24')
  assert.equal(told.filter((line) => line.startsWith('worse')).length, 1)
  const open = played.incidents.find(({ state }) => state === 'open')
  const merged = played.incidents.filter(({ mergedInto }) => mergedInto === open?.id)
  assert.deepEqual(
    open?.absorbed,
    merged.map(({ id }) => id),
  )
})

test('hosts that die an hour apart are two incidents, though one router is before both', () => {
  const world = both(during(100, atHost('dc03', 'no-route')), during(minutes(60), atHost('dc04', 'no-route')))
  assert.deepEqual(toldIn({ world, seconds: minutes(90) }), ['opened host dc03', 'opened host dc04'])
})

test('a host that was blamed before all of it was asked is cleared when it answers, and that is said', () => {
  const world = during(100, atHost('dc01', 'filtered-silently', [88, 135]))
  // Without questions before their turn the others are asked too late.
  const played = playWatch({ world, seconds: minutes(30), asksSoon: false, everySeconds: 600 })
  assert.ok(!toldOf(played).at(-1)?.includes('host dc01'))
  for (const incident of played.incidents.filter(({ state }) => state === 'open')) {
    assert.notEqual(incident.suspect.kind, 'host')
  }
})

test('nobody is told within a maintenance window, and what outlives it is told at its end', () => {
  const windowsAt = (second: number) => (second < minutes(30) ? [{ name: 'patches' }] : [])
  const passing = playWatch({ world: during(100, atHost('dc01', 'no-route'), 600), seconds: minutes(60), windowsAt })
  assert.deepEqual(toldOf(passing), [])
  assert.equal(passing.incidents.length, 1)
  assert.equal(passing.incidents[0]?.state, 'closed')
  const lasting = playWatch({ world: dc01Dies, seconds: minutes(60), windowsAt })
  assert.deepEqual(toldOf(lasting), ['opened host dc01'])
  assert.ok((lasting.alerts[0]?.at ?? 0) >= began + minutes(30) * 1000)
})

test('a recovery within a maintenance window is told at its end to those who heard of the begin', () => {
  const played = playWatch({
    world: during(100, atHost('dc01', 'no-route'), 600),
    seconds: minutes(90),
    windowsAt: (second) => (second > 400 && second < minutes(60) ? [{ name: 'patches' }] : []),
  })
  assert.deepEqual(toldOf(played), ['opened host dc01', 'recovered host dc01'])
  assert.ok((played.alerts[1]?.at ?? 0) >= began + minutes(60) * 1000)
})

test('a window of one host says nothing of another', () => {
  const windowsAt = () => [{ name: 'patches', of: ['dc01'] }]
  const world = both(dc01Dies, during(100, atHost('dc03', 'no-route')))
  assert.deepEqual(toldIn({ world, seconds: minutes(20), windowsAt }), ['opened host dc03'])
})

test('one that is silenced is told when the silence is over', () => {
  const played = playWatch({
    world: dc01Dies,
    seconds: minutes(40),
    edit: (state, second) => {
      const [incident] = state.incidents.values()
      if (second !== 130 || incident === undefined) return state
      return silence(state, incident.id, began + minutes(20) * 1000)?.state ?? state
    },
  })
  assert.deepEqual(toldOf(played), ['opened host dc01'])
  assert.equal(played.alerts[0]?.at, began + minutes(20) * 1000)
})

test('reminders come at their interval until somebody acknowledges', () => {
  const played = playWatch({
    world: dc01Dies,
    seconds: minutes(60),
    settings: { reminderMs: minutes(10) * 1000 },
    edit: (state, second) => {
      const [incident] = state.incidents.values()
      if (second !== minutes(35) || incident === undefined) return state
      return acknowledge(state, incident.id, { at: began + second * 1000, by: 'anna' })?.state ?? state
    },
  })
  assert.deepEqual(
    played.alerts.map(({ reason }) => reason),
    ['opened', 'reminder', 'reminder', 'reminder'],
  )
})

test('an outlet hears of what is grave enough, and of the end of what it has heard', () => {
  const outlets = [allOutlet, { ...allOutlet, name: 'pager', least: 'high' as const }]
  const world = both(during(100, atHost('app09', 'no-route'), 600), during(100, atHost('dc01', 'no-route'), 600))
  const { deliveries } = playWatch({ world, seconds: minutes(60), outlets })
  const of = (name: string) =>
    deliveries
      .filter(({ outlet }) => outlet === name)
      .map(({ alert }) => `${alert.reason} ${alert.incident.suspect.name}`)
  assert.equal(of('all').length, 4)
  assert.deepEqual(of('pager'), ['opened dc01', 'recovered dc01'])
})

test('killed and started again at any moment, nobody is told twice and nothing is forgotten', () => {
  const world = both(
    during(100, atHost('dc03', 'no-route'), 900),
    during(200, inNetwork('10.9.0.0/24', 'no-route'), 900),
    during(300, ({ on }) => (on.via === undefined ? undefined : 'proxy-dead'), 1500),
  )
  const ends = (played: ReturnType<typeof playWatch>) =>
    toldOf(played)
      .filter((line) => line.startsWith('recovered'))
      .toSorted()
  const whole = playWatch({ world, seconds: minutes(60) })
  assert.deepEqual(ends(whole), ['recovered destination 10.9.0.0/24', 'recovered proxy egress'])
  for (const killedAt of [105, 112, 125, 131, 140, 215, 225, 250, 320, 905, 1000, 1400, 1510, 2000]) {
    const played = playWatch({ world, seconds: minutes(60), killedAt: [killedAt] })
    assert.deepEqual(ends(played), ends(whole), `killed at ${killedAt}`)
    const told = played.alerts.map(({ reason, incident: { id, suspect } }) => `${id} ${reason} ${suspect.name}`)
    assert.equal(new Set(told).size, told.length, `killed at ${killedAt}, somebody was told twice`)
  }
})

test('a sign-in that fails with the line outside is a consequence, and one that fails alone is its own incident', () => {
  const on = flowTo('login.microsoftonline.com', 443).on
  const failed = {
    kind: 'sign-in-failed',
    subject: 'sign-in:daemon',
    title: 'sign-in daemon',
    looks: 3,
    told: {
      verdict: 'blocked',
      cause: 'undetermined',
      confidence: 'likely',
      owner: 'cloud',
      says: 'no token was given',
      necessity: 'required',
    },
    on,
  } as const
  const at = began + 130_000
  const also = (second: number) => (second === 130 ? [{ ...failed, at, since: at - 20_000 }] : [])
  assert.deepEqual(toldIn({ world: () => undefined, seconds: minutes(10), also }), ['opened sign-in daemon'])
  const cut = during(100, ({ on: { isOutside } }) => (isOutside ? 'no-route' : undefined))
  assert.deepEqual(toldIn({ world: cut, seconds: minutes(10), also }), ['opened destination internet'])
})

test('a certificate that will expire is told once for all that show it, and over when it is renewed', () => {
  const finding = (host: string, port: number) =>
    ({
      kind: 'time-finding',
      subject: flowTo(host, port).key,
      title: flowTo(host, port).title,
      code: 'certificate-expires',
      at: began,
      since: began,
      says: 'the certificate ends in 13 days',
      severity: 'medium',
      confidence: 'certain',
      owner: 'pki',
      suspect: { kind: 'certificate', name: 'leaf-dc01' },
    }) as const
  const over = (host: string, port: number) =>
    ({
      kind: 'finding-over',
      subject: flowTo(host, port).key,
      code: 'certificate-expires',
      at: began + 600_000,
    }) as const
  const played = playWatch({
    world: () => undefined,
    seconds: minutes(60),
    also: (second) => {
      if (second === 0) return [finding('dc01', 636)]
      if (second === 60) return [finding('dc01', 3269)]
      return second === 600 ? [over('dc01', 636), over('dc01', 3269)] : []
    },
  })
  assert.deepEqual(toldOf(played), ['opened certificate leaf-dc01', 'recovered certificate leaf-dc01'])
  assert.equal(played.incidents[0]?.finding, 'certificate-expires')
})

test('a flow that is slow before it fails is slow by the same fault, and by itself again afterwards', () => {
  const { key: subject, title, on } = flowTo('dc01', 389)
  const slow = {
    kind: 'time-finding',
    code: 'level-shift',
    subject,
    title,
    at: began + 300_000,
    since: began + 200_000,
    says: 'four times as slow as before',
    severity: 'medium',
    confidence: 'likely',
    owner: 'directory',
    on,
  } as const
  const played = playWatch({
    world: during(100, atHost('dc01', 'no-route'), 900),
    seconds: minutes(60),
    also: (second) => (second === 300 ? [slow] : []),
  })
  assert.deepEqual(toldOf(played), ['opened host dc01', `opened flow ${title}`, 'recovered host dc01'])
})

test('bad minutes that run out while a flow fails make its incident graver, and alone they are one', () => {
  const { key: subject, title } = flowTo('dc01', 636)
  const burn = {
    kind: 'burn-rate',
    subject,
    title,
    level: 'page',
    says: 'a tenth of the month is used',
    necessity: 'required',
  } as const
  const at = began + 300_000
  const also = (second: number) => (second === 300 ? [{ ...burn, at, since: at }] : [])
  const world = during(100, atHost('dc01', 'filtered-silently', [636]))
  const failing = playWatch({ world, seconds: minutes(20), also })
  assert.deepEqual(
    failing.alerts.map(({ reason, incident }) => `${reason} ${incident.severity}`),
    ['opened high', 'worse critical'],
  )
  const alone = playWatch({ world: () => undefined, seconds: minutes(20), also })
  assert.deepEqual(
    alone.alerts.map(({ reason, incident }) => `${reason} ${incident.finding}`),
    ['opened burn-rate'],
  )
})

test('a flow that is looked at no more fails no more', () => {
  const flow = flowTo('dc01', 636)
  const at = began + 300_000
  const went = {
    kind: 'went-bad',
    key: flow.key,
    at,
    since: at,
    looks: 3,
    report: lookAt(flow, 'refused-by-host'),
  } as const
  const played = playWatch({
    world: () => undefined,
    flows: [],
    seconds: minutes(40),
    also: (second) => {
      if (second === 300) return [went]
      return second === 600 ? [{ kind: 'unwatched', subject: flow.key, at: began + 600_000 }] : []
    },
  })
  assert.deepEqual(
    played.alerts.map(({ reason }) => reason),
    ['opened', 'recovered'],
  )
  assert.equal(played.incidents[0]?.consequences[0]?.ended, 'unwatched')
})

test('several ports of one path want several rules, and each is told', () => {
  const { incidents } = playWatch({
    world: during(100, atHost('dc01', 'filtered-silently', [636, 3269])),
    seconds: minutes(10),
  })
  assert.match(incidents[0]?.says ?? '', /; 2 failures in all$/)
  assert.ok((incidents[0]?.fix ?? '').length > 0)
})

test('an alert lists the gravest consequences, counts the others, and has nothing that only the next step needs', () => {
  const played = playWatch({
    world: during(100, ({ flow }) => (flow.expect === 'open' ? 'no-local-network' : undefined)),
    seconds: minutes(10),
    settings: { consequencesTold: 2, settleMs: 90_000 },
  })
  const told = played.alerts[0]?.incident
  assert.equal(told?.consequences.length, 2)
  assert.ok((told?.consequencesLeftOut ?? 0) > 20)
  assert.equal(told?.course, undefined)
  assert.ok(told?.consequences.every(({ weighed }) => weighed === undefined))
})

test('a clock that is set back by a day keeps nobody from hearing', () => {
  const flow = flowTo('dc01', 636)
  const at = began + 100_000
  const went = {
    kind: 'went-bad',
    key: flow.key,
    at,
    since: at,
    looks: 3,
    report: lookAt(flow, 'refused-by-host'),
  } as const
  const means = { site: 'hq', from: 'connect01', settings: incidentDefaults, outlets: [allOutlet], newId: () => 'one' }
  const first = step(noIncidents, [went], { at, standings: new Map() }, means)
  const then = step(first.state, [], { at: at - 86_400_000, standings: new Map() }, means)
  assert.deepEqual(
    then.alerts.map(({ reason }) => reason),
    ['opened'],
  )
})
