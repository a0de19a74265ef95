import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cloudFlow, filed, flowOf, http, tls } from '../../test/observed.ts'
import type { Service } from '../model/service.ts'
import { imitated } from './imitated.ts'

const asking = (...services: readonly Service[]) => services.map((service) => flowOf({ target: { service } }))
const seen = (...drafts: Parameters<typeof filed>[0]) => [{ evidence: filed(drafts) }]

test('of a check that speaks no TLS and no HTTP none is said', () => {
  assert.match(imitated(asking('ldap', 'ntp', 'kerberos', 'smb')), /^no proxy, as the account /)
})

test('TLS and HTTP are said where they are spoken', () => {
  assert.match(imitated(asking('ntp', 'ldaps')), /^TLS 1\.2 and 1\.3 .*, no proxy, /)
  assert.doesNotMatch(imitated(asking('ldaps')), /HTTP/)
  assert.match(imitated(asking('http')), /^HTTP\/1\.1, no proxy, /)
  assert.match(imitated(asking('https')), /^TLS .*, HTTP\/1\.1, no proxy, /)
})

test('a directory that goes on under TLS, and a comparison over HTTP, show what was not planned', () => {
  assert.match(imitated(asking('ldap'), seen(tls('established'))), /^TLS /)
  assert.match(imitated(asking('tcp'), seen(http('response'))), /^HTTP\/1\.1, /)
})

test('what goes through a proxy asks it in HTTP, whatever is asked behind it', () => {
  const flow = cloudFlow({ via: 'egress', target: { service: 'tcp' } })
  assert.match(imitated([flow]), /^HTTP\/1\.1, through the proxy egress of the site file, /)
})
