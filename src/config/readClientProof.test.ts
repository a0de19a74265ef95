import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readClientProof } from './readClientProof.ts'

const poison = 'POISON-4711'

test('a secret, a certificate and a token are read anew each time, and what is wrong is said without them', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-proof-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  const secret = (reference: string, environment = {}) =>
    readClientProof({ kind: 'secret', reference }, environment, folder)
  assert.deepEqual(await secret('env:GATE', { GATE: 'a' }), { ok: { kind: 'secret', secret: 'a' } })
  assert.match(JSON.stringify(await secret('env:GATE')), /"why":".*GATE is not set/)
  write('secret', 'one\n')
  assert.deepEqual(await secret('file:secret'), { ok: { kind: 'secret', secret: 'one' } })
  write('secret', 'two\n')
  assert.deepEqual(await secret('file:secret'), { ok: { kind: 'secret', secret: 'two' } })

  const federated = () => readClientProof({ kind: 'federated', file: 'token' }, {}, folder)
  assert.match(JSON.stringify(await federated()), /"why":".*token.* cannot be read/)
  write('token', `${poison} is no token`)
  const bad = JSON.stringify(await federated())
  assert.match(bad, /holds no token/)
  assert.equal(bad.includes(poison), false)
  write('token', 'a.b.c\n')
  assert.deepEqual(await federated(), { ok: { kind: 'assertion', assertion: 'a.b.c' } })
  write('token', 'd.e.f')
  assert.deepEqual(await federated(), { ok: { kind: 'assertion', assertion: 'd.e.f' } })
  write('token', 'a'.repeat(70_000))
  assert.match(JSON.stringify(await federated()), /more than 65536 octets/)

  write('gate.pem', 'C')
  const files = { certificate: 'gate.pem', key: 'gate.key' }
  const certificate = () => readClientProof({ kind: 'certificate', files }, {}, folder)
  assert.match(JSON.stringify(await certificate()), /gate\.key.* cannot be read/)
  write('gate.key', 'K')
  assert.deepEqual(await certificate(), { ok: { kind: 'certificate', certificate: 'C', key: 'K' } })
})
