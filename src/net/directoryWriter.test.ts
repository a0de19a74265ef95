import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { needs } from '../../test/needs.ts'
import { object, openDirectoryServer, reader, writer } from '../../test/watch/directoryServer.ts'
import { createDirectoryWriter } from './directoryWriter.ts'

const attribute = 'physicalDeliveryOfficeName'
const usual = { account: writer, names: {}, trust: [], timeoutMs: 5000 } as const

test('one attribute is read and replaced under TLS, and nothing else may be', async (t) => {
  const slapd = needs(t, 'slapd')
  if (slapd === undefined) return
  const { ldaps, ldap, rootPem } = await openDirectoryServer(t, slapd)
  const trusting = { ...usual, trust: [rootPem] }
  const directory = createDirectoryWriter({ ...trusting, url: ldaps })
  assert.deepEqual(await directory.read(object, attribute, t.signal), { ok: true, values: ['Room 1'] })
  assert.deepEqual(await directory.replace(object, attribute, ['Room 2'], t.signal), { ok: true })
  assert.deepEqual(await directory.read(object, attribute, t.signal), { ok: true, values: ['Room 2'] })
  assert.deepEqual(await directory.replace(object, attribute, [], t.signal), { ok: true })
  assert.deepEqual(await directory.read(object, attribute, t.signal), { ok: true, values: [] })
  const why = async (asked: ReturnType<typeof directory.replace>): Promise<string> => {
    const answer = await asked
    assert.doesNotMatch(JSON.stringify(answer), /Wide-Open/)
    return answer.ok ? 'ok' : answer.why
  }
  assert.equal(await why(directory.replace(object, 'sn', ['other'], t.signal)), 'rights')
  assert.equal(await why(directory.replace(`cn=nobody,${object}`, attribute, ['x'], t.signal)), 'no-object')
  const readOnly = createDirectoryWriter({ ...trusting, url: ldaps, account: reader })
  assert.equal(await why(readOnly.replace(object, attribute, ['x'], t.signal)), 'rights')
  const wrong = createDirectoryWriter({ ...trusting, url: ldaps, account: { ...writer, password: 'Wide-Open-9' } })
  assert.equal(await why(wrong.replace(object, attribute, ['x'], t.signal)), 'credentials')
  const untrusting = createDirectoryWriter({ ...usual, url: ldaps })
  assert.equal(await why(untrusting.replace(object, attribute, ['x'], t.signal)), 'untrusted')
  const otherName = createDirectoryWriter({
    ...trusting,
    url: ldaps.replace('localhost', 'dc01.example'),
    names: { 'dc01.example': '127.0.0.1' },
  })
  assert.equal(await why(otherName.replace(object, attribute, ['x'], t.signal)), 'untrusted')
  const startTls = createDirectoryWriter({ ...trusting, url: ldap })
  assert.equal(await why(startTls.replace(object, attribute, ['by StartTLS'], t.signal)), 'ok')
  const plain = createDirectoryWriter({ ...usual, url: ldap })
  assert.equal(await why(plain.replace(object, attribute, ['x'], t.signal)), 'untrusted')
  const ended = AbortSignal.abort()
  assert.equal(await why(directory.replace(object, attribute, ['x'], ended)), 'aborted')
})

test('a directory that is not there, or says nothing, is told within its time', async (t) => {
  const silent = createServer()
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  t.after(() => silent.close())
  const { port } = silent.address() as AddressInfo
  const mute = createDirectoryWriter({ ...usual, timeoutMs: 300, url: `ldap://localhost:${port}` })
  const answer = await mute.read(object, attribute, t.signal)
  assert.ok(!answer.ok)
  assert.equal(answer.why, 'unreachable')
  const absent = createDirectoryWriter({ ...usual, timeoutMs: 300, url: 'ldaps://localhost:1' })
  const other = await absent.read(object, attribute, t.signal)
  assert.ok(!other.ok)
  assert.match(other.says, /localhost:1 is not reached \(ECONNREFUSED\)/)
})
