/** The proof of SQL Server before a server of TDS that is not ours: tdspool of FreeTDS, which answers clients for others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { check } from '../src/check/check.ts'
import { createNet } from '../src/net/createNet.ts'
import { checkInput } from './checkInput.ts'
import { listens } from './freePorts.ts'
import { needs } from './needs.ts'
import { flowOf } from './observed.ts'
import { openGround } from './realGround.ts'

const net = createNet({ trust: { site: [], machine: [], node: [] }, userAgent: 'postern/test' })

test('a server of FreeTDS proves the flow by its own answer', async (t) => {
  const tdspool = needs(t, 'tdspool')
  if (tdspool === undefined) return
  const ground = await openGround(1)
  t.after(() => ground.close())
  const port = ground.port()
  // It dials the server behind it only for a client that has signed in.
  const settings = [
    'user = nobody',
    'password = none',
    'server = 127.0.0.1',
    'database = none',
    `port = ${port}`,
    'min pool conn = 0',
    'max pool conn = 1',
  ]
  const file = await ground.write('pool.conf', `[pool]\n${settings.join('\n')}\n`)
  await ground.start(tdspool, ['-c', file, 'pool'], () => listens(port))
  const flow = flowOf({ target: { name: 'localhost', address: '127.0.0.1', port, transport: 'tcp', service: 'mssql' } })
  const report = await check(checkInput([flow]), net, { signal: t.signal, timeoutMs: 20_000 })
  const [judged] = report.flows
  assert.deepEqual([judged?.verdict, judged?.confidence], ['open', 'certain'], judged?.says ?? 'not judged')
  const answers = judged?.evidence.flatMap((seen) => ('answer' in seen ? [seen.answer] : [])) ?? []
  assert.partialDeepStrictEqual(answers[0], { kind: 'tds', version: '10.0.1600', encryption: 'not-supported' })
})
