/** Cases of every kind for properties of the judgement: what cannot have been seen together is among them as well. */
import fc from 'fast-check'
import type { Case } from '../src/diagnose/case.ts'
import { clouds } from '../src/model/cloud.ts'
import type { Flow } from '../src/model/flow.ts'
import { necessities } from '../src/model/flow.ts'
import type { Observation } from '../src/model/observation.ts'
import type { JudgementContext } from '../src/model/report.ts'
import { services } from '../src/model/service.ts'
import type { SignInRequest } from '../src/model/signInRequest.ts'
import { netlogons, noNetlogons, rootDses } from './anyAnswer.ts'
import type { Drafts } from './anyObservation.ts'
import {
  addresses,
  connection,
  datagram,
  farewells,
  filed,
  handshake,
  httpExchange,
  mostly,
  names,
  packetEvidence,
  pathTrace,
  ports,
  segments,
  serviceExchange,
  times,
  unfiled,
} from './anyObservation.ts'
import { flowOf, leaf } from './observed.ts'

const observations = filed(fc.array(unfiled, { maxLength: 12 }))

const flow: fc.Arbitrary<Flow> = fc
  .record({
    name: fc.option(names, { nil: undefined }),
    address: fc.option(addresses, { nil: undefined }),
    port: fc.option(ports, { nil: null }),
    transport: mostly('tcp' as const, 'udp' as const, 'icmp' as const),
    service: fc.constantFrom(...services),
    necessity: fc.constantFrom(...necessities),
    expect: mostly('open' as const, 'open' as const, 'open' as const, 'closed' as const),
    direction: fc.constantFrom('internal' as const, 'outbound-internet' as const),
    via: mostly<string | undefined>(undefined, 'egress'),
    toRole: fc.constantFrom(...(['domain-controller', 'entra-id', 'published-app', 'adfs', 'wap'] as const)),
    undialled: fc.option(fc.constant('no name to try'), { nil: undefined }),
  })
  .map(({ name, address, undialled, port, transport, service, via, ...parts }) => {
    const target = { port, transport, service }
    const given = {
      ...(name !== undefined && { name }),
      ...(address !== undefined && { address }),
      ...(undialled !== undefined && { undialled }),
    }
    return { ...flowOf(parts), ...(via !== undefined && { via }), target: { ...target, ...given } }
  })

const context: fc.Arbitrary<JudgementContext> = fc.record({
  judgedAt: times,
  cloud: fc.constantFrom(...clouds),
  domain: fc.constantFrom('corp.example', ''),
  forest: mostly('corp.example', 'root.example'),
  trusted: fc.subarray(['AA', 'BB']),
  names: fc.constantFrom<Readonly<Record<string, string>>>(
    {},
    { 'login.microsoftonline.com:443': ':9443' },
    { '': '' },
  ),
})

// What chance alone would hardly bring together: a flow at one place, what is seen there, and strangers as everywhere.
const place = { address: '10.1.0.5', port: 443 } as const
const straight = { through: undefined, proxy: undefined } as const
const own = fc.constantFrom({ role: 'probe', varies: undefined }, { role: 'repeat', varies: undefined })
const firstOf = { role: 'probe', varies: undefined } as const
const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> =>
  fc.array(arbitrary, { minLength: 1, maxLength: 3 })
const together = (...parts: readonly Drafts[]): fc.Arbitrary<readonly Observation[]> =>
  filed(fc.tuple(...parts, fc.array(unfiled, { maxLength: 2 })).map((lists) => lists.flat()))

const flowAt = (target: Partial<Flow['target']>): fc.Arbitrary<Flow> =>
  flow.map(({ via: _, ...one }) => ({
    ...one,
    expect: 'open',
    target: { name: 'app01.corp.example', transport: 'tcp', service: 'https', ...place, ...target },
  }))

const unanswered = fc.tuple(handshake, some(own)).map(([one, roles]) => {
  const { hello: _, ...offered } = one.offered
  return roles.map((role) => ({ ...one, ...role, ...place, ...straight, offered, outcome: 'timeout', bytesIn: 0 }))
})
const left = { role: 'control', varies: 'payload', outcome: 'connected' } as const
const leavings = fc.tuple(some(connection), farewells, farewells).map(([connections, wordless, brief]) =>
  connections.map((one, at) => ({
    ...{ ...one, ...place, ...straight, ...left },
    farewell: at % 2 === 0 ? { ...wordless, heldMs: undefined, bytesOut: 0 } : brief,
  })),
)
const failing = fc
  .tuple(connection, own, mostly('timeout', 'host-unreachable', 'net-unreachable', 'admin-prohibited'))
  .map(([one, role, outcome]) => ({ ...one, ...role, ...place, ...straight, outcome }))
const neighbour = connection.map((one) => ({
  ...one,
  ...straight,
  role: 'context',
  varies: undefined,
  address: '10.1.0.6',
}))
const fromElsewhere = connection.map((one) => ({ ...one, ...place, ...straight, role: 'control', varies: 'source' }))
const known = fc.option(fc.constant({ chain: [leaf('app01.corp.example', 'Corp CA')], anchoredIn: ['machine'] }), {
  nil: undefined,
})
const signInPorts = mostly(49443, 443, 8443)
const wellShaken = fc.tuple(handshake, own, signInPorts, known).map(([one, role, port, chain]) => ({
  ...{ ...one, ...role, ...place, ...straight, port, outcome: 'established', nameMatches: true },
  ...chain,
}))

/** A connection stands, and no handshake on it is answered; how such connections are left is seen. */
const silences = fc.record({ flow: flowAt({}), observations: together(unanswered, leavings), context })
/** A connection fails, others may do better, and it may be made from other addresses of this machine as well. */
const sources = fc.record({
  flow: flowAt({}),
  observations: together(
    some(failing),
    fc.array(neighbour, { maxLength: 2 }),
    fc.array(fromElsewhere, { maxLength: 3 }),
  ),
  context,
})
/** A connection fails, and packets show how. */
const capturedCases = fc.record({
  flow: flowAt({}),
  observations: together(
    some(failing),
    fc.array(neighbour, { maxLength: 2 }),
    some(packetEvidence.map((one) => ({ ...one, address: place.address }))),
  ),
  context,
})
/** A connection fails, and the path to its host was traced. */
const tracedCases = fc.record({
  flow: flowAt({}),
  observations: together(
    some(failing),
    fc.array(neighbour, { maxLength: 2 }),
    some(pathTrace.map((one) => ({ ...one, address: place.address }))),
  ),
  context,
})
/** A handshake that is done, where people sign in with a certificate or elsewhere. */
const signIns = fc.record({
  flow: signInPorts.chain((port) => flowAt({ port })),
  observations: together(some(wellShaken)),
  context,
})

const redirectUris = fc.constantFrom(
  'https://app01.corp.example/signin-oidc',
  'http://app01.corp.example/signin-oidc',
  'https://localhost:5001/signin-oidc',
  'https://10.1.0.9:8443/signin-oidc',
  'no uri',
  undefined,
)
const signInRequests: fc.Arbitrary<SignInRequest> = fc
  .record({
    protocol: fc.constantFrom('openid-connect' as const, 'ws-federation' as const, 'saml' as const),
    by: fc.constantFrom('redirect' as const, 'form' as const),
    endpoint: fc.constantFrom(
      'https://login.microsoftonline.com/00001111-aaaa-2222-bbbb-3333cccc4444/oauth2/v2.0/authorize',
      'https://login.microsoftonline.us/common/oauth2/v2.0/authorize',
      'https://idp.corp.example/authorize',
      'no endpoint',
    ),
    clientId: fc.constantFrom('00001111-aaaa-2222-bbbb-3333cccc5555', 'urn:app', undefined),
    redirectUri: redirectUris,
  })
  .map(({ clientId, redirectUri, ...one }) => ({
    ...one,
    ...(clientId !== undefined && { clientId }),
    ...(redirectUri !== undefined && { redirectUri }),
  }))
const ownApps: fc.Arbitrary<NonNullable<JudgementContext['apps']>> = fc
  .record({
    url: fc.constantFrom('https://app01.corp.example', 'https://app01.corp.example:8443/app', 'no url'),
    redirectUris: fc.subarray(['https://app01.corp.example/signin-oidc', 'no uri']),
    client: fc.constantFrom('00001111-aaaa-2222-bbbb-3333cccc5555', '00001111-aaaa-2222-bbbb-3333cccc6666'),
    issuer: fc.constantFrom(
      'https://login.microsoftonline.com/00001111-aaaa-2222-bbbb-3333cccc7777/v2.0',
      'https://idp.corp.example',
      'no issuer',
      undefined,
    ),
  })
  .map(({ issuer, ...app }) => ({ app01: { ...app, ...(issuer !== undefined && { issuer }) } }))
/** An own app that answers, and sends its users to sign in. */
const appSignIns = fc.record({
  flow: flowAt({}).map((one): Flow => ({ ...one, toRole: 'published-app', fromRole: 'user-client' })),
  observations: together(
    some(
      fc.tuple(httpExchange, own, signInRequests).map(([one, role, signIn]) => ({
        ...{ ...one, ...role, ...straight, address: place.address, method: 'GET', outcome: 'response', status: 302 },
        upgrade: undefined,
        answer: undefined,
        headers: {},
        signIn,
      })),
    ),
  ),
  context: fc
    .tuple(context, fc.option(ownApps, { nil: undefined }), mostly('00001111-aaaa-2222-bbbb-3333cccc4444', 'corp'))
    .map(([one, apps, tenant]) => ({ ...one, tenant, ...(apps !== undefined && { apps }) })),
})

/** A service of a domain controller, or its range of ports, with answers at the place and beside it. */
const spoken = fc
  .constantFrom('epm', 'rpc', 'adws', 'ldap', 'ldaps', 'kerberos', 'cldap', 'smb', 'gc', 'winrm')
  .chain((service) =>
    fc.record({
      flow: flowAt({ service: service as Flow['target']['service'], port: service === 'rpc' ? null : place.port }),
      observations: together(
        some(
          fc
            .tuple(serviceExchange, own)
            .map(([one, role]) => ({ ...one, ...role, ...straight, address: place.address })),
        ),
        some(
          fc.tuple(connection, own).map(([one, role]) => ({ ...one, ...role, ...straight, address: place.address })),
        ),
      ),
      context,
    }),
  )

/** A connection is refused, and packets show by whom, beside those of a connection that stands. */
const capturedRefusals = fc.record({
  flow: flowAt({}),
  observations: together(
    fc.tuple(connection).map(([one]) => [{ ...one, ...place, ...straight, ...firstOf, outcome: 'refused' }]),
    fc.tuple(packetEvidence, packetEvidence, segments, segments).map(([refused, stands, rst, synAck]) => [
      { ...refused, ...place, ...firstOf, of: 'e1', synAck: undefined, rst: { ...rst, before: 'syn-ack' }, icmp: [] },
      { ...stands, address: place.address, of: 'none', synAck, role: 'context', varies: undefined },
    ]),
  ),
  context,
})
/** A controller that says who it is, over a connection or by datagram. */
const controllers = fc
  .constantFrom('ldap' as const, 'ldaps' as const, 'gc' as const, 'cldap' as const)
  .chain((service) => {
    const isDatagram = service === 'cldap'
    const answers = isDatagram
      ? fc.tuple(datagram, fc.oneof(netlogons, noNetlogons))
      : fc.tuple(serviceExchange, rootDses)
    return fc.record({
      flow: flowAt({ service, name: 'dc01.corp.example', transport: isDatagram ? 'udp' : 'tcp' }).map(
        (one): Flow => ({ ...one, to: 'dc01', toRole: 'domain-controller' }),
      ),
      observations: together(
        some(
          fc
            .tuple(answers, own)
            .map(([[one, answer], role]) => ({ ...one, ...role, ...straight, ...place, outcome: 'answer', answer })),
        ),
        fc.array(
          serviceExchange.map((one) => ({ ...one, ...straight, ...place, role: 'context' })),
          { maxLength: 2 },
        ),
      ),
      context: context.map((one) => ({ ...one, domain: 'corp.example', names: {} })),
    })
  })
/** An endpoint mapper that names a port, and what comes of that port. */
const ranges = fc.record({
  flow: flowAt({ service: 'rpc', port: null }),
  observations: together(
    serviceExchange.map((one) => [
      {
        ...{ ...one, ...straight, ...firstOf, address: place.address, port: 135, outcome: 'answer' },
        answer: { kind: 'endpoint', interface: 'drsuapi', ports: [49_153] },
      },
    ]),
    some(connection.map((one) => ({ ...one, ...straight, ...firstOf, address: place.address, port: 49_153 }))),
  ),
  context,
})

const anything = fc.record({ flow, observations, context })
/** Half of them by chance alone, half at places where rare things come together. */
export const anyCase: fc.Arbitrary<Case> = fc.oneof(
  { weight: 3, arbitrary: anything },
  silences,
  sources,
  capturedCases,
  tracedCases,
  signIns,
  capturedRefusals,
  controllers,
  ranges,
  appSignIns,
  spoken,
)
