import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { accountsForAll } from '../../../../test/firewall/accountsForAll.ts'
import { mutatedTexts } from '../../../../test/firewall/mutatedTexts.ts'
import { nothingKnown } from '../../../../test/firewallCases.ts'
import type { AskScript, ScriptWord } from '../../../audit/askScripts.ts'
import { askScripts } from '../../../audit/askScripts.ts'
import { vendorOf } from '../../../audit/readDevices.ts'
import { readNameTable } from '../../../audit/readNameTable.ts'
import { scriptQuestion } from '../../../audit/scriptQuestion.ts'
import { askPac } from '../../../net/pac.ts'
import { judge } from '../../judge.ts'
import type { Knowledge } from '../../judged.ts'
import { parseAskedFlow } from '../../parseAskedFlow.ts'
import { vendorRows } from '../index.ts'
import { read } from './index.ts'

const folder = new URL('./cases/', import.meta.url)
const textOf = (file: string): string => readFileSync(new URL(file, folder), 'utf8')

const main = 'PROXY proxy.corp.example:3128'

interface Row {
  readonly says: string
  readonly file: string
  readonly flow: string
  /** What the script answers; absent: nobody can say. */
  readonly answer?: string
  readonly doubts?: RegExp
  readonly names?: string
  readonly timeoutMs?: number
}

const login = 'login.microsoftonline.com:443'

const rows: readonly Row[] = [
  { says: 'sign-in goes straight out', file: 'realistic.pac', flow: `10.2.0.5 > ${login}`, answer: 'DIRECT' },
  {
    says: 'other names go by the proxy, and straight out where that does not answer',
    file: 'realistic.pac',
    flow: '10.2.0.5 > graph.microsoft.com:443',
    answer: `${main}; DIRECT`,
  },
  {
    says: 'who asks decides, by its own address',
    file: 'realistic.pac',
    flow: '10.2.200.5 > graph.microsoft.com:443',
    answer: `PROXY branch.corp.example:8080; ${main}`,
  },
  {
    says: 'a network whose machines are answered in two ways is not settled, and both are told',
    file: 'realistic.pac',
    flow: '10.2.0.0/16 > graph.microsoft.com:443',
    doubts:
      /which machine asks: browsers answers .+; DIRECT for 10\.2\.0\.1 and PROXY branch\.corp\.example:8080; .+ for 10\.2\.128\./,
  },
  {
    says: 'where the address does not count, one machine speaks for a network',
    file: 'realistic.pac',
    flow: `10.2.0.0/16 > ${login}`,
    answer: 'DIRECT',
  },
  {
    says: 'revocation lists are asked for in plain HTTP',
    file: 'realistic.pac',
    flow: '10.2.0.5 > crl3.digicert.com:80',
    answer: main,
  },
  { says: 'own names stay inside', file: 'realistic.pac', flow: '10.2.0.5 > app.corp.example:8443', answer: 'DIRECT' },
  {
    says: 'a port beyond the usual one is in the URL',
    file: 'ports.pac',
    flow: '10.2.0.5 > app.corp.example:8443',
    answer: 'PROXY other.corp.example:8080',
  },
  {
    says: 'port 80 is asked for by http',
    file: 'ports.pac',
    flow: '10.2.0.5 > app.corp.example:80',
    answer: 'PROXY plain.corp.example:80',
  },
  {
    says: 'and the usual port of https is not',
    file: 'ports.pac',
    flow: '10.2.0.5 > app.corp.example:443',
    answer: 'DIRECT',
  },
  {
    says: 'an address is asked for as it is',
    file: 'answers-with-an-address.pac',
    flow: '10.2.0.5 > 20.190.128.1:443',
    answer: 'PROXY 10.1.0.40:3128',
  },
  {
    says: 'of a pattern a name that nobody expects is asked for',
    file: 'some-names.pac',
    flow: '10.2.0.5 > *.servicebus.windows.net:443',
    answer: main,
  },
  {
    says: 'SOCKS is told as it is',
    file: 'other-words.pac',
    flow: '10.2.0.5 > sts.corp.example:443',
    answer: 'SOCKS socks.corp.example:1080',
  },
  {
    says: 'and so is a proxy that speaks TLS',
    file: 'other-words.pac',
    flow: `10.2.0.5 > ${login}`,
    answer: 'HTTPS proxy.corp.example:443',
  },
  {
    says: 'nothing answered is straight out, whatever ends the lines',
    file: 'bom-and-crlf.pac',
    flow: `10.2.0.5 > ${login}`,
    answer: 'DIRECT',
  },
  {
    says: 'a name that it has resolved is not looked up, and named',
    file: 'resolves.pac',
    flow: `10.2.0.5 > ${login}`,
    answer: main,
    doubts: /^the address of login\.microsoftonline\.com, which browsers has resolved to decide$/,
  },
  {
    says: 'unless a table has its only address',
    file: 'resolves.pac',
    flow: `10.2.0.5 > ${login}`,
    names: 'login.microsoftonline.com 10.9.9.9\n',
    answer: 'DIRECT',
  },
  {
    says: 'the day of the week is a doubt where it is asked for',
    file: 'by-the-hour.pac',
    flow: '10.2.0.5 > graph.microsoft.com:443',
    doubts: /^the day or the hour, by which browsers decides$/,
  },
  { says: 'and none where it is not', file: 'by-the-hour.pac', flow: `10.2.0.5 > ${login}`, answer: 'DIRECT' },
  {
    says: 'a clock of its own is one everywhere',
    file: 'by-the-clock.pac',
    flow: `10.2.0.5 > ${login}`,
    doubts: /the day or the hour/,
  },
  {
    says: 'load that is shared by address is not settled for a network',
    file: 'shared-load.pac',
    flow: `10.2.0.0/24 > ${login}`,
    doubts: /which machine asks: .+proxy2.+ for 10\.2\.0\.1 and .+proxy1.+ for 10\.2\.0\.2/,
  },
  {
    says: 'but for a machine it is',
    file: 'shared-load.pac',
    flow: `10.2.0.4 > ${login}`,
    answer: 'PROXY proxy1.corp.example:8080; DIRECT',
  },
  {
    says: 'a script that loops fails in words',
    file: 'loops.pac',
    flow: `10.2.0.5 > ${login}`,
    doubts: /no answer within 300 ms: it loops/,
    timeoutMs: 300,
  },
  {
    says: 'so does one that throws',
    file: 'throws.pac',
    flow: `10.2.0.5 > ${login}`,
    doubts: /throws\.pac fails: ReferenceError: proxies/,
  },
  {
    says: 'so does one that is no script',
    file: 'no-script.pac',
    flow: `10.2.0.5 > ${login}`,
    doubts: /no-script\.pac fails: /,
  },
  {
    says: 'so does one that answers with no way',
    file: 'no-route.pac',
    flow: `10.2.0.5 > ${login}`,
    doubts: /no-route\.pac FindProxyForURL returned what is no route: use the proxy/,
  },
]

for (const row of rows) {
  test(`${row.file}: ${row.says}`, async () => {
    const { word, failure } = await answerOf(row)
    const doubts = word?.doubts.map(({ what }) => what).join('; ') ?? ''
    if (row.answer !== undefined) assert.equal(word?.kind === 'ways' ? word.answer : doubts, row.answer)
    if (row.doubts !== undefined) assert.match(doubts, row.doubts)
    else assert.equal(doubts, '')
    const fails = ['loops.pac', 'throws.pac', 'no-script.pac', 'no-route.pac'].includes(row.file)
    assert.equal(failure !== undefined, fails, failure ?? 'it ran')
  })
}

const usualAsk =
  (timeoutMs = 60_000): AskScript =>
  (script, url, means, signal) =>
    askPac(script, url, means, { signal, timeoutMs })

async function answerOf({ file, flow, names, timeoutMs }: Row): Promise<{
  readonly word: ScriptWord | undefined
  readonly failure: string | undefined
}> {
  const parsed = parseAskedFlow(flow)
  assert.ok('ok' in parsed, flow)
  const question = scriptQuestion('browsers', parsed.ok)
  const scripts = new Map([['browsers', { name: file, text: textOf(file) }]])
  const { signal } = new AbortController()
  const said = await askScripts([question], scripts, knowledgeWith(names), usualAsk(timeoutMs), signal)
  return { word: said.wordOf(question), failure: said.failures.get('browsers') }
}

function knowledgeWith(text: string | undefined): Knowledge {
  if (text === undefined) return nothingKnown
  const { addresses } = readNameTable(text)
  return {
    tag: () => undefined,
    name(name) {
      const known = addresses.get(name)
      return known === undefined ? undefined : { addresses: known, asOf: '2026-11-22' }
    },
  }
}

test('each request of each machine is asked once, and nobody else where who asks does not count', async () => {
  const asked: string[] = []
  const ask: AskScript = async (_script, url, means) => {
    asked.push(`${url.host} ${means.ownAddress}`)
    if (url.host === 'b.example') means.onAsked?.('own-address')
    return { kind: 'routes', routes: [{ kind: 'direct' }], resolved: [] }
  }
  const questions = ['10.2.0.0/24', '10.3.0.0/24'].flatMap((source) =>
    ['a.example', 'b.example', 'a.example'].map((name) => {
      const parsed = parseAskedFlow(`${source} > ${name}:443`)
      assert.ok('ok' in parsed)
      return scriptQuestion('browsers', parsed.ok)
    }),
  )
  const scripts = new Map([['browsers', { name: 'x.pac', text: 'isInNet(host, "10.2.0.128", "255.255.255.128")' }]])
  await askScripts(questions, scripts, nothingKnown, ask, new AbortController().signal)
  assert.equal(new Set(asked).size, asked.length)
  assert.deepEqual(
    asked.filter((one) => one.startsWith('a.')),
    ['a.example 10.2.0.1'],
  )
  assert.ok(asked.includes('b.example 10.2.0.126') && asked.includes('b.example 10.2.0.129'), asked.join(', '))
})

test('what was not asked when the audit is stopped is not answered, and nothing is held open', async () => {
  const ending = new AbortController()
  const question = scriptQuestion('browsers', {
    source: [{ family: 4, first: 1n, last: 1n }],
    name: 'a.example',
    transport: 'tcp',
    ports: [{ first: 443, last: 443 }],
    request: 'connect',
  })
  const scripts = new Map([['browsers', { name: 'loops.pac', text: textOf('loops.pac') }]])
  const said = askScripts([question], scripts, nothingKnown, usualAsk(), ending.signal)
  ending.abort()
  const { wordOf, failures } = await said
  assert.deepEqual([wordOf(question), failures.size], [undefined, 0])
})

test('a script that uses up its time again and again is given up', async () => {
  let count = 0
  const ask: AskScript = async () => {
    count += 1
    return { kind: 'failed', reason: 'no answer within 3000 ms: it loops, or waits for a name' }
  }
  const questions = Array.from({ length: 40 }, (_, at) =>
    scriptQuestion('browsers', {
      source: [{ family: 4, first: 1n, last: 1n }],
      name: `a${at}.example`,
      transport: 'tcp',
      ports: [{ first: 443, last: 443 }],
      request: 'connect',
    }),
  )
  const scripts = new Map([['browsers', { name: 'x.pac', text: '' }]])
  const { wordOf } = await askScripts(questions, scripts, nothingKnown, ask, new AbortController().signal)
  assert.ok(count < 10, String(count))
  for (const question of questions) assert.equal(wordOf(question)?.kind, 'unknown')
})

test('a script is one statement, at the line of its function, and may do anything until it is asked', () => {
  const [, ...others] = ['realistic.pac', 'shared-load.pac', 'bom-and-crlf.pac', 'other-words.pac'].map((file) => {
    const { ruleSets, coverage } = read([{ name: file, text: textOf(file) }], { places: {} })
    const [ruleSet] = ruleSets
    assert.ok(ruleSet !== undefined)
    assert.deepEqual([coverage.statements, coverage.understood], [1, 1])
    const parsed = parseAskedFlow('10.2.0.5 > 20.190.128.1:443')
    assert.ok('ok' in parsed)
    const judged = judge(ruleSet, parsed.ok, 'forward', nothingKnown)
    assert.equal(judged.verdict, 'may')
    return judged.parts[0]?.decidedBy[0]?.span?.line
  })
  assert.deepEqual(others, [2, 2, 1])
})

test('what has no function is no script, and of two scripts the second is not asked', () => {
  const first = { name: 'a.pac', text: 'function FindProxyForURL() { return "DIRECT" }' }
  const none = read([{ name: 'b.pac', text: 'var x = 1\n' }], { places: {} })
  assert.deepEqual([none.ruleSets.length, none.coverage.unread[0]?.why], [0, 'it has no function FindProxyForURL'])
  const two = read([first, { ...first, name: 'b.pac' }], { places: {} })
  assert.deepEqual([two.ruleSets.length, two.coverage.unread[0]?.span.file], [1, 'b.pac'])
})

test('a script under the name that browsers look for says so', () => {
  const text = 'function FindProxyForURL() { return "DIRECT" }'
  for (const name of ['wpad.dat', 'web/wpad.da', 'C:\\inetpub\\WPAD.DAT']) {
    assert.equal(read([{ name, text }], { places: {} }).findings?.[0]?.code, 'proxy-detection', name)
  }
  assert.equal(read([{ name: 'proxy.pac', text }], { places: {} }).findings, undefined)
})

test('a script is known by its function, whatever else stands in it', () => {
  for (const file of ['realistic.pac', 'other-words.pac', 'bom-and-crlf.pac', 'shared-load.pac', 'no-script.pac']) {
    const found = vendorOf(textOf(file), vendorRows)
    assert.equal('row' in found ? found.row.vendor : found.alike.length, 'pac', file)
  }
})

test('any text is read to its end, and every script is accounted for', () => {
  const texts = fc.oneof(fc.string(), mutatedTexts(textOf('realistic.pac')), mutatedTexts(textOf('other-words.pac')))
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 3 }), (some) => {
      const files = some.map((text, at) => ({ name: `${at}.pac`, text }))
      const reading = read(files, { places: {} })
      accountsForAll(reading)
      const { coverage } = reading
      assert.equal(coverage.statements, files.length)
      assert.equal(coverage.understood + coverage.unread.length, files.length)
    }),
  )
})
