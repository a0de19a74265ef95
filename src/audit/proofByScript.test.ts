import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleOptions, samplePermits } from '../../test/samplePermits.ts'
import { sampleWriting } from '../../test/writerCases.ts'
import { read, write } from '../firewall/vendors/pac/index.ts'
import type { Written } from '../firewall/writer.ts'
import { askPac } from '../net/pac.ts'
import type { AskWay } from './proofByScript.ts'
import { proofByScript } from './proofByScript.ts'

const options = { ...sampleOptions, proxy: 'http://proxy.corp.example:3128' }
const ask: AskWay = (script, url) =>
  askPac(
    script,
    url,
    { resolve: async () => undefined, ownAddress: '192.0.2.1' },
    { signal: new AbortController().signal, timeoutMs: 60_000 },
  )

/** The script of the samples with a part of it changed. */
function changed(from: string, to: string): Written {
  const written = write(samplePermits, [], options)
  const [file] = written.files
  if (file === undefined) assert.fail()
  assert.ok(file.text.includes(from))
  return { ...written, files: [{ ...file, text: file.text.replace(from, to) }] }
}

test('a script that was written for a site sends what was asked for, and nothing next to it', async () => {
  const { asked, options: given } = await sampleWriting('hq', 'pac')
  const written = write(asked.permits, asked.denials, { ...options, site: given.site })
  const proof = await proofByScript({ written, permits: asked.permits, read }, ask)
  assert.deepEqual([proof.statements, proof.understood], [1, 1])
  assert.deepEqual([proof.notAllowed, proof.beyond], [[], []])
  assert.ok(proof.asked > 5 && proof.allowed === proof.asked)
})

test('a name that a script forgot is not allowed', async () => {
  const written = changed('"login.microsoftonline.com"', '"login.example"')
  const { notAllowed } = await proofByScript({ written, permits: samplePermits, read }, ask)
  assert.deepEqual(
    notAllowed.map(({ permit }) => permit),
    ['sync01-to-login-microsoftonline-com-tcp-443'],
  )
})

test('a way around the proxy where it is silent is not what was asked for', async () => {
  const written = changed('"PROXY proxy.corp.example:3128"', '"PROXY proxy.corp.example:3128; DIRECT"')
  const { allowed } = await proofByScript({ written, permits: samplePermits, read }, ask)
  assert.equal(allowed, 0)
})

test('names and ports that nobody asked for are told', async () => {
  const wide = changed('["crl.microsoft.com"]', '["crl.microsoft.com", "postern.crl.microsoft.com"]')
  const { beyond } = await proofByScript({ written: wide, permits: samplePermits, read }, ask)
  assert.deepEqual(
    beyond.map(({ what }) => what),
    ['http://postern.crl.microsoft.com:80/ to the proxy'],
  )
})

test('a script that throws proves nothing', async () => {
  const written = changed('var row = rows[at];', 'throw new Error("broken");')
  const { allowed, notAllowed } = await proofByScript({ written, permits: samplePermits, read }, ask)
  assert.equal(allowed, 0)
  assert.ok(notAllowed.every(({ verdict }) => verdict === 'not-asked'))
})
