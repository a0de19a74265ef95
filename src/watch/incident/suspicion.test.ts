import assert from 'node:assert/strict'
import test from 'node:test'
import { allOutlet, began } from '../../../test/playWatch.ts'
import type { WatchedFlow } from '../../../test/watchedSite.ts'
import { flowTo, lookAt, standingAt } from '../../../test/watchedSite.ts'
import type { CauseCode } from '../../model/cause.ts'
import type { ConfirmedNews, Standing } from '../news.ts'
import type { IncidentsState, Step } from './index.ts'
import { incidentDefaults, noIncidents, step } from './index.ts'

/** When flows were looked at last, and whether they were well; seconds from the begin. */
type Looks = readonly (readonly [flow: WatchedFlow, second: number, isWell: boolean])[]

let ids = 0
function stepAt(state: IncidentsState, second: number, news: readonly ConfirmedNews[], looks: Looks): Step {
  const means = {
    site: 'hq',
    from: 'connect01',
    settings: incidentDefaults,
    outlets: [allOutlet],
    newId: () => `id-${++ids}`,
  }
  const standings = new Map<string, Standing>(
    looks.map(([flow, at, isWell]) => [
      flow.key,
      standingAt(flow, { at: began + at * 1000, isWell, wellAt: began + (isWell ? at : 0) * 1000 }),
    ]),
  )
  return step(state, news, { at: began + second * 1000, standings }, means)
}

function bad(flow: WatchedFlow, second: number, cause: CauseCode = 'no-route'): ConfirmedNews {
  const at = began + second * 1000
  return { kind: 'went-bad', key: flow.key, at, since: at, looks: 3, report: lookAt(flow, cause) }
}

const openOf = ({ state }: Step): readonly string[] =>
  [...state.incidents.values()].flatMap(({ state: is, suspect: { kind, name } }) =>
    is === 'open' ? [`${kind} ${name}`] : [],
  )

const [ldap, kerberos, smb] = [flowTo('dc01', 389), flowTo('dc01', 88), flowTo('dc01', 445)]
const [ldap3, kerberos3, smb4, app9] = [
  flowTo('dc03', 389),
  flowTo('dc03', 88),
  flowTo('dc04', 445),
  flowTo('app09', 8443),
]

test('a look from before the fault speaks for nobody, and is to be repeated; one from since then does', () => {
  const failing = [
    [ldap, 10, false],
    [kerberos, 11, false],
    [flowTo('dc02', 389), 12, true],
  ] as const
  const news = [bad(ldap, 10), bad(kerberos, 11)]
  const stale = stepAt(noIncidents, 15, news, [...failing, [smb, 5, true]])
  assert.deepEqual(openOf(stale), ['host dc01'])
  assert.deepEqual(stale.askSoon, [smb.key])
  const fresh = stepAt(noIncidents, 15, news, [...failing, [smb, 14, true]])
  assert.deepEqual(openOf(fresh), ['path connect01 -> dc01'])
  assert.deepEqual(fresh.askSoon, [])
})

test('a host that was told of as dead is cleared by a flow that turns out to be well, and that is said once', () => {
  const failing = [
    [ldap, 10, false],
    [kerberos, 11, false],
    [flowTo('dc02', 389), 12, true],
  ] as const
  const first = stepAt(noIncidents, 15, [bad(ldap, 10), bad(kerberos, 11)], [...failing, [smb, 5, true]])
  const told = stepAt(first.state, 40, [], [...failing, [smb, 5, true]])
  assert.deepEqual(
    told.alerts.map(({ reason, incident }) => `${reason} ${incident.suspect.kind}`),
    ['opened host'],
  )
  assert.deepEqual(stepAt(told.state, 50, [], [...failing, [smb, 5, true]]).alerts, [])
  const cleared = stepAt(told.state, 60, [], [...failing, [smb, 55, true]])
  assert.deepEqual(
    cleared.alerts.map(({ reason, incident }) => `${reason} ${incident.suspect.kind}`),
    ['worse path'],
  )
  assert.deepEqual(stepAt(cleared.state, 90, [], [...failing, [smb, 85, true]]).alerts, [])
})

test('incidents that were not told yet become one when what fails next shows their cause', () => {
  const looks = [
    [kerberos3, 10, false],
    [smb4, 11, false],
    [flowTo('dc01', 389), 12, true],
  ] as const
  const two = stepAt(noIncidents, 15, [bad(kerberos3, 10), bad(smb4, 11)], [...looks, [app9, 14, true]])
  assert.equal(openOf(two).length, 2)
  const one = stepAt(two.state, 20, [bad(app9, 18)], [...looks, [app9, 18, false], [flowTo('dc01', 88), 19, true]])
  assert.deepEqual(openOf(one), ['destination 10.9.0.0/24'])
  const merged = one.changed.filter(({ mergedInto }) => mergedInto !== undefined)
  assert.equal(merged.length, 1)
  assert.equal(merged[0]?.state, 'closed')
})

test('traces that end at one gateway name it, unless somebody in the same network is well', () => {
  const hops = [{ ttl: 1, address: '10.1.0.1' }, { ttl: 2, address: '10.1.0.254' }, { ttl: 3 }]
  const traced = (flow: WatchedFlow): ConfirmedNews => {
    const at = began + 10_000
    const trace = { id: 'e1', role: 'probe', at: '', ms: 1, kind: 'path-trace', tool: 'traceroute' } as const
    const evidence = [{ ...trace, address: flow.on.address ?? '', sent: 'icmp-echo', hops, outcome: 'silent' } as const]
    return {
      kind: 'went-bad',
      key: flow.key,
      at,
      since: at,
      looks: 3,
      report: { ...lookAt(flow, 'no-route'), evidence },
    }
  }
  const looks = [
    [ldap3, 10, false],
    [smb4, 10, false],
    [ldap, 12, true],
  ] as const
  const news = [traced(ldap3), traced(smb4)]
  assert.deepEqual(openOf(stepAt(noIncidents, 15, news, looks)), ['gateway 10.1.0.254'])
  const well = stepAt(noIncidents, 15, news, [...looks, [app9, 14, true]])
  assert.ok(!openOf(well).some((line) => line.startsWith('gateway') || line.startsWith('destination')))
})

test('a domain controller takes the resolver that it is with it', () => {
  const cloud = flowTo('login.microsoftonline.com', 443)
  const named: WatchedFlow = { ...cloud, on: { ...cloud.on, resolver: '10.1.0.5:53' } }
  const looks = [
    [ldap, 10, false],
    [kerberos, 10, false],
    [named, 11, false],
    [flowTo('dc02', 389), 12, true],
  ] as const
  const news = [bad(ldap, 10), bad(kerberos, 10), bad(named, 11, 'resolver-unreachable')]
  assert.deepEqual(openOf(stepAt(noIncidents, 15, news, looks)), ['host dc01'])
})
