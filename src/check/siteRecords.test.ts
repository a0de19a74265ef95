import assert from 'node:assert/strict'
import { test } from 'node:test'
import { netlogon, saidByUdp } from '../../test/controllers.ts'
import { filed, lookup, udp } from '../../test/observed.ts'
import { scriptedNet } from '../../test/scriptedNet.ts'
import type { NameLookup, Unfiled } from '../model/observation.ts'
import type { LookupQuestion } from '../net/net.ts'
import type { Question } from '../probes/probe.ts'
import type { Means } from './askControls.ts'
import { openLedger } from './ledger.ts'
import { SiteRecords, siteRecords, sitesNamed, takesSites } from './siteRecords.ts'

const directory = { domain: 'corp.example' }
const said = (clientSite: string, domain = 'corp.example') => saidByUdp(389, netlogon({ clientSite, domain }))

test('the site is the one that a controller of the domain puts this machine in, each told once', () => {
  const seen = filed([said('HQ'), said('hq'), said('Branch-2'), udp('timeout')])
  assert.deepEqual(sitesNamed(seen, directory), ['hq', 'Branch-2'])
})

const nameless: readonly (readonly [what: string, site: string, domain?: string])[] = [
  ['no site at all', ''],
  ['a site of another domain', 'HQ', 'partner.example'],
  ['a site whose name would be several labels', 'HQ._sites.dc'],
  ['a site whose name is no text for a question', 'a b\u0000'],
  ['a site whose name is longer than a label', 'x'.repeat(64)],
]
for (const [what, site, domain] of nameless) {
  test(`${what} is not asked for`, () => assert.deepEqual(sitesNamed(filed([said(site, domain)]), directory), []))
}

test('a site that differs with each answer is asked for a few times, and no more', () => {
  const seen = filed(Array.from({ length: 50 }, (_, n) => said(`site-${n}`)))
  assert.equal(sitesNamed(seen, directory).length, 4)
})

const question: Question = {
  scheme: 'dns',
  address: '10.1.0.2',
  port: 53,
  transport: 'udp',
  domain: 'corp.example',
  serviceRecords: ['_ldap._tcp.dc._msdcs.corp.example'],
}
const located = lookup('answer', {
  name: '_ldap._tcp.dc._msdcs.corp.example',
  type: 'SRV',
  resolverRole: 'target',
  answers: ['0 100 389 dc01.corp.example'],
})
const addressed = lookup('answer', {
  name: 'DC01.corp.example',
  type: 'A',
  resolverRole: 'target',
  answers: ['10.1.0.5'],
})

test('a server that has no service records, or was not asked for any, is not asked for those of a site', () => {
  const { serviceRecords: _, ...plain } = question
  assert.equal(takesSites(question, filed([located])), true)
  assert.equal(takesSites(question, filed([addressed])), false)
  assert.equal(takesSites(plain, filed([located])), false)
  assert.equal(takesSites(undefined, filed([located])), false)
})

/** A name server of the site, and what it was asked. */
function served(answers: (question: LookupQuestion) => Partial<Unfiled<NameLookup>>) {
  const { net, looked } = scriptedNet({ lookup: answers })
  const means: Means = {
    net,
    ledger: openLedger(),
    limits: { timeoutMs: 1000, signal: new AbortController().signal },
    slot: (_, work) => work(),
  }
  return { records: new SiteRecords(['HQ'], directory, means), looked }
}

test('the sets of a site are asked for once a server, and addresses that are known are not asked for again', async () => {
  const { records, looked } = served(({ type }) =>
    type === 'SRV'
      ? { outcome: 'answer', answers: ['0 100 389 dc01.corp.example', '0 100 389 dc09.corp.example'] }
      : { outcome: 'answer', answers: ['10.9.0.5'] },
  )
  const first = await records.at(question, filed([located, addressed]))
  const again = await records.at({ ...question }, filed([located, addressed]))
  assert.equal(again, first)
  assert.deepEqual(looked, [
    '_ldap._tcp.HQ._sites.corp.example SRV @10.1.0.2:53',
    '_kerberos._tcp.HQ._sites.corp.example SRV @10.1.0.2:53',
    'dc09.corp.example A @10.1.0.2:53',
  ])
  assert.ok(first.every(({ role }) => role === 'probe'))
})

test('a question that was called off is no word of the server', async () => {
  const { records } = served(() => ({ outcome: 'aborted' }))
  assert.deepEqual(await records.at(question, filed([located])), [])
})

test('a machine whose site is not known has no records to ask for', () => {
  assert.deepEqual(siteRecords('HQ', {}), [])
  assert.deepEqual(sitesNamed(filed([said('HQ')]), {}), [])
})
