import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { withoutSignInValues } from './withoutSignInValues.ts'

for (const { what, address, shown } of [
  {
    what: 'a name and a password before a host',
    address: 'https://user:pass@idp.example/authorize?x=a@b',
    shown: 'https://…@idp.example/authorize?x=a@b',
  },
  {
    what: 'a code that is on its way back',
    address: '/signin-oidc?code=0.AXoAbcdefghijklmnopq&x=1',
    shown: '/signin-oidc?code=…&x=1',
  },
  {
    what: 'what apps and identity providers name a session, a factor or a device by',
    address: '/a?session_code=x&otp=1&sid=2&user_code=3&client_data=4&authorization_code=5;PHPSESSID=6',
    shown: '/a?session_code=…&otp=…&sid=…&user_code=…&client_data=…&authorization_code=…;PHPSESSID=…',
  },
  { what: 'a session in a path', address: '/app;jsessionid=8F2?x=1', shown: '/app;jsessionid=…' },
  {
    what: 'a state in an address within an address',
    address: '/authorize?redirect_uri=https%3A%2F%2Fa%2Fcb%3Fstate%3Dabc%26x%3D1&response_type=code&y=2',
    shown: '/authorize?redirect_uri=https%3A%2F%2Fa%2Fcb%3Fstate%3D…%26x%3D1&response_type=code&y=2',
  },
  {
    what: 'a secret whose name is written otherwise',
    address: '/x?%63lient%5Fsecret=abc&y=1',
    shown: '/x?%63lient%5Fsecret=…&y=1',
  },
  {
    what: 'a secret whose name is escaped again',
    address: '/x?%2563lient_secret=abc',
    shown: '/x?%2563lient_secret=…',
  },
  {
    what: 'a secret whose escape is escaped in part',
    address: '/x?%25%36%33lient_secret=abc',
    shown: '/x?%25%36%33lient_secret=…',
  },
  { what: 'a token behind a fragment', address: '/app#%61ccess_token=abc&x=1', shown: '/app#%61ccess_token=…&x=1' },
  { what: 'a token behind the path of a fragment', address: '/app#/id_token=abc', shown: '/app#/id_token=…' },
  { what: 'a value with an ampersand of its own', address: '/x?state=a%26b%3Dc&y=1', shown: '/x?state=…&y=1' },
  { what: 'an array of tokens', address: '/x?Token%5B0%5D=abc', shown: '/x?Token%5B0%5D=…' },
  { what: 'a name with a line break in it', address: '/x?client_\tsecret=abc', shown: '/x?client_\tsecret=…' },
  { what: 'a name in the way of old servers', address: '/x?%u0073tate=abc', shown: '/x?%u0073tate=…' },
  {
    what: 'a state twice within addresses',
    address: '/a?u=https%3A%2F%2Fa%2Fb%3Fu%3Dhttps%253A%252F%252Fc%253Fstate%253Dabc%2526x%253D1%26y%3D2&z=3',
    shown: '/a?u=https%3A%2F%2Fa%2Fb%3Fu%3Dhttps%253A%252F%252Fc%253Fstate%253D…%2526x%253D1%26y%3D2&z=3',
  },
  {
    what: 'a password in an address within an address',
    address: '/a?u=https%3A%2F%2Fuser%3Apass%40host%2Fb',
    shown: '/a?u=https%3A%2F%2F…%40host%2Fb',
  },
]) {
  test(`${what} is not shown`, () => assert.equal(withoutSignInValues(address), shown))
}

for (const address of [
  '/a?code=AADSTS50011&x=1',
  '/a?code=a-code-of-19-letter',
  '/authorize?request=1&statement=x&tokens=2&my_state_of=3',
  'https://idp.example/a%2Fb?x=a@b',
  '/a?x=%',
  '/a?x=%zz%25',
  '',
]) {
  test(`${JSON.stringify(address)} is shown as it is`, () => assert.equal(withoutSignInValues(address), address))
}

const secret = 'Kq7-not-to-be-told'

/** One way to write a character: as it is, or escaped to some depth, in either case. */
const spelt = (character: string): fc.Arbitrary<string> =>
  fc.nat(4).map((depth) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, '0')
    return depth === 0 ? character : `%${'25'.repeat(depth - 1)}${depth % 2 === 0 ? code.toUpperCase() : code}`
  })
const spelling = (name: string): fc.Arbitrary<string> =>
  fc.tuple(...[...name].map((letter) => spelt(letter))).map((letters) => letters.join(''))

test('however the name of a field is escaped, its value is not shown', () => {
  const name = fc
    .constantFrom('client_secret', 'state', 'Nonce', 'code_verifier', 'access_token', 'SAMLResponse', 'password')
    .chain(spelling)
  const before = fc.constantFrom('https://a/b?', '/b?x=1&', '#', '/b#!', '/b#/', '/b;', '/a?u=https%3A%2F%2Fa%2F%3F')
  fc.assert(
    fc.property(before, name, fc.constantFrom('', '&x=1', '#y', '%26x%3D1'), (begins, field, ends) => {
      const shown = withoutSignInValues(`${begins}${field}=${secret}${ends}`)
      assert.ok(!shown.includes(secret), shown)
      assert.ok(shown.startsWith(`${begins}${field}=…`), shown)
    }),
  )
})

test('escaped to any depth as a whole, an address tells no more', () => {
  fc.assert(
    fc.property(fc.constantFrom('state', 'id_token', 'client_secret'), fc.nat(4), (name, depth) => {
      let inner = `https://a/b?x=1&${name}=${secret}&y=2`
      for (let times = 0; times < depth; times += 1) inner = encodeURIComponent(inner)
      assert.ok(!withoutSignInValues(`/authorize?redirect_uri=${inner}&z=3`).includes(secret))
    }),
  )
})

test('any text is shown in no more characters than it has, but for the marks', () => {
  const part = fc.constantFrom('%', '25', '2', '3', 'f', '=', '&', '?', '/', '//', '@', 'state', '#', '%3D', '%u', 'x')
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string({ unit: 'binary', maxLength: 3 }))), (parts) => {
      const text = parts.join('')
      const shown = withoutSignInValues(text)
      assert.ok(shown.length <= 2 * text.length + 2)
      if (!shown.includes('…')) assert.equal(shown, text)
    }),
  )
})

const openEnded = [
  { what: 'a password', begins: 'https://user:', shown: 'https://…' },
  { what: 'a code', begins: '/a?x=1&code=', shown: '/a?x=1&code=…' },
  { what: 'a token', begins: '/a?request=', shown: '/a?request=…' },
  { what: 'a code behind a state', begins: `/a?state=${'s'.repeat(30)}&code=`, shown: '/a?state=…&code=…' },
]
for (const { what, begins, shown } of openEnded) {
  test(`${what} whose end is not read is not shown`, () => {
    for (const length of [1, 2, 15, 40]) {
      assert.equal(withoutSignInValues(`${begins}eyJ${'0'.repeat(60)}`, begins.length + length), shown)
    }
  })
}

test('of an address that is read in part the rest is left out', () => {
  assert.equal(withoutSignInValues('https://a.example/b?x=12345&y=1', 25), 'https://a.example/b?x=123')
  assert.equal(withoutSignInValues('https://a.example/b', 19), 'https://a.example/b')
})

for (const field of ['/request=a', '&code=', ';code=x', '?state=a', '/request=%26', '//a', '//a@']) {
  test(`twice as many of ${field} take twice as many looks at a character, not four times`, (t) => {
    const includes = t.mock.method(String.prototype, 'includes')
    const matches = t.mock.method(RegExp.prototype, 'test')
    const looksAt = (count: number): number => {
      const before = includes.mock.callCount() + matches.mock.callCount()
      withoutSignInValues(field.repeat(count))
      return includes.mock.callCount() + matches.mock.callCount() - before
    }
    const [once, twice] = [looksAt(200), looksAt(400)]
    assert.ok(twice <= 2.1 * once, `${once}, ${twice}`)
  })
}

test('an address that is made to be slow is read all the same', () => {
  for (const part of [
    '%',
    '%25',
    '//',
    '%2F%2F',
    '?state',
    '%3',
    '&',
    'state=%26',
    '//a@',
    '%252F/',
    '?a[',
    '2',
    '%u00',
  ]) {
    withoutSignInValues(part.repeat(65_536 / part.length))
  }
})
