import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rangesOf } from '../../test/ruleSetOf.ts'
import { noKnowledge } from '../firewall/judge.ts'
import type { Permit } from '../firewall/permit.ts'
import { read, write } from '../firewall/vendors/nftables/index.ts'
import type { Written } from '../firewall/writer.ts'
import type { RulesProof } from '../model/rulesReport.ts'
import { proofOf } from './proofOf.ts'

const permit = (id: string, port: number, over: Partial<Permit> = {}): Permit => ({
  id,
  flows: [`flow-${id}`],
  why: 'a reason',
  from: { label: 'a', ranges: rangesOf('10.0.0.1') },
  to: { label: 'b', ranges: rangesOf('192.0.2.7') },
  transport: 'tcp',
  ports: [{ first: port, last: port }],
  request: 'connect',
  necessity: 'required',
  ...over,
})
const permits = [permit('web', 443), permit('mail', 25)]
const denials = [permit('deny-rdp', 3389)]
const options = { site: 'hq', passage: 'forward', places: {}, on: '2026-11-22' } as const

/** The proof of what nftables' writer made, as somebody changed it. */
function proven(change: (text: string) => string, more: Partial<Written> = {}): RulesProof {
  const made = write(permits, denials, options)
  const written = { ...made, files: made.files.map(({ name, text }) => ({ name, text: change(text) })), ...more }
  return proofOf({ written, asked: { permits, denials }, options, knowledge: noKnowledge, read })
}

test('what was written as it was asked for is proven', () => {
  const { asked, allowed, notAllowed, notClosed, beyond, denials: count } = proven((text) => text)
  assert.deepEqual(
    { asked, allowed, notAllowed, notClosed, beyond, count },
    { asked: 2, allowed: 2, notAllowed: [], notClosed: [], beyond: [], count: 1 },
  )
})

test('a rule that is missing is found, with what stops the opening', () => {
  const { allowed, notAllowed } = proven((text) => text.replace(/^.*dport 25 .*\n/m, ''))
  assert.equal(allowed, 1)
  assert.deepEqual(
    notAllowed.map(({ permit: id, verdict, flows }) => [id, verdict, flows]),
    [['mail', 'deny', ['flow-mail']]],
  )
  assert.match(notAllowed[0]?.why ?? '', /^by /)
})

test('a rule that is too wide is found, in words, and nothing explains it', () => {
  const { beyond } = proven((text) => text.replace('dport 25 ', 'dport 25-26 '))
  assert.deepEqual(
    beyond.map(({ what, because }) => [what, because]),
    [['10.0.0.1 to 192.0.2.7, tcp 26', undefined]],
  )
})

test('what has to be closed and is open is found', () => {
  const { notClosed } = proven((text) => text.replace(/dport 3389 drop/, 'dport 3389 accept'))
  assert.deepEqual(
    notClosed.map(({ permit: id }) => id),
    ['deny-rdp'],
  )
})

test('what the writer says it cannot say is not asked', () => {
  const notSaid = [{ flow: 'flow-mail', permit: 'mail', why: 'so', instead: 'else' }]
  const {
    asked,
    allowed,
    notSaid: count,
    beyond,
  } = proven((text) => text.replace(/^.*dport 25 .*\n/m, ''), { notSaid })
  assert.deepEqual([asked, allowed, count, beyond], [1, 1, 1, []])
})

test('a rule for what the writer says it cannot say is beyond', () => {
  const { beyond } = proven((text) => text, {
    notSaid: [{ flow: 'flow-mail', permit: 'mail', why: 'so', instead: 'else' }],
  })
  assert.deepEqual(
    beyond.map(({ what }) => what),
    ['10.0.0.1 to 192.0.2.7, tcp 25'],
  )
})

test('of text that the reader does not understand nothing is allowed', () => {
  const { understood, allowed, notAllowed } = proven(() => 'no rules at all')
  assert.deepEqual([understood, allowed, notAllowed.length], [0, 0, 2])
})
