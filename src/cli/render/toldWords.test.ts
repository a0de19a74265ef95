import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flowOf } from '../../../test/observed.ts'
import { toldWords } from './toldWords.ts'

const told = (learnt: Parameters<typeof toldWords>[0]['learnt'], port: number | null = 389, certain = true) =>
  toldWords({ target: flowOf({ target: { port } }).target, learnt, confidence: certain ? 'certain' : 'likely' })

test('a range of ports is told by the ports that were bound', () => {
  const learnt = { rpcPorts: ['49152 netlogon', '49153 drsuapi lsarpc'], rpcPortsBound: ['49152', '49153'] }
  assert.equal(told(learnt, null), 'bound on 49152, 49153')
  assert.equal(told(learnt, 135), 'names 49152, 49153')
  assert.equal(told({}, null), undefined)
})

test('a controller is told by its name and site, SMB by its dialect, SQL Server by its version', () => {
  assert.equal(told({ dnsHostName: 'dc01.corp.example', site: 'HQ' }), 'dc01.corp.example, site HQ')
  assert.equal(told({ dnsHostName: 'dc01.corp.example' }), 'dc01.corp.example')
  assert.equal(told({ smbDialect: '3.1.1', smbSigning: 'required' }), 'SMB 3.1.1, signing required')
  assert.equal(told({ sqlVersion: '16.0.1000' }), 'SQL Server (16.0.1000)')
})

test('what is unsure or says nothing has no words', () => {
  assert.equal(told({ dnsHostName: 'dc01.corp.example' }, 389, false), undefined)
  assert.equal(told({ httpStatus: 200 }, 443), undefined)
})
