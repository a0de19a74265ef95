/** Answers of services in their own protocols, for properties of the judgement: all kinds, with what may be left out left out at times. */
import fc from 'fast-check'
import type { ServiceAnswer } from '../src/model/serviceAnswer.ts'
import { kerberosError, netlogon, rootDse, smb } from './controllers.ts'

export const interfaces = fc.constantFrom('epm', 'drsuapi', 'netlogon', 'lsarpc', '')
const skews = fc.constantFrom(0, -90_000, 3_600_000, Number.MAX_SAFE_INTEGER)
export const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined })
const word = fc.constantFrom('corp.example', 'OTHER.EXAMPLE', 'dc01.corp.example', 'dc02.corp.example', 'HQ', '')
const kerberosErrors = fc
  .record({ code: fc.constantFrom(6, 25, 37, 52, 68, 255), realm: word, skewMs: skews, resultCode: maybe(fc.nat(5)) })
  .map(kerberosError as (over: object) => ServiceAnswer)
const tickets = word.map((realm): ServiceAnswer => ({ kind: 'kerberos-reply', realm }))
export const rootDses = fc
  .record({
    activeDirectory: fc.boolean(),
    dnsHostName: maybe(word),
    domain: maybe(word),
    forest: maybe(word),
    site: maybe(word),
    skewMs: maybe(skews),
    synchronized: maybe(fc.boolean()),
    globalCatalogReady: maybe(fc.boolean()),
  })
  .map(rootDse as (over: object) => ServiceAnswer)
export const netlogons = fc
  .record({
    state: fc.constantFrom('up' as const, 'paused' as const),
    domain: fc.oneof(fc.constant('corp.example'), word),
    forest: word,
    host: word,
    site: word,
    clientSite: fc.oneof(fc.constant(''), word),
    flags: fc.subarray(['gc', 'kdc', 'writable', 'ws', 'closest']),
  })
  .map(netlogon)
export const noNetlogons = maybe(word).map(
  (asked): ServiceAnswer => ({ kind: 'no-netlogon', ...(asked !== undefined && { asked }) }),
)
/** One of each kind that comes over a connection, with what may be left out left out at times. */
export const serviceAnswers = fc.oneof(
  kerberosErrors,
  tickets,
  interfaces.map((name): ServiceAnswer => ({ kind: 'rpc-bound', interface: name })),
  fc
    .tuple(interfaces, fc.constantFrom('abstract_syntax_not_supported', ''))
    .map(([name, reason]): ServiceAnswer => ({ kind: 'rpc-refused', interface: name, reason })),
  interfaces.map((name): ServiceAnswer => ({ kind: 'rpc-fault', interface: name, status: 5 })),
  fc
    .tuple(interfaces, fc.array(fc.constantFrom(49_152, 49_153, 49_154), { maxLength: 3 }))
    .map(([name, at]): ServiceAnswer => ({ kind: 'endpoint', interface: name, ports: at })),
  interfaces.map((name): ServiceAnswer => ({ kind: 'no-endpoint', interface: name, status: 0 })),
  rootDses,
  fc.constantFrom(0, 1, 8, 52).map((code): ServiceAnswer => ({ kind: 'ldap-result', code })),
  fc.constantFrom('required' as const, 'enabled' as const, 'none' as const).map((signing) => smb({ signing })),
  fc.constantFrom<ServiceAnswer>(
    { kind: 'smb-refused', why: 'it speaks SMB 1 only' },
    { kind: 'framing', said: 'upgrade' },
    { kind: 'framing', said: 'acknowledged' },
    { kind: 'framing', said: 'fault', fault: 'EndpointNotFound' },
    { kind: 'framing', said: 'fault', fault: 'EndpointPaused' },
    { kind: 'framing', said: 'fault', fault: 'ServerTooBusy' },
    { kind: 'framing', said: 'fault' },
    { kind: 'amqp', mechanisms: [] },
    { kind: 'amqp-other', offered: 'AMQP 0-9-1' },
    { kind: 'tds', version: '16.0.1000', encryption: 'required' },
  ),
)
export const datagramAnswers = fc.oneof(
  kerberosErrors,
  tickets,
  netlogons,
  noNetlogons,
  fc.constant<ServiceAnswer>({ kind: 'ldap-result', code: 1 }),
)
export const managementAnswers = fc
  .constantFrom('identified' as const, 'sign-in' as const, 'not-registered' as const, 'fault' as const)
  .map((told): ServiceAnswer => ({ kind: 'ws-management', said: told }))
