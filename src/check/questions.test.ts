import assert from 'node:assert/strict'
import { test } from 'node:test'
import pLimit from 'p-limit'
import { scriptedNet } from '../../test/scriptedNet.ts'
import type { TcpConnect } from '../model/observation.ts'
import type { Question } from '../probes/probe.ts'
import { openLedger } from './ledger.ts'
import { Questions } from './questions.ts'
import { createSayings } from './sayings.ts'

const question: Question = { scheme: 'tcp', address: '10.1.0.5', port: 636, transport: 'tcp' }

test('who asks while a question waits in vain is told so, who asks after its answer is not', async () => {
  const answer = Promise.withResolvers<TcpConnect['outcome']>()
  const { net, dialled } = scriptedNet({ connect: () => answer.promise })
  const ledger = openLedger()
  const { signal } = new AbortController()
  const questionBudgetMs = 60_000
  const questions = new Questions({
    net,
    ledger,
    limits: { timeoutMs: 3000, signal },
    sayings: createSayings({ ledger, now: () => net.now(), ended: signal, stoppedBy: signal, questionBudgetMs }),
    queue: pLimit(8),
    questionBudgetMs,
    silentAfterMs: 1,
    posture: false,
  })
  const told: string[] = []
  const silent = Promise.withResolvers<void>()
  const asked = questions.ask(question, silent.resolve)
  await silent.promise
  questions.ask(question, () => told.push('while it waits'))
  answer.resolve('connected')
  await asked
  questions.ask(question, () => told.push('after its answer'))
  assert.deepEqual(told, ['while it waits'])
  assert.equal(dialled.length, 1)
})
