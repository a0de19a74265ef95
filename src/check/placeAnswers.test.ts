import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Draft } from '../../test/observed.ts'
import { caseOf, cloudFlow, http, tcp, tls } from '../../test/observed.ts'
import type { Question } from '../probes/probe.ts'
import { PlaceAnswers } from './placeAnswers.ts'

const at = { address: '20.1.1.1', port: 443 }
const one: Question = { scheme: 'https', name: 'a.example', ...at, transport: 'tcp', path: '/one' }
const other: Question = { ...one, path: '/other' }
const conversation = [tcp('connected', at), tls('established', at), http('response', { address: at.address })]

/** The kinds of what is known of a question from another one that came to this. */
function besides(question: Question, by: Question, drafts: readonly Draft[], own: readonly Draft[] = []) {
  const answers = new PlaceAnswers()
  answers.add(question, caseOf(cloudFlow(), own).observations)
  answers.add(by, caseOf(cloudFlow(), drafts).observations)
  return answers.besides(question).map(({ kind }) => kind)
}

test('what another question got at the same place and this one did not is shown, as far as both speak the same', () => {
  const all = ['tcp-connect', 'tls-handshake', 'http-exchange']
  assert.deepEqual(besides(one, other, conversation), all)
  assert.deepEqual(besides(one, other, conversation, conversation.slice(0, 2)), all.slice(2))
  assert.deepEqual(besides({ ...one, scheme: 'tls' }, other, conversation), all.slice(0, 2))
  assert.deepEqual(besides({ ...one, scheme: 'tcp' }, other, conversation), all.slice(0, 1))
})

test('by another name it is another service behind the same port', () => {
  assert.deepEqual(besides(one, { ...other, name: 'b.example' }, conversation), ['tcp-connect'])
})

test('another port, the question itself, what a proxy reached and what failed are no answers there', () => {
  assert.deepEqual(besides(one, { ...other, port: 8443 }, conversation), [])
  assert.deepEqual(besides(one, one, conversation), [])
  assert.deepEqual(besides(one, { ...other, via: { proxy: 'egress', port: 443 } }, conversation), [])
  const failed = [tcp('refused', at), tls('timeout', at), http('timeout', { address: at.address })]
  assert.deepEqual(besides(one, other, failed), [])
})

test('two of each kind are enough', () => {
  assert.equal(besides(one, other, [...conversation, ...conversation, ...conversation]).length, 6)
})
