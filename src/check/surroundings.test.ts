import assert from 'node:assert/strict'
import { test } from 'node:test'
import { caseOf, certificate, cloudFlow, http, publishedRoot, tls } from '../../test/observed.ts'
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
