import type { Scenario } from '../../test/judged.ts'
import { appName, goodApp, onApp, run } from '../../test/judged.ts'
import { appFlow, control, http, limit, tcp, tls } from '../../test/observed.ts'

const origin = `https://${appName}:8443`
const known = { apps: { payroll: { url: origin, redirectUris: [] } } }

const answer = (path: string, location?: string, over: object = {}) =>
  http('response', {
    url: `${origin}${path}`,
    address: '10.1.0.20',
    status: location === undefined ? 200 : 302,
    headers: location === undefined ? {} : { location },
    body: { kind: 'empty', bytes: 0, members: {} },
    ...over,
  })

/** An app, as the probe follows it: what each path that was asked sends on to. */
const visit = (
  [first, ...next]: readonly (readonly [path: string, location?: string, over?: object])[],
  ...more: readonly ReturnType<typeof control>[]
) => [onApp, goodApp, answer(...(first ?? ['/'])), ...next.map((one) => control('path', answer(...one))), ...more]

const loop = {
  flow: appFlow(),
  known,
  verdict: 'blocked',
  cause: 'redirect-loop',
  owner: 'app',
  alternatives: [],
} as const satisfies Partial<Scenario>
const well = { flow: appFlow(), known, verdict: 'open' } as const satisfies Partial<Scenario>
const endless = (count: number) =>
  visit(Array.from({ length: count }, (_, at) => [`/?turn=${at}`, `/?turn=${at + 1}`] as const))

const circle = [
  ['/', '/'],
  ['/', '/'],
] as const
const onward = { address: '10.1.0.20', port: 8443 }

run([
  {
    ...loop,
    name: 'an app that sends to itself, cookies or not, lets nobody in',
    seen: visit([
      ['/', '/'],
      ['/', `${origin}/`],
    ]),
    confidence: 'certain',
    says: /in a circle \(\/\), with the cookies that it sets as well; the path is open/,
    fix: /X-Forwarded-Proto/,
    decidedBy: ['e3', 'e4'],
  },
  {
    ...loop,
    name: 'so does one whose pages send to each other',
    seen: visit([
      ['/', '/a'],
      ['/a', '/'],
      ['/', '/a'],
      ['/a', '/'],
    ]),
    confidence: 'certain',
    says: /in a circle \(\/ and \/a\)/,
  },
  {
    ...loop,
    name: 'and one that knows itself by the planned port, where another is mapped',
    seen: visit([
      ['/', `https://${appName}/`],
      ['/', `https://${appName}/`],
    ]),
    confidence: 'certain',
  },
  {
    ...loop,
    name: 'an app that sends on and on, each time to another address, is possibly one without end',
    seen: endless(9),
    confidence: 'possible',
    says: /has sent on within itself 9 times/,
    nextProbe: /in a browser$/,
  },
  { ...well, name: 'one that sends on for a while and was followed no further is not accused', seen: endless(8) },
  {
    ...well,
    name: 'an app that only looks whether cookies are kept is none',
    seen: visit([['/', '/'], ['/']]),
  },
  {
    ...well,
    name: 'one that asks for its sign-in in the end is none',
    seen: visit([
      ['/', '/'],
      [
        '/',
        'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
        { signIn: { protocol: 'openid-connect', by: 'redirect', endpoint: 'https://login.microsoftonline.com/x' } },
      ],
    ]),
  },
  {
    ...well,
    name: 'one that sends on to another host in the end is none',
    seen: visit([
      ['/', '/'],
      ['/', 'https://portal.corp.example/'],
    ]),
  },
  {
    ...well,
    name: 'one that was not asked again proves nothing',
    seen: visit([['/', '/']]),
  },
  {
    ...well,
    name: 'one that does not answer when it is asked again proves nothing',
    seen: visit([['/', '/']], control('path', http('timeout', { url: `${origin}/`, address: '10.1.0.20' }))),
  },
  ...(
    [
      ['whose next page was not connected to', control('path', tcp('timeout', onward))],
      ['whose next page was refused', control('path', tcp('refused', onward))],
      ['whose next page was not asked for to the end', control('path', tcp('aborted', onward))],
      ['whose next handshake was cut', control('path', tls('reset', onward))],
    ] as const
  ).map(([what, cut]) => ({
    ...well,
    name: `a visit ${what} is cut short by the network, and proves nothing of the app`,
    seen: visit(circle, cut),
  })),
  {
    flow: appFlow(),
    known,
    name: 'one that ended because its time was over proves nothing of the app',
    seen: visit(circle, limit('question-budget', 'the time for one question (12.0 s) was over')),
    verdict: 'open',
  },
  {
    ...well,
    name: 'the same of a service that is no own app is told by what it publishes alone',
    flow: appFlow({ toRole: 'entra-id' }),
    known: {},
    seen: visit([
      ['/', '/'],
      ['/', '/'],
    ]),
  },
])
