import type { Scenario } from '../../test/judged.ts'
import { run } from '../../test/judged.ts'
import { again, bound, context, flowOf, lookup, mapped, mapping, said, service, tcp } from '../../test/observed.ts'
import { commandLine } from '../model/flow.ts'

const target = { port: null, range: { first: 49_152, last: 65_535 }, service: 'rpc' } as const
const range = flowOf({ flow: 't1-rpc-dynamic', target })
const mapper = flowOf({ flow: 't1-rpc-epm', target: { port: 135, service: 'epm' } })
/** `epm://10.1.0.5`, typed: nothing else in the check judges what it names. */
const typed = flowOf({ flow: 'epm://10.1.0.5', target: { port: 135, service: 'epm' }, source: commandLine })
const on = (port: number) => tcp('connected', { port })
const bindsAt = (outcome: Parameters<typeof service>[0], port: number, over: Parameters<typeof service>[1] = {}) =>
  service(outcome, { asked: 'rpc-bind', of: 'drsuapi', port, ...over })
const named = [on(135), bound('epm'), mapped('drsuapi', 49_153), mapped('netlogon', 49_152)]
const notRegistered = (name: string) =>
  mapping(name, { kind: 'no-endpoint', interface: name, status: 0x16c9_a0d6, name: 'EPT_S_NOT_REGISTERED' })
const denied = mapping('drsuapi', { kind: 'rpc-fault', interface: 'drsuapi', status: 5, name: 'access_denied' })
const blockedAt = (outcome: 'timeout' | 'refused' | 'host-unreachable') => [
  ...named,
  tcp(outcome, { port: 49_153 }),
  on(49_152),
  bound('netlogon', 49_152),
]

const scenarios: readonly Scenario[] = [
  {
    name: 'every named port is bound: the range is open where it is needed',
    flow: range,
    seen: [...named, on(49_153), on(49_152), bound('drsuapi', 49_153), bound('netlogon', 49_152)],
    verdict: 'open',
    confidence: 'certain',
    says: /^49152-65535\/tcp on dc01 is open at the ports that are served: bound are netlogon on 49152, drsuapi on 49153$/,
    decidedBy: ['e1', 'e3', 'e4', 'e7', 'e8'],
  },
  {
    name: 'an interface that is not served there accuses nobody',
    flow: range,
    seen: [on(135), bound('epm'), notRegistered('netlogon'), mapped('samr', 49_154), on(49_154), bound('samr', 49_154)],
    verdict: 'open',
    confidence: 'certain',
  },
  {
    name: 'a named port that is silent while the mapper answers is filtered, and the fix names what was seen',
    flow: range,
    seen: blockedAt('timeout'),
    verdict: 'blocked',
    cause: 'rpc-dynamic-blocked',
    confidence: 'likely',
    owner: 'firewall',
    says: /^135\/tcp on dc01 answers and names drsuapi on 49153: 49153 is silent for 3\.0 s, and 49152 is open$/,
    fix: /^allow tcp 10\.1\.0\.10 -> 10\.1\.0\.5:49152-65535, or pin the services to fixed ports \(now drsuapi on 49153\) and allow those$/,
  },
  {
    name: 'a named port that is refused may be the host itself',
    flow: range,
    seen: blockedAt('refused'),
    verdict: 'blocked',
    cause: 'rpc-dynamic-blocked',
    confidence: 'likely',
    alternatives: ['refused-by-host', 'refused-by-firewall'],
  },
  {
    name: 'a named port that is open the second time is not blocked',
    flow: range,
    seen: [
      ...named,
      tcp('timeout', { port: 49_153 }),
      again(on(49_153)),
      again(bound('drsuapi', 49_153)),
      on(49_152),
      bound('netlogon', 49_152),
    ],
    verdict: 'open',
    confidence: 'certain',
  },
  {
    name: 'the flow to the mapper itself is not accused of a port that it names',
    flow: mapper,
    seen: blockedAt('timeout'),
    verdict: 'open',
    confidence: 'certain',
  },
  {
    name: 'a mapper that was typed is not open while a port that it names is silent',
    flow: typed,
    seen: blockedAt('timeout'),
    verdict: 'blocked',
    cause: 'rpc-dynamic-blocked',
    confidence: 'likely',
    owner: 'firewall',
    says: /^135\/tcp on dc01 answers and names drsuapi on 49153: 49153 is silent for 3\.0 s, and 49152 is open$/,
    fix: /^allow tcp 10\.1\.0\.10 -> 10\.1\.0\.5:49152-65535, or pin/,
    nextProbe: /port 49153/,
  },
  {
    name: 'a mapper that was typed is not open while a port that it names refuses',
    flow: typed,
    seen: blockedAt('refused'),
    verdict: 'blocked',
    cause: 'rpc-dynamic-blocked',
    confidence: 'likely',
    alternatives: ['refused-by-host', 'refused-by-firewall'],
  },
  {
    name: 'a mapper that was typed is open with every port bound that it names',
    flow: typed,
    seen: [...named, on(49_153), on(49_152), bound('drsuapi', 49_153), bound('netlogon', 49_152)],
    verdict: 'open',
    confidence: 'certain',
    says: /^135\/tcp on dc01 is an RPC endpoint mapper and names ports: netlogon on 49152, drsuapi on 49153; the range is open at the ports that are served: bound are netlogon on 49152, drsuapi on 49153$/,
  },
  {
    name: 'a mapper that was typed and names a port which leaves a bind without an answer is not proven to the end',
    flow: typed,
    seen: [on(135), bound('epm'), mapped('drsuapi', 49_153), on(49_153), bindsAt('timeout', 49_153)],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /^135\/tcp on dc01 names ports, and one of them is not proven: drsuapi on 49153 take connections/,
  },
  {
    name: 'another service at a port that a typed mapper names is held against RPC',
    flow: typed,
    seen: [...named, on(49_153), bindsAt('other-protocol', 49_153, { firstOctets: 'HTTP/1.1 400 Bad Request' })],
    verdict: 'wrong',
    cause: 'not-the-service',
    says: /^49153\/tcp on dc01 speaks HTTP where RPC belongs/,
  },
  {
    name: 'a mapper that was typed and denies strangers its answer is reached all the same',
    flow: typed,
    seen: [on(135), bound('epm'), denied],
    verdict: 'open',
    confidence: 'certain',
    says: /policy, not network$/,
  },
  {
    name: 'what answers at a named port and is no DCE/RPC is another service',
    flow: range,
    seen: [...named, on(49_153), bindsAt('other-protocol', 49_153, { firstOctets: 'HTTP/1.1 400 Bad Request' })],
    verdict: 'wrong',
    cause: 'not-the-service',
    confidence: 'certain',
    says: /^49153\/tcp on dc01 speaks HTTP where RPC belongs: "HTTP\/1\.1 400 Bad Request"; the endpoint mapper names that port for drsuapi$/,
  },
  {
    name: 'a named port that lets nobody bind passes the network',
    flow: range,
    seen: [
      on(135),
      bound('epm'),
      mapped('drsuapi', 49_153),
      on(49_153),
      said(
        { kind: 'rpc-refused', interface: 'drsuapi', reason: 'x' },
        { asked: 'rpc-bind', of: 'drsuapi', port: 49_153 },
      ),
    ],
    verdict: 'open',
    confidence: 'likely',
  },
  {
    name: 'a named port that takes the connection and not the bind leaves open who is to blame',
    flow: range,
    seen: [on(135), bound('epm'), mapped('drsuapi', 49_153), on(49_153), bindsAt('timeout', 49_153)],
    verdict: 'unknown',
    cause: 'undetermined',
    alternatives: ['silent-service', 'payload-dropped', 'rpc-dynamic-blocked'],
  },
  {
    name: 'a mapper that denies strangers its answer is a policy, and no trouble of the network',
    flow: range,
    seen: [on(135), bound('epm'), denied],
    verdict: 'unknown',
    cause: 'epm-restricted',
    confidence: 'likely',
    says: /\(access_denied\): policy, not network$/,
  },
  {
    name: 'a mapper that names no port of any interface is told alike',
    flow: range,
    seen: [on(135), bound('epm'), notRegistered('drsuapi'), notRegistered('samr')],
    verdict: 'unknown',
    cause: 'epm-restricted',
    confidence: 'likely',
  },
  {
    name: 'a mapper that refuses the bind itself is told alike',
    flow: range,
    seen: [
      on(135),
      said(
        { kind: 'rpc-refused', interface: 'epm', reason: 'local_limit_exceeded' },
        { asked: 'rpc-bind', of: 'epm', port: 135 },
      ),
    ],
    verdict: 'unknown',
    cause: 'epm-restricted',
    confidence: 'likely',
    says: /local limit exceeded/,
  },
  {
    name: 'DCE/RPC without an endpoint mapper is no policy of one',
    flow: range,
    seen: [
      on(135),
      said(
        { kind: 'rpc-refused', interface: 'epm', reason: 'provider_rejection: abstract_syntax_not_supported' },
        { asked: 'rpc-bind', of: 'epm', port: 135 },
      ),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /135\/tcp on dc01 speaks DCE\/RPC and is no endpoint mapper, so that the ports are unknown$/,
  },
  {
    name: 'a mapper that is bound and then silent leaves open why',
    flow: range,
    seen: [on(135), bound('epm'), service('timeout', { asked: 'endpoint-map', of: 'drsuapi', port: 135 })],
    verdict: 'unknown',
    cause: 'undetermined',
    alternatives: ['epm-restricted', 'payload-dropped', 'silent-service'],
  },
  {
    name: 'a mapper that is not reached leaves the ports unknown, and the range accuses nobody',
    flow: range,
    seen: [
      tcp('timeout', { port: 135 }),
      again(tcp('timeout', { port: 135 })),
      context(tcp('connected', { port: 389 })),
    ],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /could not be asked: the endpoint mapper alone says which of these ports are served, and 135\/tcp on the same host gives no answer$/,
    fix: /^mend 135\/tcp first$/,
    decidedBy: ['e1', 'e2'],
  },
  {
    name: 'the flow to the mapper has the cause',
    flow: mapper,
    seen: [
      tcp('timeout', { port: 135 }),
      again(tcp('timeout', { port: 135 })),
      context(tcp('connected', { port: 389 })),
    ],
    verdict: 'blocked',
    cause: 'filtered-silently',
  },
  {
    name: 'a mapper that speaks another protocol leaves the ports unknown',
    flow: range,
    seen: [on(135), service('other-protocol', { asked: 'rpc-bind', of: 'epm', port: 135, firstOctets: 'SSH-2.0-x' })],
    verdict: 'unknown',
    cause: 'undetermined',
    says: /135\/tcp on the same host speaks another protocol$/,
  },
  {
    name: 'a name that does not resolve is a matter of the name, also for a range',
    flow: flowOf({ target: { ...target, name: 'dc01.corp.example' } }),
    seen: [lookup('name-error', { name: 'dc01.corp.example', authoritative: true })],
    verdict: 'blocked',
    cause: 'name-missing',
  },
]

run(scenarios)
