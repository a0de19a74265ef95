import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalAddress } from '../model/cidr.ts'
import { schemes, usualPortOfScheme, usualServiceOfPort } from '../model/service.ts'
import type { Target } from './target.ts'
import { parseTarget } from './target.ts'

test('a target is read as the probe, the place and the path that it names', () => {
  const rows: readonly [string, Target][] = [
    ['https://host:8443/path', { scheme: 'https', host: 'host', port: 8443, path: '/path', transport: 'tcp' }],
    ['https://host', { scheme: 'https', host: 'host', port: 443, transport: 'tcp' }],
    ['https://host/', { scheme: 'https', host: 'host', port: 443, transport: 'tcp' }],
    ['https://host?a=b/c', { scheme: 'https', host: 'host', port: 443, path: '/?a=b/c', transport: 'tcp' }],
    ['LDAP://DC01.Corp.Example', { scheme: 'ldap', host: 'dc01.corp.example', port: 389, transport: 'tcp' }],
    ['kerberos://dc01', { scheme: 'kerberos', host: 'dc01', port: 88, transport: 'tcp' }],
    ['epm://dc01', { scheme: 'epm', host: 'dc01', port: 135, transport: 'tcp' }],
    ['smb://dc01', { scheme: 'smb', host: 'dc01', port: 445, transport: 'tcp' }],
    ['ntp://10.1.0.5', { scheme: 'ntp', host: '10.1.0.5', port: 123, transport: 'udp' }],
    ['cldap://dc01', { scheme: 'cldap', host: 'dc01', port: 389, transport: 'udp' }],
    ['dns://10.0.0.5', { scheme: 'dns', host: '10.0.0.5', port: 53, transport: 'tcp' }],
    [
      'dns://10.0.0.5/Corp.example',
      { scheme: 'dns', host: '10.0.0.5', port: 53, path: 'corp.example', transport: 'tcp' },
    ],
    ['tcp://host:7', { scheme: 'tcp', host: 'host', port: 7, transport: 'tcp' }],
    ['tls://[2001:DB8:0:0::1]:8443', { scheme: 'tls', host: '2001:db8::1', port: 8443, transport: 'tcp' }],
    ['dc01:636', { scheme: 'ldaps', host: 'dc01', port: 636, transport: 'tcp' }],
    ['10.1.0.5:12345', { scheme: 'tcp', host: '10.1.0.5', port: 12345, transport: 'tcp' }],
    ['[::1]:8443', { scheme: 'https', host: '::1', port: 8443, transport: 'tcp' }],
    ['localhost:8443', { scheme: 'https', host: 'localhost', port: 8443, transport: 'tcp' }],
    [
      'https://münchen.example/größe?a=é',
      {
        scheme: 'https',
        host: 'xn--mnchen-3ya.example',
        port: 443,
        path: '/gr%C3%B6%C3%9Fe?a=%C3%A9',
        transport: 'tcp',
      },
    ],
  ]
  for (const [text, target] of rows) assert.deepEqual(parseTarget(text), { ok: target }, text)
})

test('what is no target is refused with what is right', () => {
  const rows: readonly [string, string][] = [
    ['htps://host', '"htps://host": unknown scheme "htps", did you mean https://?'],
    ['gopher://host', `"gopher://host": unknown scheme "gopher", known: ${schemes.join(', ')}`],
    ['host', '"host": neither a port nor a scheme, say what to try, such as host:443 or https://host'],
    ['[::1]', '"[::1]": neither a port nor a scheme, say what to try, such as [::1]:443 or https://[::1]'],
    ['2001:db8::5', '"2001:db8::5": an IPv6 address without brackets, write [2001:db8::5]:PORT'],
    [
      'https://[fe80::1%eth0]/',
      '"https://[fe80::1%eth0]/": an IPv6 address with a zone, leave the zone out: it means something on one machine only',
    ],
    ['host:0', '"host:0": port 0 is out of range, a port is a whole number from 1 to 65535'],
    [
      'https://host:70000/',
      '"https://host:70000/": port 70000 is out of range, a port is a whole number from 1 to 65535',
    ],
    ['tcp://host', '"tcp://host": tcp has no usual port, write tcp://host:PORT'],
    ['tls://[::1]', '"tls://[::1]": tls has no usual port, write tls://[::1]:PORT'],
    ['ldap://dc01/dc=corp', '"ldap://dc01/dc=corp": ldap takes no path, write ldap://dc01:389'],
    [
      'dns://10.0.0.5/a b',
      '"dns://10.0.0.5/a b": empty, or with white space in it, write scheme://host:port/path or host:port',
    ],
    ['dns://10.0.0.5/a/b', '"dns://10.0.0.5/a/b": "a/b" is no DNS zone, write one such as dns://10.0.0.5/corp.example'],
    ['https://host/#top', '"https://host/#top": a fragment (#) is never sent, leave it out'],
    ['https://', '"https://": no host, or no port behind it, write host, host:port or [2001:db8::5]:443'],
    ['https:/host', '"https:/host": no host, or no port behind it, write host, host:port or [2001:db8::5]:443'],
    ['host:https', '"host:https": no host, or no port behind it, write host, host:port or [2001:db8::5]:443'],
    ['127.1:80', '"127.1:80": "127.1" is neither a name nor an address, write dc01.corp.example or 10.1.0.5'],
    [
      '10.1.0.256:80',
      '"10.1.0.256:80": "10.1.0.256" is neither a name nor an address, write dc01.corp.example or 10.1.0.5',
    ],
    [
      '0x7f000001:80',
      '"0x7f000001:80": "0x7f000001" is neither a name nor an address, write dc01.corp.example or 10.1.0.5',
    ],
    ['-x-:80', '"-x-:80": "-x-" is neither a name nor an address, write dc01.corp.example or 10.1.0.5'],
    ['', '"": empty, or with white space in it, write scheme://host:port/path or host:port'],
  ]
  for (const [text, error] of rows) assert.deepEqual(parseTarget(text), { error: `TARGET ${error}` }, text)
})

test('a password in a target is refused and not repeated', () => {
  const error = 'TARGET: an @ stands in it, leave user names and passwords out, and write %40 in a path'
  for (const text of ['https://svc:hunter2@host/', 'svc:hunter2@host:443', 'htps://svc:hunter2@host']) {
    assert.deepEqual(parseTarget(text), { error })
  }
})

test('every scheme and every port with a usual service can be a target', () => {
  for (const scheme of schemes) {
    const port = usualPortOfScheme[scheme]
    const parsed = parseTarget(port === undefined ? `${scheme}://host:1` : `${scheme}://host`)
    assert.ok('ok' in parsed, scheme)
    assert.deepEqual([parsed.ok.scheme, parsed.ok.port], [scheme, port ?? 1])
  }
  for (const [port, scheme] of Object.entries(usualServiceOfPort)) {
    const parsed = parseTarget(`host:${port}`)
    assert.ok('ok' in parsed && parsed.ok.scheme === scheme, port)
  }
})

test('any text is a target that can be dialled as it stands, or one line that says why not', () => {
  const pieces = fc.constantFrom(
    'https',
    'dns',
    'tcp',
    '://',
    ':',
    '/',
    '[',
    ']',
    '::1',
    '%',
    '#',
    '?',
    '.',
    'host',
    '443',
    'ü',
    '\n',
  )
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: pieces, maxLength: 8 }),
    fc.webUrl(),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(text, (given) => {
      const parsed = parseTarget(given)
      if ('error' in parsed) {
        assert.doesNotMatch(parsed.error, /[\p{Cc}\u2028\u2029]/u)
        return
      }
      const { scheme, host, port, path = '' } = parsed.ok
      assert.ok(canonicalAddress(host) === host || /^[a-z0-9_.-]+$/.test(host), host)
      assert.ok(port >= 1 && port <= 65535)
      assert.match(path, scheme === 'dns' ? /^[a-z0-9_.-]*$/ : /^(\/[\x21-\x7e]*)?$/)
      const shown = host.includes(':') ? `[${host}]` : host
      const again = `${scheme}://${shown}:${port}${scheme === 'dns' && path !== '' ? `/${path}` : path}`
      assert.deepEqual(parseTarget(again), parsed)
    }),
    { numRuns: 1000 },
  )
})
