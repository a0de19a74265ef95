import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import type { FirewallCase } from '../../../../test/firewallCases.ts'
import { firewallCases, judgeCase } from '../../../../test/firewallCases.ts'
import { read } from './index.ts'

const folder = new URL('./cases/', import.meta.url)
const login = 'login.microsoftonline.com'

/** A flow from a server, by name. */
const asks = (
  file: FirewallCase['file'],
  name: string,
  expect: FirewallCase['expect'],
  says: string,
  more: Partial<FirewallCase> = {},
): FirewallCase => ({ file, flow: `10.1.0.10 > ${name}:443`, expect, says, ...more })

const cases: readonly FirewallCase[] = [
  asks('realistic.conf', login, 'allow', 'a server asks for a name that an acl covers', { line: 19 }),
  asks('realistic.conf', '*.msappproxy.net', 'allow', 'a leading dot covers every name of a pattern of Microsoft’s'),
  asks('realistic.conf', 'login.windows.net', 'allow', 'a name of the second line of one acl counts'),
  asks('realistic.conf', 'autologon.microsoftazuread-sso.com', 'allow', 'and so does one of a continued line'),
  asks('realistic.conf', 'www.example.com', 'may', 'others depend on who signs in at the proxy', {
    dependsOn: /signs in/,
  }),
  asks('realistic.conf', login, 'may', 'a machine that is no server depends on who signs in, and when', {
    flow: `10.1.0.50 > ${login}:443`,
    dependsOn: /time of day/,
  }),
  asks('realistic.conf', login, 'reject', 'who is outside of the network is denied', {
    flow: `192.0.2.1 > ${login}:443`,
    by: 'http_access deny all',
  }),
  asks('realistic.conf', login, 'reject', 'tunnels to 8443 are denied before anybody is asked for', {
    flow: `10.1.0.10 > ${login}:8443`,
    line: 15,
  }),
  asks('realistic.conf', 'ns.servicebus.windows.net', 'reject', 'and so is AMQP over TLS', {
    flow: '10.1.0.10 > ns.servicebus.windows.net:5671',
  }),
  asks('realistic.conf', 'crl.microsoft.com', 'allow', 'revocation lists are asked for in plain HTTP', {
    flow: '10.1.0.10 > crl.microsoft.com:80',
    line: 20,
  }),
  asks('realistic.conf', 'crl.microsoft.com', 'may', 'a tunnel to a host of lists is none of them', {
    dependsOn: /signs in/,
  }),
  asks(
    'last-line-turned-round.conf',
    login,
    'allow',
    'what no line fits is treated the other way than by the last line',
    { by: 'default (the opposite of the last line, deny)' },
  ),
  asks('last-line-turned-round.conf', login, 'reject', 'and what the last line fits is treated by it', {
    flow: `10.2.0.9 > ${login}:443`,
  }),
  asks('no-access-line.conf', login, 'reject', 'without a line of http_access everything is denied', {
    by: 'no line of http_access',
  }),
  asks('names.conf', login, 'allow', 'a name is covered by itself'),
  asks('names.conf', `x.${login}`, 'reject', 'and covers nothing below it'),
  asks('names.conf', 'servicebus.windows.net', 'allow', 'a name with a dot before it covers itself'),
  asks('names.conf', '*.servicebus.windows.net', 'allow', 'and every name below'),
  asks('names.conf', 'a.b.msappproxy.net', 'allow', 'an expression that is a name with its end said is understood'),
  asks('names.conf', 'msappproxy.net', 'reject', 'and covers no more than it says'),
  asks('names.conf', 'graph.microsoft.com', 'allow', 'so is one with beginning and end'),
  asks('names.conf', 'www.contoso.com', 'reject', 'an expression before a denial of all changes nothing'),
  asks('groups-of-acls.conf', login, 'allow', 'any-of and all-of are followed', { flow: `10.3.1.1 > ${login}:443` }),
  asks('groups-of-acls.conf', login, 'reject', 'each with all of what they ask', { flow: `10.3.1.1 > ${login}:8443` }),
  asks('groups-of-acls.conf', login, 'allow', 'and turned round', { flow: `10.4.1.1 > ${login}:8443` }),
  asks('only-other-names.conf', login, 'allow', 'a denial of other names leaves this one alone'),
  asks('only-other-names.conf', 'graph.microsoft.com', 'reject', 'and denies the others', { line: 3 }),
  asks('only-other-names.conf', 'account.microsoftonline.com', 'reject', 'names of one acl and not of another', {
    line: 4,
  }),
  asks(['values-in-a-file.conf', 'allowed.txt'], login, 'allow', 'values stand in a file beside it'),
  asks(['values-in-a-file.conf', 'allowed.txt'], 'graph.windows.net', 'allow', 'one a line, with comments'),
  asks(
    ['values-in-a-file.conf', 'allowed.txt'],
    'graph.microsoft.com',
    'unknown-ref',
    'a file that is not there may have it',
    {
      dependsOn: /missing\.txt/,
    },
  ),
  asks(
    ['included.conf', '10-sync.conf', 'other.conf'],
    login,
    'allow',
    'included files are read where they are included',
  ),
  asks(['included.conf', '10-sync.conf'], login, 'unknown-ref', 'one that is missing makes everything doubtful', {
    dependsOn: /other\.conf/,
  }),
  asks('opens-tls.conf', login, 'allow', 'what is spliced passes'),
  asks('opens-tls.conf', 'www.gambling.example', 'drop', 'what is terminated does not'),
  asks('parent.conf', login, 'may', 'what must go to a parent depends on it', { dependsOn: /parent proxy/ }),
  asks('parent.conf', 'app.corp.example', 'allow', 'what goes straight does not'),
  asks('unknown-acl.conf', login, 'unknown-ref', 'an acl that no line defines is a reference to nothing', {
    dependsOn: /nobody_defined_this/,
  }),
  asks('unknown-directive.conf', login, 'may', 'a directive that is not known makes everything doubtful', {
    dependsOn: /frobnicate_access/,
  }),
  asks('values-below.conf', login, 'allow', 'a value below the line that uses its acl counts for it'),
  asks('by-address.conf', login, 'allow', 'a server is known by its address', {
    flow: '10.1.0.10 > 20.190.128.1:443',
    name: login,
  }),
  asks('by-address.conf', login, 'allow', 'over IPv6 as well', {
    flow: '2001:db8::1 > [2603:1006:2000::1]:443',
    name: login,
  }),
  asks(
    'by-address.conf',
    'graph.windows.net',
    'may',
    'a name in an acl of addresses stands for addresses of its start',
    {
      flow: '10.1.0.10 > 192.0.2.5:443',
      name: 'graph.windows.net',
      dependsOn: /found for login\.microsoftonline\.com/,
    },
  ),
  asks('no-tunnels.conf', login, 'reject', 'a proxy without tunnels lets no TLS pass', {
    by: 'http_access deny CONNECT',
  }),
  asks('no-tunnels.conf', 'crl.microsoft.com', 'allow', 'and plain HTTP does', {
    flow: '10.1.0.10 > crl.microsoft.com:80',
  }),
]

firewallCases(read, folder, cases)

/** Whether TLS of a name is opened. */
const opened: readonly (readonly [file: string, name: string, inspected: string | undefined])[] = [
  ['opens-tls.conf', login, undefined],
  ['opens-tls.conf', 'www.example.com', 'yes'],
  ['stares.conf', login, 'yes'],
  ['bump-lines-without-a-port.conf', login, undefined],
]

for (const [file, name, inspected] of opened) {
  test(`${file}: TLS of ${name} is ${inspected === undefined ? 'left alone' : 'opened'}`, () => {
    const judged = judgeCase(read, folder, asks(file, name, 'allow', ''))
    assert.deepEqual([...new Set(judged.parts.map((part) => part.inspected))], [inspected])
  })
}

test('each statement of the realistic file is understood', () => {
  const text = readFileSync(new URL('realistic.conf', folder), 'utf8')
  const { coverage } = read([{ name: 'squid.conf', text }], { places: {} })
  assert.deepEqual(coverage.unread, [])
  assert.equal(coverage.statements, 21)
})

test('any text is read to its end, and every directive is accounted for', () => {
  const lines = readFileSync(new URL('realistic.conf', folder), 'utf8').split('\n')
  const line = fc.oneof(
    fc.constantFrom(...lines),
    fc.string(),
    fc.constantFrom('acl a any-of a', 'acl a all-of !a b', '\\'),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), (some) => {
      const { coverage, ruleSets } = read([{ name: 'a', text: some.join('\n') }], { places: {} })
      assert.equal(coverage.statements, coverage.understood + coverage.unread.length)
      assert.equal(ruleSets.length, coverage.understood === 0 ? 0 : 1)
    }),
  )
})

test('acls that stand for each other without end are bounded', () => {
  const more = Array.from({ length: 200 }, (_, at) => `acl a${at + 1} any-of a${at} !a${at}`)
  const text = ['acl a0 src 10.0.0.0/8', ...more, 'http_access allow a200', 'http_access deny all'].join('\n')
  const { coverage } = read([{ name: 'a', text }], { places: {} })
  assert.match(coverage.unread[0]?.why ?? '', /nested more than/)
})

test('a name may stand in thousands of lines', () => {
  for (const line of ['acl many dstdomain .x.example', 'acl many any-of one']) {
    const text = `acl one dstdomain .y.example\n${`${line}\n`.repeat(3000)}http_access allow many\nhttp_access deny !many\n`
    const { coverage } = read([{ name: 'a', text }], { places: {} })
    assert.deepEqual(coverage, { statements: 3003, understood: 3003, unread: [] })
  }
})

test('values in a hundred lines make one rule of an access line that names their acl', () => {
  const text = readFileSync(new URL('realistic.conf', folder), 'utf8')
  const rulesOf = (times: number): number => {
    const [ruleSet] = read([{ name: 'a', text: `${text}\n`.repeat(times) }], { places: {} }).ruleSets
    return Object.values(ruleSet?.chains ?? {}).flat().length
  }
  // One rule says that squid passes on TCP alone.
  assert.equal(rulesOf(100) - 1, 100 * (rulesOf(1) - 1))
})

test('the addresses of an acl are one set for all lines that name it', () => {
  const text = `acl entra dst 20.190.128.0/18\nacl entra dst login.microsoftonline.com\n${'http_access allow entra\n'.repeat(50)}`
  const { ruleSets } = read([{ name: 'a', text }], { places: {} })
  const rules = Object.values(ruleSets[0]?.chains ?? {}).flat()
  assert.equal(new Set(rules.flatMap(({ match }) => match.destination ?? [])).size, 1)
})
