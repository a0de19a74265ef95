import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Row } from './attackRange.ts'
import { openRange, playRows } from './attackRange.ts'
import { closing } from './shoot.ts'

interface PathRow extends Row {
  readonly path: string
  readonly host?: string
}

const refused = (reason: string, rows: readonly (readonly [name: string, path: string])[]): readonly PathRow[] =>
  rows.map(([name, path]) => ({ name, path, answers: [400], recorded: [reason] }))

const denied = (name: string, path: string): PathRow => ({ name, path, answers: [401], recorded: ['not-signed-in'] })

const closed = (name: string, path: string): PathRow => ({ name, path, answers: [403], recorded: ['no-route'] })

/** @param sent on what the backend gets, where it is not letter by letter the same */
const passes = (name: string, path: string, sent = path): PathRow => ({
  name,
  path,
  answers: [200],
  reaches: [`GET ${sent}`],
  recorded: ['passed'],
})

/** Each begins at what is open and would end, by some reader, at what is not. */
const rows: readonly PathRow[] = [
  ...refused('path-dots', [
    ['dots', '/open/../team/secret'],
    ['dots in percent signs', '/open/%2e%2e/team/secret'],
    ['dots of which one is encoded', '/open/.%2E/team/secret'],
    ['one dot', '/open/./admin/secret'],
    ['one dot in percent signs', '/open/%2e/admin/secret'],
    ['dots at the end', '/open/x/..'],
    ['full-width dots', '/open/%ef%bc%8e%ef%bc%8e/team/secret'],
    ['a two-dot leader', '/open/%e2%80%a5/team/secret'],
  ]),
  ...refused('path-encoding', [
    ['dots that are encoded twice', '/open/%252e%252e/team/secret'],
    ['a slash that is encoded twice', '/open/x%252f..%252fteam'],
    ['letters that are encoded twice', '/open/%2561dmin/secret'],
    ['encoding of other servers', '/open/%u002e%u002e/team/secret'],
    ['a percent sign alone', '/open/100%'],
    ['a percent sign with half of its digits', '/open/%4'],
    ['an encoded question mark', '/open/x%3f/../team'],
    ['an encoded number sign', '/open/x%23/team'],
  ]),
  ...refused('path-slash', [
    ['an encoded slash', '/open/%2fteam/secret'],
    ['an encoded slash behind dots', '/open/..%2fteam/secret'],
    ['a backslash', '/open/..\\team\\secret'],
    ['an encoded backslash', '/open/..%5cteam/secret'],
    ['two slashes', '/open//admin/secret'],
    ['two slashes in front', '//team/secret'],
    ['three slashes in front', '///evil.example/team'],
    ['a full-width slash', '/open/..%ef%bc%8fteam'],
    ['a full-width backslash', '/open/..%ef%bc%bcteam'],
  ]),
  ...refused('path-text', [
    ['overlong dots', '/open/%c0%ae%c0%ae/team/secret'],
    ['an overlong slash', '/open/..%c0%afteam/secret'],
    ['an overlong slash of three octets', '/open/..%e0%80%afteam'],
    ['half of a character', '/open/%e2%82'],
    ['a surrogate', '/open/%ed%a0%80'],
    ['Latin-1', '/open/caf%e9'],
  ]),
  ...refused('path-control', [
    ['an encoded octet 0', '/open/x%00/team'],
    ['an encoded line end', '/open/x%0d%0aHost:%20a'],
    ['an encoded tab', '/open/%09admin/secret'],
    ['an encoded delete', '/open/%7fadmin'],
  ]),
  ...refused('path-parameter', [
    ['a semicolon', '/open/x;y/team/secret'],
    ['a parameter at the dots', '/open/..;/team/secret'],
    ['an encoded semicolon', '/open/..%3b/team/secret'],
    ['a parameter at a name', '/open/admin;jsessionid=1/secret'],
  ]),
  ...refused('path-segment-end', [
    ['a dot at the end of a name', '/open/admin./secret'],
    ['a blank at the end of a name', '/open/admin%20/secret'],
    ['three dots', '/open/.../team'],
  ]),
  ...refused('path-file-name', [
    ['a stream of a file', '/open/admin::$DATA'],
    ['the short name of a file', '/open/ADMINI~1/secret'],
  ]),
  ...refused('target-octet', [
    ['a fragment', '/open/x#/team'],
    ['a fragment behind what is closed', '/team/secret#/open/x'],
    ['a fragment in the query', '/open/x?a=1#/team'],
    ['a quote', '/open/"x'],
  ]),
  ...refused('target-too-long', [['a path of nine thousand letters', `/open/${'x'.repeat(9000)}`]]),
  closed('a name that begins like one that is open', '/opening/x'),
  closed('a name in the query that is open', '/elsewhere?/open/x'),
  closed('a name of JavaScript', '/constructor/__proto__'),
  closed('the page of a server’s state', '/server-status'),
  denied('another case', '/open/ADMIN/secret'),
  denied('another case of what is open', '/OPEN/Admin/secret'),
  denied('letters in percent signs', '/open/%61dmin/secret'),
  denied('letters in percent signs and another case', '/open/%41DMIN/secret'),
  denied('what is closed, with what is open in the query', '/team/secret?next=/open/x'),
  denied('a slash at the end', '/open/admin/'),
  denied('no slash at the end', '/open/admin'),
  denied('a dotless i and a long s, which become others in another case', '/team/%c5%bf'),
  passes('what is closed in the query alone', '/open/x?next=/../team/%2e%2e//%00'),
  passes('letters in percent signs where it is open', '/open/%78%2Dy%7E', '/open/x-y~'),
  passes('small letters of an encoding', '/open/caf%c3%a9', '/open/caf%C3%A9'),
  passes('a mark that must stay encoded', '/open/a%40b%3Ac', '/open/a%40b%3Ac'),
  passes('a code in the query', '/open/x?code=POISON-17'),
  denied('a token in the query', '/team/x?access_token=POISON-17'),
  closed('a secret in the query of what is not there', '/elsewhere?secret=POISON-17'),
  passes('a second question mark', '/open/x?a?b=/team'),
  ...(
    [
      ['the gate’s own paths in capitals', '/.POSTERN/whoami'],
      ['the gate’s own folder', '/.postern'],
      ['a path of the gate that is none', '/.postern/admin'],
      ['a path of the gate in percent signs', '/%2epostern/%61dmin'],
      ['a path of the gate with a slash at its end', '/.postern/whoami/'],
    ] as const
  ).map(([name, path]) => ({ name, path, answers: [404], recorded: ['own-path-unknown'] })),
  ...(
    [
      ['a path of the gate behind dots', '/open/..%2f.postern/callback', 'path-slash'],
      ['a path of the gate with a parameter', '/.postern;x/callback', 'path-parameter'],
      ['a path of the gate behind two slashes', '//.postern/callback', 'path-slash'],
    ] as const
  ).map(([name, path, reason]) => ({ name, path, answers: [400], recorded: [reason] })),
  ...(
    [
      ['a host of elsewhere', 'other.example'],
      ['a host that ends like ours', 'evil-localhost:{port}'],
      ['a host with another port', 'localhost:1'],
      ['a host without its port', 'localhost'],
      ['a host that is the address', '127.0.0.1:{port}'],
      ['a host with a dot at its end', 'localhost.:{port}'],
    ] as const
  ).map(([name, host]) => ({ name, host, path: '/open/x', answers: [421], recorded: ['host-not-served'] })),
  ...(
    [
      ['a host that begins like ours', 'localhost:{port}.evil.example'],
      ['a host with a name before it', 'admin@localhost:{port}'],
      ['a host with a path', 'localhost:{port}/team'],
      ['a host of two', 'localhost:{port}, other.example'],
      ['a host with a blank', 'localhost:{port} other.example'],
      ['a host of nothing', ''],
      ['a host with an octet of Latin-1', 'localhost\xa0:{port}'],
    ] as const
  ).map(([name, host]) => ({ name, host, path: '/open/x', answers: [400], recorded: ['host-missing'] })),
  {
    name: 'our host in capitals',
    host: 'LOCALHOST:{port}',
    path: '/open/x',
    answers: [200],
    reaches: ['GET /open/x'],
    recorded: ['passed'],
  },
]

test('what is judged is byte for byte what the backend gets, and no way leads from what is open to what is not', async (t) => {
  const range = await openRange(t)
  const { port } = range.gate
  range.poison.push('POISON-17')
  const shoot = ({ path, host }: PathRow) => {
    const octets = closing(`GET ${path}`)
    return range.shoot(host === undefined ? octets : octets.replace('{host}', host.replace('{port}', String(port))))
  }
  await playRows(t, range, rows, shoot, (_row, _shot, octets) => {
    for (const text of octets) assert.match(text, new RegExp(`^host: localhost:${port}\r$`, 'm'))
  })
})
