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

test('of a KDC the clock is told, of a name server the server whose zone it answers for', () => {
  assert.equal(told({ kerberosError: 'KDC_ERR_C_PRINCIPAL_UNKNOWN', serverClockMs: -20 }, 88), 'clock in step')
  const unknown = { kerberosError: 'KDC_ERR_C_PRINCIPAL_UNKNOWN', serverClockMs: 0, realmAsked: 'POSTERN.INVALID' }
  assert.equal(
    told(unknown, 88),
    'clock in step; asked about POSTERN.INVALID: give domain: or the full name of the host',
  )
  assert.equal(told({ kerberosError: '2', serverClockMs: 61_400 }, 464), 'clock 61 s ahead')
  assert.equal(told({ kerberosError: '2', serverClockMs: -2000 }, 464), 'clock 2 s behind')
  assert.equal(told({ serverClockMs: -2000 }, 443), undefined)
  assert.equal(told({ soaPrimary: 'dc01.corp.example', authoritative: true }, 53), 'zone of dc01.corp.example')
})

test('of a time server its clock and stratum are told, and of an answer without a time the stratum alone', () => {
  assert.equal(told({ ntpStratum: 2, clockOffsetMs: 12.4 }, 123), 'clock 12 ms ahead, stratum 2')
  assert.equal(told({ ntpStratum: 3, clockOffsetMs: -1500 }, 123), 'clock 1500 ms behind, stratum 3')
  assert.equal(told({ ntpStratum: 1, clockOffsetMs: -0.2 }, 123), 'clock in step, stratum 1')
  assert.equal(told({ ntpStratum: 2 }, 123), 'stratum 2')
  assert.equal(told({ ntpStratum: 2, clockOffsetMs: 12 }, 123, false), undefined)
})

test('a directory that is no Active Directory is told by its product', () => {
  assert.equal(told({ activeDirectory: false, directoryProduct: 'OpenLDAP' }), 'OpenLDAP')
  assert.equal(told({ activeDirectory: true, directoryProduct: 'Samba', dnsHostName: 'dc1.example' }), 'dc1.example')
})

test('of an own app it is told whether its sign-in was seen: what was not seen was not compared', () => {
  const redirectUri = 'https://app.example:8443/signin-oidc'
  assert.equal(
    told({ httpStatus: 302, signIn: 'https://x', redirectUri }, 8443),
    `signs in with redirect_uri ${redirectUri}`,
  )
  assert.equal(told({ signIn: 'none seen: no redirect' }, 8443), 'no sign-in seen, so none compared')
})

test('what is unsure or says nothing has no words', () => {
  assert.equal(told({ dnsHostName: 'dc01.corp.example' }, 389, false), undefined)
  assert.equal(told({ httpStatus: 200 }, 443), undefined)
})
