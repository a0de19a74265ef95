import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kerberosError, rootDse, saidAt } from '../../test/controllers.ts'
import { caseOf, certificate, cloudFlow, filed, http, publishedRoot, tls } from '../../test/observed.ts'
import type { TlsHandshake } from '../model/observation.ts'
import type { Question } from '../probes/probe.ts'
import { Neighbourhood } from './surroundings.ts'

const question: Question = { scheme: 'tls', name: 'a.example', address: '20.1.1.1', port: 443, transport: 'tcp' }
const resolvers = { internal: [], control: [] }
const issuer = certificate({
  subject: 'CN=Issuing',
  subjectAltNames: ['dns:much.example'],
  caIssuers: ['http://ca.example/root.crt'],
})

function among(...handshakes: readonly Partial<TlsHandshake>[]): Neighbourhood {
  const drafts = handshakes.map((over) =>
    tls(over.outcome ?? 'established', { chain: [certificate(), issuer, publishedRoot], ...over }),
  )
  const { observations } = caseOf(cloudFlow(), drafts)
  return new Neighbourhood([{ question, observations }], [], [])
}

const neutralOf = (neighbourhood: Neighbourhood, otherAddresses: readonly string[] = []) =>
  neighbourhood.around(question, resolvers, () => false, otherAddresses, []).neutral

test('a neutral server is one of another organisation at another address that showed its own certificate', () => {
  const other = { serverName: 'b.test', address: '20.2.2.2', nameMatches: true }
  assert.deepEqual(neutralOf(among(other)), { address: '20.2.2.2', port: 443, name: 'b.test' })
  assert.equal(neutralOf(among({ ...other, serverName: 'b.a.example' })), undefined, 'the same organisation')
  assert.equal(neutralOf(among({ ...other, address: '20.1.1.1' })), undefined, 'the same address')
  assert.equal(neutralOf(among(other), ['20.2.2.2']), undefined, 'another address of the name')
  assert.equal(neutralOf(among({ ...other, nameMatches: false })), undefined, 'a certificate of another name')
  assert.equal(neutralOf(among({ ...other, outcome: 'reset' })), undefined, 'no handshake')
})

test('what another flow shows keeps its id, the names of its leaf and what judges its chain, and no more', () => {
  const [shown] = among({ serverName: 'b.test', address: '20.2.2.2' }).contextOf(cloudFlow(), question)
  assert.ok(shown?.kind === 'tls-handshake')
  const [leaf, above, root] = shown.chain
  assert.deepEqual([shown.id, shown.role], ['e1', 'context'])
  assert.deepEqual([leaf?.subjectAltNames.length, above?.subjectAltNames, above?.caIssuers], [1, [], []])
  assert.deepEqual([above?.sha256, root?.sha1], [issuer.sha256, publishedRoot.sha1])
})

for (const [scheme, shown] of [
  ['https', ['e1', 'e2']],
  ['wss', ['e1', 'e2']],
  ['tls', ['e1', 'e2']],
  ['dns', []],
  ['tcp', []],
] as const) {
  test(`the plain pages of unrelated names are ${shown.length > 0 ? '' : 'not '}shown to a question of ${scheme}`, () => {
    const pages = ['http://b.test/', 'http://c.test/', 'http://a.example/', 'https://d.test/'].map((url) =>
      http('response', { url }),
    )
    const { observations } = caseOf(cloudFlow(), pages)
    const neighbourhood = new Neighbourhood([{ question, observations }], [], [])
    const context = neighbourhood.contextOf(cloudFlow(), { ...question, scheme })
    assert.deepEqual(
      context.map(({ id }) => id),
      shown,
    )
  })
}

test('Kerberos is shown the other clocks of its host, two other machines and two of unrelated web servers', () => {
  const at = (port: number, scheme: Question['scheme'], address: string): Question => ({
    scheme,
    address,
    port,
    transport: 'tcp',
  })
  const date = 'Fri, 20 Nov 2026 10:00:00 GMT'
  const web = (name: string) => http('response', { url: `https://${name}/`, headers: { date } })
  const drafts = [
    [at(88, 'kerberos', '10.1.0.5'), saidAt(88, kerberosError())],
    [at(389, 'ldap', '10.1.0.5'), saidAt(389, rootDse())],
    [at(389, 'ldap', '10.1.0.6'), saidAt(389, rootDse(), { address: '10.1.0.6' })],
    [at(88, 'kerberos', '10.1.0.6'), saidAt(88, kerberosError(), { address: '10.1.0.6' })],
    [at(443, 'https', '20.1.1.1'), web('a.example')],
    [at(443, 'https', '20.1.1.2'), web('b.a.example')],
    [at(443, 'https', '20.1.1.3'), web('c.test')],
    [at(443, 'https', '20.1.1.4'), web('d.invalid')],
  ] as const
  const observations = filed(drafts.map(([, draft]) => draft))
  const asked = drafts.map(([by], index) => ({ question: by, observations: observations.slice(index, index + 1) }))
  const shown = new Neighbourhood(asked, [], []).contextOf(cloudFlow(), at(88, 'kerberos', '10.1.0.5'))
  assert.deepEqual(
    shown.map(({ id }) => id),
    ['e2', 'e3', 'e5', 'e7'],
  )
  assert.ok(shown.every(({ role }) => role === 'context'))
})
