import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseSite } from '../../config/parseSite.ts'
import type { Asker, Typed } from './asker.ts'
import { lineAsker } from './asker.ts'
import type { MachineFacts } from './machineFacts.ts'
import type { Preset } from './questions.ts'
import { answersOfMachine, askSite, wordsOf } from './questions.ts'
import type { Answers } from './siteFile.ts'
import { siteFile } from './siteFile.ts'

const facts: MachineFacts = {
  self: { key: 'connect01', name: 'connect01.corp.example', addresses: ['10.1.0.10'], roles: [] },
  domain: { name: 'corp.example', from: '/etc/resolv.conf' },
  controllers: [{ key: 'dc01', name: 'dc01.corp.example', addresses: ['10.1.0.5'], roles: ['domain-controller'] }],
  resolvers: ['10.1.0.5'],
  remarks: [],
}

/** Somebody who types these lines and then goes away. */
function typist(lines: readonly string[]): Asker & { readonly heard: string[] } {
  const left = [...lines]
  const heard: string[] = []
  return {
    heard,
    async ask(prompt): Promise<Typed> {
      heard.push(prompt)
      const line = left.shift()
      return line === undefined ? { ended: 'input-ended' } : { line }
    },
    say: (text) => heard.push(text),
    close() {},
  }
}

async function answered(lines: readonly string[], preset: Preset = {}, of = facts) {
  const asker = typist(lines)
  return { answers: await askSite(of, preset, asker), said: asker.heard }
}

const enter = (count: number) => Array<string>(count).fill('')

test('Enter takes what this machine knows', async () => {
  const { answers, said } = await answered(enter(9))
  assert.ok('site' in answers)
  const { cloud, ...rest } = answers
  assert.deepEqual(rest, answersOfMachine(facts, {}))
  assert.equal(cloud, 'worldwide')
  const prompts = said.filter((text) => text.endsWith(']: '))
  assert.equal(prompts.length, 8)
  assert.deepEqual(prompts.slice(0, 2), ['Name of this site, for reports [corp]: ', 'AD domain [corp.example]: '])
})

test('a word that is not known is told with the nearest one, and asked for again', async () => {
  const { answers, said } = await answered(['', '', '', '', 'entra-conect', 'entra-connect', 'sso', '', '', ''])
  assert.deepEqual('site' in answers && answers.hosts[0].roles, ['entra-connect'])
  assert.ok(said.includes('  unknown role "entra-conect", did you mean entra-connect?\n'))
  assert.ok(said.some((text) => /unknown feature "sso", did you mean seamless-sso/.test(text)))
})

test('? shows the words, and - means none', async () => {
  const { answers, said } = await answered(['', '-', '', '?', 'china', '', '', '-', '-'])
  assert.ok('site' in answers)
  assert.deepEqual([answers.domain, answers.cloud, answers.resolvers], [undefined, 'china', []])
  assert.ok(said.includes('  worldwide\n  usgov-gcchigh\n  usgov-dod\n  china\n'))
  // Without the domain its controllers are nobody's.
  assert.equal(answers.hosts.length, 1)
})

test('a feature that needs a host asks for it, by name or address, and leaves it open when nobody knows', async () => {
  const without = { ...facts, controllers: [] }
  const lines = (host: string) => ['', '', '', '', 'entra-connect', 'password-hash-sync', host, '', '']
  const byName = await answered(lines('dc01.corp.example'), {}, without)
  assert.deepEqual('site' in byName.answers && byName.answers.hosts[1], {
    key: 'dc01',
    name: 'dc01.corp.example',
    addresses: [],
    roles: ['domain-controller'],
  })
  const byAddress = await answered(lines('10.1.0.5'), {}, without)
  assert.deepEqual('site' in byAddress.answers && byAddress.answers.hosts[1]?.addresses, ['10.1.0.5'])
  const own = await answered(lines('10.1.0.10'), {}, without)
  assert.deepEqual('site' in own.answers && own.answers.hosts.map(({ roles }) => roles), [
    ['entra-connect', 'domain-controller'],
  ])
  const open = await answered(lines(''), {}, without)
  assert.ok(
    'site' in open.answers &&
      siteFile(open.answers, '0.1.0').notKnown.some((what) => /domain-controller; then/.test(what)),
  )
})

test('a proxy that is typed with a password is refused without repeating it', async () => {
  const { answers, said } = await answered(['', '', '', '', '', '', '', 'svc:hunter2@proxy', 'proxy:3128', 'yes'])
  assert.deepEqual('site' in answers && answers.proxy, { url: 'http://proxy:3128', asksWho: true })
  assert.doesNotMatch(said.join(''), /hunter2/)
})

test('what the command line says is not asked', async () => {
  const preset: Preset = {
    tenant: 'contoso.com',
    domain: 'other.example',
    cloud: 'china',
    roles: ['adfs'],
    features: [],
  }
  const { answers, said } = await answered(enter(3), preset)
  assert.ok('site' in answers)
  assert.equal(said.filter((text) => text.endsWith(']: ')).length, 3)
  assert.deepEqual(
    [answers.tenant, answers.domain, answers.cloud, answers.hosts.length],
    ['contoso.com', 'other.example', 'china', 1],
  )
})

test('whatever is typed, nothing throws, and answers that come to an end make a file that is read', async () => {
  const anyLine = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom(
      '',
      '-',
      '?',
      'entra-connect',
      'adfs,wap',
      'ad-fs',
      'seamless-sso',
      '10.1.0.5',
      'dc01.corp.example',
      'connect01',
      'proxy:3128',
      'y',
      'true',
      'null',
    ),
  )
  let ended = 0
  await fc.assert(
    fc.asyncProperty(fc.array(anyLine, { maxLength: 60 }), async (lines) => {
      const { answers } = await answered([...lines, ...enter(12)])
      if ('ended' in answers) return
      ended += 1
      const { text } = siteFile(answers satisfies Answers, '0.1.0')
      const parsed = parseSite(text, 'postern.yaml')
      assert.ok('site' in parsed, `${JSON.stringify('errors' in parsed && parsed.errors)}\n${text}`)
    }),
    { numRuns: 300 },
  )
  assert.ok(ended > 100)
})

test('words of a list are taken once each, in any case, with commas or spaces between', () => {
  assert.deepEqual(wordsOf('word', 'B, a  b,', ['a', 'b']), { ok: ['b', 'a'] })
})

test('lines that are typed ahead answer the next questions', async () => {
  const input = new PassThrough()
  const asker = lineAsker(input, new PassThrough(), new AbortController().signal, false)
  input.write('one\ntwo\n')
  assert.deepEqual([await asker.ask('? '), await asker.ask('? ')], [{ line: 'one' }, { line: 'two' }])
  asker.close()
})

test('the end of the input ends the conversation, the last line without a break included', async () => {
  const input = new PassThrough()
  const asker = lineAsker(input, new PassThrough(), new AbortController().signal, false)
  input.end('one')
  assert.deepEqual([await asker.ask('? '), await asker.ask('? ')], [{ line: 'one' }, { ended: 'input-ended' }])
})

test('a signal ends it at once, whatever was typed ahead', async () => {
  const stop = new AbortController()
  const asker = lineAsker(new PassThrough(), new PassThrough(), stop.signal, false)
  const asked = asker.ask('? ')
  stop.abort()
  assert.deepEqual([await asked, await asker.ask('? ')], [{ ended: 'stopped' }, { ended: 'stopped' }])
  const late = lineAsker(new PassThrough(), new PassThrough(), stop.signal, false)
  assert.deepEqual(await late.ask('? '), { ended: 'stopped' })
})
