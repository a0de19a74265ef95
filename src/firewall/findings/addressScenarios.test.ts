import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findingsOf } from '../../../test/auditFindings.ts'
import { answers, connectOut, findingScenarios, findingsWith, names, nft } from '../../../test/findingScenarios.ts'
import type { Table } from '../../audit/knowledgeOf.ts'
import { rangesOfPrefix } from '../rangesOfPrefix.ts'

findingScenarios([
  {
    code: 'hard-coded-address',
    says: 'one machine out of a published range',
    has: { devices: { edge: nft(answers, 'ip saddr 10.1.0.10 ip daddr 20.190.159.3 tcp dport 443 accept') } },
    not: { devices: { edge: nft(answers, 'ip saddr 10.1.0.10 ip daddr 20.190.128.0/18 tcp dport 443 accept') } },
    what: /names single machines of Microsoft's: 20\.190\.159\.3/,
    line: 5,
    severity: 'medium',
    flow: 't2-https-sync',
  },
  {
    code: 'hard-coded-address',
    says: 'a name of which no addresses are published',
    has: {
      tables: [names('*.msappproxy.net', '52.1.2.3')],
      devices: { edge: nft(answers, 'ip saddr 10.1.0.10 ip daddr 52.1.2.3 tcp dport 443 accept') },
    },
    not: {
      tables: [names('*.msappproxy.net', '52.1.2.3')],
      devices: { edge: nft(answers, connectOut) },
    },
    what: /allows tcp\/443 \*\.msappproxy\.net from connect01.* by addresses/,
    line: 5,
    severity: 'medium',
    flow: 't6a-https',
  },
  {
    code: 'stale-address',
    says: 'a stranger among published ranges',
    has: {
      devices: {
        edge: nft(
          answers,
          'ip saddr 10.1.0.10 ip daddr { 20.190.128.0/18, 40.126.0.0/18, 20.231.128.0/19, 104.44.218.0/24 } tcp dport 443 accept',
        ),
      },
    },
    not: {
      devices: {
        edge: nft(
          answers,
          'ip saddr 10.1.0.10 ip daddr { 20.190.128.0/18, 40.126.0.0/18, 20.231.128.0/19 } tcp dport 443 accept',
          'ip saddr 10.1.0.10 ip daddr { 20.190.128.0/18, 192.0.2.0/24, 198.51.100.7 } tcp dport 80 accept',
        ),
      },
    },
    what: /has 104\.44\.218\.0\/24 among Microsoft's addresses/,
    line: 5,
    severity: 'medium',
    flow: 't2-https-sync',
  },
])

test('what an older edition of a tag had, and the one that is given has not, is stale even alone beside one neighbour', async () => {
  const edge = nft(answers, 'ip saddr 10.1.0.10 ip daddr { 20.190.128.0/18, 4.149.98.192/27 } tcp dport 443 accept')
  const tag = (asOf: string): Table => ({
    ...{ kind: 'service-tags', asOf },
    tags: { ranges: (name) => (name === 'AzureActiveDirectory' ? rangesOfPrefix('20.190.128.0/18') : undefined) },
  })
  const told = async (...tables: readonly Table[]): Promise<readonly string[]> =>
    findingsWith('stale-address', await findingsOf({ tables, devices: { edge } })).map(({ why }) => why)
  assert.deepEqual(await told(), [])
  assert.deepEqual(await told(tag('2020-01-01')), [])
  assert.deepEqual(await told(tag('2026-11-01')), [
    'an older edition had it, and AzureActiveDirectory of 2026-11-01 has it not',
  ])
})
