import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kerberosError, netlogon, rootDse, saidAt, saidByUdp } from '../../test/controllers.ts'
import type { Draft } from '../../test/observed.ts'
import { filed } from '../../test/observed.ts'
import type { Scheme } from '../model/service.ts'
import type { Question } from '../probes/probe.ts'
import { HostAnswers } from './hostAnswers.ts'

const ask = (scheme: Scheme, port: number, over: Partial<Question> = {}): Question => ({
  scheme,
  name: 'dc01.corp.example',
  address: '10.1.0.5',
  port,
  transport: 'tcp',
  ...over,
})
const cldap = ask('cldap', 389, { transport: 'udp' })
const smb: Draft = saidAt(445, {
  kind: 'smb',
  dialect: '3.1.1',
  signing: 'required',
  serverGuid: '00316364-0000-0000-0000-000000000000',
  skewMs: 1,
  mechanisms: [],
})

const known = (): HostAnswers => {
  const answers = new HostAnswers()
  for (const [question, draft] of [
    [ask('ldap', 389), saidAt(389, rootDse())],
    [cldap, saidByUdp(389, netlogon())],
    [ask('gc', 3268), saidAt(3268, rootDse())],
    [ask('kerberos', 88), saidAt(88, kerberosError())],
    [ask('kerberos', 88, { transport: 'udp' }), saidByUdp(88, kerberosError())],
    [ask('smb', 445), smb],
    [ask('ldap', 389, { address: '10.1.0.6' }), saidAt(389, rootDse(), { address: '10.1.0.6' })],
  ] as const) {
    answers.add(question, filed([draft]))
  }
  return answers
}

const kindsFor = (question: Question): readonly unknown[] =>
  known()
    .besides(question)
    .map((seen) => 'answer' in seen && seen.answer?.kind)

test('a port of the directory is shown who the host says that it is and its other clocks, one answer a kind and not its own', () => {
  assert.deepEqual(kindsFor(ask('gcs', 3269)), ['root-dse', 'netlogon', 'kerberos-error', 'smb'])
  assert.deepEqual(kindsFor(cldap), ['root-dse'])
})

test('Kerberos and SMB are shown the other clocks of their host, and AD Web Services what the locator says', () => {
  assert.deepEqual(kindsFor(ask('kerberos', 88)), ['root-dse', 'kerberos-error', 'smb'])
  assert.deepEqual(kindsFor(ask('smb', 445)), ['root-dse', 'kerberos-error'])
  assert.deepEqual(kindsFor(ask('adws', 9389)), ['netlogon'])
})

test('names and TLS are shown of which domain their host is a controller', () => {
  for (const question of [ask('dns', 53), ask('dns', 53, { transport: 'udp' }), ask('tls', 636), ask('winrms', 5986)]) {
    assert.deepEqual(kindsFor(question), ['root-dse', 'netlogon'])
  }
})

test('other services, and other hosts, are shown nothing of it', () => {
  assert.deepEqual(kindsFor(ask('https', 443)), [])
  assert.deepEqual(kindsFor(ask('gc', 3268, { address: '10.1.0.7' })), [])
})
