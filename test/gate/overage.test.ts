/** Groups that a token leaves out, asked of Graph; and who cannot be asked about comes in nowhere. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groups, people } from '../../src/lab/tenant/index.ts'
import { askGate } from './askGate.ts'
import { signedIn } from './openStreams.ts'
import type { TestGate } from './openTestGate.ts'
import { openTestGate } from './openTestGate.ts'

/** One of those that no token of the person lists, by Graph’s last page. */
const lastGroup = groups.at(-1)?.id ?? ''
const ofGroup = (yaml: string): string =>
  yaml.replace('allow: [{ roles: [Admin] }]', `allow: [{ groups: [${lastGroup}] }]`)

const tokenOf = async ({ scene: { tenant, client } }: TestGate, person: string) => ({
  authorization: `Bearer ${await tenant.accessToken({ person, client, api: client })}`,
})

test('somebody in more than 200 groups comes in by any of them, with a token and with a browser, and others do not', async (t) => {
  const gate = await openTestGate(t, ofGroup)
  assert.equal((await askGate(gate, '/admin', { headers: await tokenOf(gate, people.manyGroups.id) })).status, 200)
  assert.equal((await askGate(gate, '/admin', { headers: await tokenOf(gate, people.ordinary.id) })).status, 403)
  const browser = await signedIn(t, gate, people.manyGroups.id)
  assert.equal((await browser.open(`${gate.origin}/admin`)).status, 200)
  const pages = gate.scene.tenant.requests.filter(({ path }) =>
    /getMemberGroups|getMemberObjects|transitiveMemberOf|memberOf/.test(path),
  )
  assert.ok(pages.length > 0, 'Graph was asked')
  const events = await gate.recorded()
  const told = events.filter(({ http }) => http?.path === '/admin').map(({ reason }) => reason)
  assert.deepEqual(told, ['passed', 'group-missing', 'passed'])
  assert.ok(
    events.some(({ activity, outcome, reason }) => `${activity} ${outcome} ${reason}` === 'groups ok directory-asked'),
  )
})

for (const [name, how] of [
  ['is down', { answers: { graph: { how: 'reset' } } }],
  ['is overloaded', { graph: 'unavailable' }],
  ['forbids the question', { graph: 'forbidden' }],
  ['sends half of the pages', { graph: 'second-page-fails' }],
] as const) {
  test(`where Graph ${name}, what a group would grant is denied, the rest is served, and the record says so`, async (t) => {
    const gate = await openTestGate(t, ofGroup)
    await gate.scene.tenant.misbehave(how)
    const headers = await tokenOf(gate, people.manyGroups.id)
    const denied = await askGate(gate, '/admin', { headers })
    assert.equal(denied.status, 403)
    assert.equal((JSON.parse(denied.body) as { reason: string }).reason, 'directory-unreachable')
    assert.equal((await askGate(gate, '/team', { headers })).status, 200)
    const events = await gate.recorded()
    assert.ok(
      events.some(
        ({ activity, outcome, reason }) => `${activity} ${outcome} ${reason}` === 'groups failed directory-unreachable',
      ),
    )
    assert.equal(events.find(({ http }) => http?.path === '/admin')?.reason, 'directory-unreachable')
  })
}
